// Asynchronous failover under load, again and again: streams and webhooks are complete and in order, and no
// id is given twice.
import { afterAll, describe, expect, it } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { placeOfEventId } from '../../src/core/events/event-id.ts'
import { isAfter, type Place } from '../../src/core/events/tail.ts'
import { parseAmount } from '../../src/core/money.ts'
import { openDatabase } from '../../src/db/database.ts'
import {
  type Cluster,
  dropClusters,
  fill,
  openCluster,
  openStandby,
  promote,
  reopenCluster,
} from '../epochs/clusters.ts'
import { attempts } from '../harness/attempts.ts'
import { testKey } from '../harness/database.ts'
import { eventually, startProgram } from '../harness/program.ts'
import { allowLocal, openReceiver } from '../harness/receiver.ts'
import { call, testSupplier } from '../harness/server.ts'
import { listen, type Told } from '../harness/stream.ts'
import { openSwitchboard } from '../harness/switchboard.ts'
import { Load } from '../promises/crash-load.ts'
import { expectCleanAudit, lots } from '../promises/market.ts'

const rounds = attempts(3, 6)
const answersBeforeKill = 60
const answersAfter = 60

/** Stops a primary, and starts it again with a standby that follows it. */
async function withStandby(of: Cluster) {
  await of.stop()
  let primary = of
  const standby = await openStandby(of, async () => {
    primary = await reopenCluster(of)
    return primary
  })
  return { primary, standby }
}

/** A client that reconnects, from the last event that it has seen. */
function follow(at: { url: string }, key: string) {
  const told: Told[] = []
  let isOver = false
  const run = async () => {
    while (!isOver) {
      const last = told.at(-1)
      const from: Record<string, string> = last ? { 'last-event-id': last.id } : {}
      // While the database changes, it is refused.
      const stream = await eventually(() => listen(at, key, '/v1/events', from).catch(() => null))
      let taken = 0
      const take = () => {
        told.push(...stream.told.slice(taken))
        taken = stream.told.length
      }
      await eventually(async () => {
        take()
        return isOver || !stream.state.isOpen
      }, 600_000)
      take()
      stream.stop()
    }
  }
  const running = run()
  return {
    told,
    async stop() {
      isOver = true
      await running
    },
  }
}

async function openPlatform(url: string) {
  const db = openDatabase({ url, poolSize: 4 })
  const { id } = await createAccount(db, { email: 'standby@example.com', currency: 'USD' })
  const amount = parseAmount('1000000') as bigint
  await creditAccount(db, new Date(), { accountId: id, amount, reference: 'test' })
  const { key } = await createKey(db, new Date(), { accountId: id })
  const { secret } = await testSupplier(db)
  return { db, accountId: id, key, load: new Load(key, secret) }
}

function expectInOrder(told: readonly Told[]) {
  const places = told.map(({ id }) => placeOfEventId(id) as Place)
  for (let at = 1; at < places.length; at++)
    expect(isAfter(places[at] as Place, places[at - 1] as Place), told[at]?.id).toBe(true)
}

describe.skipIf(process.platform !== 'linux')('an asynchronous standby', async () => {
  afterAll(dropClusters)
  let current = await openCluster()
  await fill(current)
  const switchboard = await openSwitchboard(current.url)
  const program = await startProgram({
    ...allowLocal,
    DATABASE_URL: switchboard.url,
    NUMLET_ENCRYPTION_KEY: testKey,
    NUMLET_SIMULATOR_AUTO: '0',
    NUMLET_RATE_LIMIT: '0',
    NUMLET_CANCEL_COOLDOWN_S: '0',
  })
  const { db, accountId, key, load } = await openPlatform(switchboard.url)
  const receiver = await openReceiver()
  afterAll(async () => {
    await program.end('SIGTERM')
    await db.end()
    await switchboard.close()
  })

  /** Purchases and messages, a kill in their midst, and more of them on the promoted standby. */
  const failOver = async (round: number) => {
    const { primary, standby } = await withStandby(current)
    switchboard.switchTo(primary.url)
    let isOver = false
    const start = load.acknowledged
    const running = load.run(program, lots(round), () => isOver)
    await eventually(async () => load.acknowledged > start + answersBeforeKill)
    await primary.kill()
    await promote(standby)
    switchboard.switchTo(standby.url)
    current = standby
    const then = load.acknowledged
    await eventually(async () => load.acknowledged > then + answersAfter, 60_000)
    isOver = true
    await running
    await load.retry(program)
  }

  it(`is promoted ${rounds} times`, { timeout: 900_000 }, async () => {
    const hook = await call(program, key, 'POST', '/v1/webhooks', {
      url: receiver.url,
      events: ['*'],
    })
    expect(hook.status).toBe(201)
    const stream = follow(program, key)
    for (let round = 0; round < rounds; round++) {
      await failOver(round)
      const bought = [...load.bought.values()].map(({ id }) => id)
      expect(new Set(bought).size).toBe(bought.length)
      // What the old primary had acknowledged and not yet sent is unknown to the new one.
      expect(load.wrong.filter((one) => !/^cancel: 404/.test(one))).toEqual([])
      const events = await db.query<{ id: string }>(
        `select 'evt_' || epoch || '_' || xid::text || '_' || id as id from events
          where account_id = $1 and type like 'order.%' order by epoch, xid, id`,
        [accountId],
      )
      const isComplete = (ids: Iterable<string>) => {
        const there = new Set(ids)
        return events.every(({ id }) => there.has(id))
      }
      await eventually(async () => isComplete(stream.told.map(({ id }) => id)), 60_000)
      await eventually(
        async () =>
          isComplete(receiver.received.map(({ headers }) => headers['webhook-id'] as string)),
        120_000,
      )
      expectInOrder(stream.told)
      await expectCleanAudit(db)
    }
    await stream.stop()
    const named = new Map<string, Set<string>>()
    for (const { headers, body } of receiver.received) {
      const { type, timestamp } = JSON.parse(body)
      const id = headers['webhook-id'] as string
      named.set(id, (named.get(id) ?? new Set()).add(`${type} ${timestamp}`))
    }
    for (const [id, things] of named) expect(things.size, id).toBe(1)
    const epochs = await db.query<{ reason: string }>(
      'select reason from event_epochs order by epoch',
    )
    expect(epochs.map(({ reason }) => reason)).toEqual([
      'the first',
      ...Array.from({ length: rounds }, () => 'another timeline'),
    ])
  })
})
