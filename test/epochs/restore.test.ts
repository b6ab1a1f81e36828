// The rows move to a fresh cluster whose transactions count from the beginning, as a dump that is restored.
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import { ensureEpoch, epochWatch } from '../../src/core/events/epoch.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { allowLocal, openReceiver, testEngine, testHook } from '../harness/receiver.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { call, serverOn } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { listen } from '../harness/stream.ts'
import { dropClusters, fill, openCluster } from './clusters.ts'

/** Copies all rows and the places of the sequences, by files that both servers can reach. */
async function moveRows(from: Database, to: Database) {
  const folder = join(await newScratch(), 'rows')
  await mkdir(folder)
  for (const path of [join(folder, '..'), folder]) await chmod(path, 0o777)
  const tables = await from.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  )
  await to.query(`truncate ${tables.map(({ name }) => name).join(', ')}`)
  for (const { name } of tables) await from.query(`copy ${name} to '${folder}/${name}'`)
  await to.begin(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    for (const { name } of tables) await tx.query(`copy ${name} from '${folder}/${name}'`)
  })
  const places = await from.query<{ name: string; place: bigint }>(
    'select sequencename as name, last_value as place from pg_sequences where last_value is not null',
  )
  for (const { name, place } of places)
    await to.query('select setval($1::regclass, $2)', [name, place])
  await dropScratch(join(folder, '..'))
}

describe.skipIf(process.platform !== 'linux')(
  'in a fresh cluster',
  { timeout: 300_000 },
  async () => {
    afterAll(dropClusters)
    const receiver = await openReceiver()

    it('readers, streams, webhooks and numbers go on', async () => {
      const old = await openCluster()
      await fill(old)
      const server = await serverOn(old.url, allowLocal)
      // Its counter is far ahead of a fresh one.
      await server.db.query(
        'do $$ begin for i in 1..5000 loop perform pg_current_xact_id(); commit; end loop; end $$',
      )
      const hook = await testHook(server, { url: receiver.url })
      const service = await ownService(server.db, { numbers: 100 })
      const buyFive = async (at: typeof server) => {
        const ids: string[] = []
        for (let count = 0; count < 5; count++) {
          const wanted = { service: service.slug, country: service.country }
          ids.push(String((await call(at, hook.key, 'POST', '/v1/orders', wanted)).body.id))
        }
        return ids
      }
      const stream = await listen(server, hook.key, '/v1/events')
      const kept = await buyFive(server)
      await testEngine(server.app).deliver()
      const told = await stream.until(5)

      const fresh = await openCluster()
      const rows = openDatabase({ url: fresh.url, poolSize: 2 })
      await migrate(rows)
      await moveRows(server.db, rows)
      const lost = await buyFive(server)
      expect(await ensureEpoch(rows, new Date())).toEqual({ epoch: 2, reason: 'another cluster' })
      expect(await ensureEpoch(rows, new Date())).toBeNull()
      await rows.end()

      const restored = await serverOn(fresh.url, allowLocal)
      const again = await listen(restored, hook.key, '/v1/events', {
        'last-event-id': String(told[2]?.id),
      })
      receiver.received.length = 0
      const after = await buyFive(restored)
      const orders = (await again.until(7)).map(({ data }) => data.id)
      expect(orders).toEqual([...kept.slice(3), ...after])
      await testEngine(restored.app).deliver()
      const pushed = receiver.received.map(({ body }) => JSON.parse(body).data.id)
      expect(pushed.sort()).toEqual(after.toSorted())
      expect(new Set([...kept, ...lost, ...after]).size).toBe(15)
      const { checks } = await audit(restored.db, restored.app.now())
      expect(checks.filter(({ ok }) => !ok)).toEqual([])
    })

    it('it is noticed even if only the counter tells', async () => {
      const cluster = await openCluster()
      await fill(cluster)
      const db = openDatabase({ url: cluster.url, poolSize: 2 })
      const watch = epochWatch(db)
      expect(await watch.check(new Date())).toBeNull()
      await db.query(`insert into events (xid, account_id, type, created_at)
      values ('90000', 1, 'order.created', now())`)
      const reason = 'the server’s transactions are behind what is stored'
      expect(await watch.check(new Date())).toEqual({ epoch: 2, reason })
      expect(await watch.check(new Date())).toBeNull()
      await db.end()
    })
  },
)
