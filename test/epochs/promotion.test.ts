// A standby is promoted that lacks the primary's last transactions: what follows is told in order, once, and
// under numbers that name nothing else.
import { afterAll, describe, expect, it } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import { ensureEpoch } from '../../src/core/events/epoch.ts'
import { openDatabase } from '../../src/db/database.ts'
import { allowLocal, openReceiver, testEngine, testHook } from '../harness/receiver.ts'
import { call, serverOn } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { listen } from '../harness/stream.ts'
import { openSwitchboard } from '../harness/switchboard.ts'
import { dropClusters, fill, openCluster, openStandby, promote, reopenCluster } from './clusters.ts'

/** A server on a database that can be replaced behind it, with a customer, a webhook and stock. */
async function openPlatform() {
  const before = await openCluster()
  await fill(before)
  const switchboard = await openSwitchboard(before.url)
  afterAll(() => switchboard.close())
  const server = await serverOn(switchboard.url, allowLocal)
  const receiver = await openReceiver()
  const hook = await testHook(server, { url: receiver.url })
  const service = await ownService(server.db, { numbers: 100 })
  const engine = testEngine(server.app)
  const { slug, country } = service
  const buy = () =>
    call<{ id: string }>(server, hook.key, 'POST', '/v1/orders', { service: slug, country })
  return {
    server,
    switchboard,
    engine,
    receiver,
    key: hook.key,
    buy,
    async buyFive() {
      const ids: string[] = []
      for (let count = 0; count < 5; count++) ids.push(String((await buy()).body.id))
      return ids
    },
    makeHook: () =>
      call<{ id: string }>(server, hook.key, 'POST', '/v1/webhooks', {
        url: receiver.url,
        events: ['order.expired'],
      }),
    /** A standby that has everything up to here and nothing after it. */
    async leaveStandbyBehind() {
      await before.stop()
      const standby = await openStandby(before, null)
      const primary = await reopenCluster(before)
      switchboard.switchTo(primary.url)
      return { standby, primary }
    },
  }
}

/** What standbys do: nothing. */
async function expectNoEpoch(url: string) {
  const db = openDatabase({ url, poolSize: 1 })
  expect(await ensureEpoch(db, new Date())).toBeNull()
  await db.end()
}

describe.skipIf(process.platform !== 'linux')(
  'after a promotion',
  { timeout: 300_000 },
  async () => {
    afterAll(dropClusters)
    const platform = await openPlatform()
    const { server, switchboard, engine, receiver, key, buy, buyFive, makeHook } = platform
    const { epochs } = server.app.events

    it('streams, webhooks and ids go on', async () => {
      await epochs.check(new Date())
      const kept = await buyFive()
      await engine.deliver()
      const { standby, primary } = await platform.leaveStandbyBehind()
      const stream = await listen(server, key, '/v1/events')
      const lost = await buyFive()
      const lostHook = await makeHook()
      await stream.until(5)
      await engine.deliver()
      await expectNoEpoch(standby.url)

      await primary.kill()
      await promote(standby)
      switchboard.switchTo(standby.url)

      // Until the epoch has begun, nothing that is told a number is written.
      const refused = [await buy(), await makeHook()]
      expect(refused.map(({ status }) => status)).toEqual([503, 503])
      expect(refused[0]?.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(await epochs.check(new Date())).toEqual({ epoch: 2, reason: 'another timeline' })
      expect(await epochs.check(new Date())).toBeNull()

      const after = await buyFive()
      expect((await makeHook()).body.id).not.toBe(lostHook.body.id)
      const told = await stream.until(10)
      expect(told.map(({ data }) => data.id)).toEqual([...lost, ...after])
      expect(new Set(told.map(({ id }) => id)).size).toBe(10)
      expect(new Set([...kept, ...lost, ...after]).size).toBe(15)

      // Clients that saw a lost event last go on with what follows the lost ones.
      const following = told.slice(5).map(({ id }) => id)
      for (const last of told.slice(2, 5)) {
        const again = await listen(server, key, '/v1/events', { 'last-event-id': last.id })
        expect((await again.until(5)).map(({ id }) => id)).toEqual(following)
        again.stop()
      }

      receiver.received.length = 0
      await engine.deliver()
      const pushed = receiver.received.map(({ body }) => JSON.parse(body).data.id)
      expect(pushed.sort()).toEqual([...after].sort())
      const { checks } = await audit(server.db, server.app.now())
      expect(checks.filter(({ ok }) => !ok)).toEqual([])
    })
  },
)
