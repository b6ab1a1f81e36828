// All requests to a supplier count in what it allows a second: those that somebody waits for go first, and
// readings take what they leave.
import { describe, expect, it } from 'vitest'
import type { Order } from '../../../src/core/orders/order.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { claimAsks, claimLookUps } from '../../../src/core/supply/asks.ts'
import { claimCommands } from '../../../src/core/supply/commands.ts'
import { aheadS, countRequests, unreadS } from '../../../src/core/supply/pace.ts'
import { claimSweep, endSweep } from '../../../src/core/supply/polls.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'
import { askingDesk, numletPeer } from './peer.ts'

describe('a supplier that allows two requests a second', async () => {
  const { app, db, dealing, offerId, accountId, advance } = await upstreamDesk()
  const now = () => app.now()
  const { supplierId } = await openUpstream(db, now(), { offerId, stock: 1_000 })
  await db.query('update suppliers set max_asking = 1000')
  const perS = 2
  const asks = () => claimAsks(dealing, now(), supplierId, perS)
  const commands = (most = 100) => claimCommands(dealing, now(), supplierId, most, most, perS)
  const sweep = () => claimSweep(db, now(), supplierId, 1_000)
  const buy = async (count: number) => {
    const orders: Order[] = []
    for (let at = 0; at < count; at++) {
      const bought = await app.orders.buy(purchaseOf(accountId, { allocateS: 600 }))
      if ('orders' in bought) orders.push(bought.orders[0] as Order)
    }
    return orders
  }
  let place = 0
  const answered = async (claimed: Awaited<ReturnType<typeof asks>>) => {
    for (const { allocationId, claims } of claimed)
      await recordAnswer(dealing, now(), {
        ...{ allocationId, claims },
        verdict: {
          ...{
            kind: 'number',
            ref: `n${++place}`,
            phone: `+4477009${String(place).padStart(5, '0')}`,
          },
          ...{ operator: null, cost: 9_000n, currency: null, endsAt: null, cancelAfter: null },
        },
      })
  }

  it('is asked by as many at once as fit ahead of that, and then by two a second', async () => {
    await buy(aheadS.asks * perS + 5)
    const first = await asks()
    expect(first).toHaveLength(aheadS.asks * perS)
    expect(await asks()).toEqual([])
    advance(1)
    const second = await asks()
    expect(second).toHaveLength(2)
    await answered([...first, ...second])
    advance(2)
    await answered(await asks())
    // Without a limit there is no pace.
    await buy(1)
    const unlimited = await claimAsks(dealing, now(), supplierId)
    expect(unlimited).toHaveLength(1)
    await answered(unlimited)
  })

  it('is told less far ahead, so that purchases find room, and looked at with what is asked', async () => {
    await db.query(
      `insert into supplier_commands (allocation_id, supplier_id, verb, asked_by, made_at, due_at)
       select id, supplier_id, 'cancel', 'supply', $1, $1 from allocations`,
      [now()],
    )
    // Their own share.
    expect(await commands()).toHaveLength(1)
    expect(await commands()).toEqual([])
    advance(aheadS.asks - aheadS.commands + 1)
    const told = (await commands()).length
    expect(told).toBeGreaterThan(0)
    expect(await commands()).toEqual([])
    await buy((aheadS.asks - aheadS.commands) * perS + 10)
    const claimed = await asks()
    expect(claimed.length).toBeGreaterThanOrEqual((aheadS.asks - aheadS.commands) * perS)
    for (const { allocationId, claims } of claimed)
      await recordAnswer(dealing, now(), {
        ...{ allocationId, claims },
        verdict: { kind: 'unknown', why: 'no answer' },
      })
    const lookUps = () => claimLookUps(dealing, now(), supplierId, 100, 100, perS)
    expect(await lookUps()).toHaveLength(1)
    expect(await lookUps()).toEqual([])
    advance(2)
    expect(await lookUps()).toHaveLength(3)
  })

  it('is told and looked at also while more is bought than it allows', async () => {
    advance(3_600)
    await app.supply.tidyUp(now())
    await db.query(`update supplier_commands set state = 'open', ended_at = null, due_at = $1`, [
      now(),
    ])
    await db.query(
      `update allocations set looking_until = null, poll_at = $1 where state = 'unknown'`,
      [now()],
    )
    const sent = { asks: 0, lookUps: 0, commands: 0 }
    const seconds = 60
    for (let second = 0; second < seconds; second++) {
      await buy(3)
      const claimed = await asks()
      sent.asks += claimed.length
      await answered(claimed)
      sent.lookUps += (await claimLookUps(dealing, now(), supplierId, 100, 100, perS)).length
      sent.commands += (await commands()).length
      advance(1)
    }
    expect(sent.lookUps).toBeGreaterThan(10)
    expect(sent.commands).toBeGreaterThanOrEqual((seconds * perS) / 4 - 1)
    expect(sent.asks).toBeGreaterThan((seconds * perS) / 2)
    const all = sent.asks + sent.lookUps + sent.commands
    expect(all).toBeLessThanOrEqual((aheadS.asks + seconds) * perS + 2)
    // What was sent too much is forgotten soon.
    await countRequests(db, now(), supplierId, { count: 10_000, perS, sort: 'asks' })
    advance(unreadS)
    expect(await sweep()).not.toBe(null)
  })

  it('is read when these have left room, and however much it is asked, now and then', async () => {
    const end = async ({
      claims,
      isUrgent,
      startedAt,
      due,
    }: NonNullable<Awaited<ReturnType<typeof sweep>>>) =>
      endSweep(db, now(), {
        ...{ supplierId, claims, isUrgent, startedAt, unread: [], left: [], restS: 0, barredS: 0 },
        read: due.map(({ allocationId }) => allocationId),
      })
    advance(3_600)
    const first = await sweep()
    expect(first?.due.length).toBeGreaterThan(0)
    await end(first as NonNullable<typeof first>)
    const fill = (count: number) =>
      countRequests(db, now(), supplierId, { count, perS, sort: 'asks' })
    await fill(20 * perS)
    advance(19)
    expect(await sweep()).toBe(null)
    advance(1)
    const second = await sweep()
    expect(second).not.toBe(null)
    await end(second as NonNullable<typeof second>)
    for (let second = 0; second < unreadS - 1; second++) {
      await fill(5)
      advance(1)
      expect(await sweep()).toBe(null)
    }
    await fill(5)
    advance(1)
    expect(await sweep()).not.toBe(null)
  })

  it('is not kept from purchases by readings', async () => {
    advance(3_600)
    // Unanswered requests have paused it for a while.
    await app.supply.tidyUp(now())
    await countRequests(db, now(), supplierId, { count: 10_000, perS, sort: 'readings' })
    await buy(3)
    expect(await asks()).toHaveLength(3)
  })
})

it('a Numlet is asked before it is read, and by all together within its rate', async () => {
  const peer = await numletPeer({ NUMLET_RATE_LIMIT: '60' })
  const desk = await askingDesk(peer)
  const { app, db, between, accountId } = desk
  await db.query('update suppliers set max_asking = 1000')
  for (let order = 0; order < 40; order++)
    await app.orders.buy(purchaseOf(accountId, { allocateS: 60 }))
  await desk.work()
  const asked = () => between.passed.filter(({ method }) => method === 'POST').length
  const reads = () =>
    between.passed.filter(({ method, path }) => method === 'GET' && path.includes('/orders')).length
  expect(asked()).toBe(30)
  await desk.pass(9)
  expect(asked()).toBe(39)
  // Nothing is read until these have had their time.
  expect(reads()).toBe(0)
  await desk.pass(60)
  const states = await db.query<{ state: string }>('select distinct state from orders')
  expect(states).toEqual([{ state: 'waiting' }])
  expect(reads()).toBeGreaterThan(0)
  expect(between.passed.length).toBeLessThanOrEqual(30 + 69 + 5)
  await expectCleanAudit(db, app.now())
}, 120_000)
