// What suppliers answer: the order has a number, the next source is asked, or the order fails; and each
// number that came is the order's, or is given back.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { setRate } from '../../../src/core/catalog/rates.ts'
import { setSupplier } from '../../../src/core/operating/suppliers.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import {
  type ClaimedAsk,
  claimAsks,
  claimLookUps,
  loseAsks,
} from '../../../src/core/supply/asks.ts'
import { endPauses } from '../../../src/core/supply/source-news.ts'
import type { AskVerdict } from '../../../src/core/supply/verdict.ts'
import { expectCleanAudit, services } from '../../promises/market.ts'
import { openUpstream, price, purchaseOf, upstreamDesk } from './market.ts'

/** Numbers that Ofcom keeps for drama, which no shelf has. */
let used = 500
const fresh = () => `+447700900${used++}`
const number = (more: Partial<Extract<AskVerdict, { kind: 'number' }>> = {}): AskVerdict => ({
  ...{ kind: 'number', ref: `ref-${used}`, phone: fresh(), operator: null, cost: 9_000n },
  ...{ currency: null, endsAt: null, cancelAfter: null, ...more },
})

describe('a request to a supplier', async () => {
  const desk = await upstreamDesk()
  const { app, db, dealing, accountId, offerId, advance } = desk
  const now = () => app.now()
  const one = await openUpstream(db, now(), { offerId, stock: 1000 })
  const two = await openUpstream(db, now(), { offerId, stock: 1000, cost: 11_000n })

  const buy = async (more: Parameters<typeof purchaseOf>[1] = {}) => {
    const bought = await app.orders.buy(purchaseOf(accountId, more))
    if (!('orders' in bought)) throw new Error('repeated')
    return bought.orders[0] as Order
  }
  const claim = async (supplierId = one.supplierId) => {
    const [ask] = await claimAsks(dealing, now(), supplierId)
    return ask as ClaimedAsk
  }
  const answer = (ask: ClaimedAsk, verdict: AskVerdict) =>
    recordAnswer(dealing, now(), { allocationId: ask.allocationId, claims: ask.claims, verdict })
  const read = (id: bigint) => app.orders.read(accountId, id)
  const allocationsOf = (id: bigint) =>
    db.query<Record<string, unknown>>('select * from allocations where order_id = $1 order by id', [
      id,
    ])
  const commandsOf = (id: bigint) =>
    db.query<Record<string, unknown>>(
      `select c.verb, c.state, c.asked_by from supplier_commands c
         join allocations a on a.id = c.allocation_id where a.order_id = $1 order by c.id`,
      [id],
    )
  const eventsOf = async (id: bigint) =>
    (
      await db.query<{ type: string }>('select type from events where order_id = $1 order by id', [
        id,
      ])
    ).map(({ type }) => type)
  /** Ends whatever a test has left open. */
  const clear = async () => {
    advance(20)
    await loseAsks(dealing, now())
    while ((await app.orders.failOverdue()) > 0);
    await expectCleanAudit(db)
  }

  /** What counts towards the limit of the day that it is. */
  const usageToday = async () => {
    const [today] = await db.query<{ asking: bigint; spent: bigint }>(
      `select asking, spent from supplier_usage
        where supplier_id = $1 and day = ($2::timestamptz at time zone 'UTC')::date`,
      [one.supplierId, now()],
    )
    return today ?? { asking: 0n, spent: 0n }
  }

  it('is claimed once, with the most that it may cost', async () => {
    const order = await buy()
    const ask = await claim()
    expect(ask).toMatchObject({ orderId: order.id, claims: 1, maxCost: price, unwanted: [] })
    expect(ask.timeoutMs).toBe(5_000)
    expect(await claimAsks(dealing, now(), one.supplierId)).toEqual([])
    expect(await claimAsks(dealing, now(), two.supplierId)).toEqual([])
    expect(await db.query('select asking, spent from supplier_usage')).toEqual([
      { asking: price, spent: 0n },
    ])
    await answer(ask, number())
    expect(await db.query('select asking, spent from supplier_usage')).toEqual([
      { asking: 0n, spent: 9_000n },
    ])
  })

  it('gives its order the number, and the supplier its cost to keep or to return', async () => {
    const order = await buy()
    const endsAt = new Date(now().getTime() + 600_000)
    const cancelAfter = new Date(now().getTime() + 200_000)
    const verdict = number({ endsAt, cancelAfter, phone: '+447700900450' })
    expect(await answer(await claim(), verdict)).toEqual({ orderId: order.id, isGot: true })
    const after = await read(order.id)
    expect(after).toMatchObject({ state: 'waiting', phone: '+447700900450', numberId: null })
    expect(after).toMatchObject({ expiresAt: endsAt, cancelAfter })
    const [allocation] = await allocationsOf(order.id)
    expect(after.allocationId).toBe(allocation?.id)
    expect(allocation).toMatchObject({
      state: 'got',
      cost: 9_000n,
      cost_told: true,
      cost_state: 'held',
    })
    expect(await eventsOf(order.id)).toEqual(['order.created', 'order.allocated'])
    // The window ends as that of any other order, and the supplier is told.
    advance(601)
    expect(await app.orders.endOverdue()).toBeGreaterThan(0)
    expect((await read(order.id)).state).toBe('expired')
    expect(await commandsOf(order.id)).toEqual([
      { verb: 'cancel', state: 'open', asked_by: 'order' },
    ])
    await clear()
  })

  it.each<[string, Partial<Extract<AskVerdict, { kind: 'number' }>>]>([
    ['it is of another country', { phone: '+12015550143' }],
    ['it is one of our own', { phone: '+441134960000' }],
    ['it was let for the service before', { phone: '+447700900450' }],
    ['it is no phone number', { phone: '07700 900123' }],
    ['it ends too soon', { endsAt: new Date(Date.now() + 5_000) }],
    ['it is of another operator', { operator: 'stranger' }],
    ['it costs more than was asked for', { cost: price + 1n }],
  ])('whose number does not do gives it back, and asks the next source: %s', async (why, told) => {
    const order = await buy()
    expect(await answer(await claim(), number(told))).toMatchObject({ isGot: false })
    expect(await allocationsOf(order.id)).toMatchObject([
      { state: 'given_up', error: why, cost_state: 'held' },
      { state: 'planned', attempt: 2, supplier_id: two.supplierId },
    ])
    expect(await commandsOf(order.id)).toEqual([
      { verb: 'cancel', state: 'open', asked_by: 'supply' },
    ])
    const wrong = await db.query(
      `select d.expected, d.found from differences d join allocations a on a.id = d.allocation_id
        where a.order_id = $1 and d.kind = 'wrong_charge'`,
      [order.id],
    )
    expect(wrong).toEqual(told.cost ? [{ expected: price, found: price + 1n }] : [])
    expect(await answer(await claim(two.supplierId), number())).toMatchObject({ isGot: true })
    expect(await read(order.id)).toMatchObject({ state: 'waiting' })
    await expectCleanAudit(db)
  })

  it('whose number is let for the service at this moment gives it back', async () => {
    const [first, second] = [await buy(), await buy()]
    const asks = await claimAsks(dealing, now(), one.supplierId)
    const phone = fresh()
    const recorded = await Promise.all(
      asks.map((ask, at) => answer(ask, number({ phone, ref: `same-${at}` }))),
    )
    expect(recorded.map(({ isGot }) => isGot).sort()).toEqual([false, true])
    const states = [await read(first.id), await read(second.id)].map(({ state }) => state)
    expect(states.sort()).toEqual(['allocating', 'waiting'])
    await clear()
  })

  it('that is refused by all sources fails its order, and returns the money', async () => {
    const before = await balanceOf(db, accountId)
    const order = await buy()
    await answer(await claim(), { kind: 'no', class: 'busy' })
    expect(await db.query('select state from suppliers where id = $1', [one.supplierId])).toEqual([
      { state: 'paused' },
    ])
    expect(await read(order.id)).toMatchObject({ state: 'allocating' })
    await answer(await claim(two.supplierId), { kind: 'no', class: 'unreached' })
    expect(await read(order.id)).toMatchObject({ state: 'failed' })
    expect(await eventsOf(order.id)).toEqual(['order.created', 'order.failed', 'order.refunded'])
    expect(await balanceOf(db, accountId)).toBe(before)
    const stock = async () =>
      (await db.query<{ n: number }>('select sum(upstream)::int as n from stock'))[0]?.n ?? 0
    const shown = await stock()
    const by = { actor: 'operator', reason: 'it works again' }
    await setSupplier(db, by, one.name, 'on')
    expect(await stock()).toBeGreaterThan(shown)
    expect(
      await db.query('select paused_until from suppliers where id = $1', [one.supplierId]),
    ).toEqual([{ paused_until: null }])
    await setSupplier(db, by, two.name, 'on')
    await clear()
  })

  it('without an answer is looked up before the next source is asked, and brings one number', async () => {
    const order = await buy()
    const ask = await claim()
    await answer(ask, { kind: 'unknown', why: 'no answer' })
    expect(await allocationsOf(order.id)).toMatchObject([{ state: 'unknown' }])
    const [look] = await claimLookUps(dealing, now(), one.supplierId, 10)
    expect(look).toMatchObject({ requestKey: ask.requestKey, claims: 1, mayAskAgain: true })
    await answer(ask, { kind: 'unknown', why: 'no answer' })
    expect(await allocationsOf(order.id)).toMatchObject([
      { state: 'unknown' },
      { state: 'planned' },
    ])
    await answer(await claim(two.supplierId), number())
    const late = number()
    await answer(ask, late)
    await answer(ask, late)
    expect(await allocationsOf(order.id)).toMatchObject([{ state: 'given_up' }, { state: 'got' }])
    expect(await commandsOf(order.id)).toEqual([
      { verb: 'cancel', state: 'open', asked_by: 'supply' },
    ])
    await expectCleanAudit(db)
  })

  it('is not sent for a while to a supplier that is silent', async () => {
    for (let at = 0; at < 5; at++) {
      await buy()
      await answer(await claim(), { kind: 'unknown', why: 'no answer' })
    }
    const states = () => db.query('select state from suppliers where id = $1', [one.supplierId])
    expect(await states()).toEqual([{ state: 'paused' }])
    advance(61)
    await db.begin((tx) => endPauses(tx, now()))
    expect(await states()).toEqual([{ state: 'on' }])
    await clear()
  })

  it('whose sender has died is looked up; what it recorded late is not taken twice', async () => {
    const order = await buy()
    const ask = await claim()
    advance(11)
    expect(await loseAsks(dealing, now())).toBe(1)
    expect(await loseAsks(dealing, now())).toBe(0)
    const found = number()
    const results = await Promise.all(Array.from({ length: 8 }, () => answer(ask, found)))
    expect(results.filter(({ isGot }) => isGot)).toHaveLength(1)
    expect(await allocationsOf(order.id)).toMatchObject([{ state: 'got' }])
    await clear()
  })

  it('that is answered with the number of another request is looked for at once', async () => {
    const [first, second] = [await buy(), await buy()]
    const theirs = number()
    const [ask, again] = (await claimAsks(dealing, now(), one.supplierId)) as [
      ClaimedAsk,
      ClaimedAsk,
    ]
    await answer(ask, theirs)
    await answer(again, theirs)
    expect(await read(first.id)).toMatchObject({ state: 'waiting' })
    expect(await allocationsOf(second.id)).toMatchObject([
      { state: 'unknown', upstream_ref: null, cost_state: 'none', poll_at: now() },
    ])
    expect(await claimLookUps(dealing, now(), one.supplierId, 100)).toContainEqual(
      expect.objectContaining({ allocationId: again.allocationId, mayAskAgain: true }),
    )
    // A look-up that finds the same is none, either: the next source is asked.
    await answer(again, theirs)
    expect(await allocationsOf(second.id)).toMatchObject([
      { state: 'unknown' },
      { state: 'planned' },
    ])
    await clear()
  })

  it('that is answered with another reference than before gives that number back', async () => {
    const order = await buy()
    const ask = await claim()
    await answer(ask, { kind: 'unknown', why: 'asking others', ref: 'the-first' })
    const [second, first] = [number({ ref: 'the-second' }), number({ ref: 'the-first' })]
    await answer(ask, second)
    expect(await allocationsOf(order.id)).toMatchObject([
      { state: 'unknown', upstream_ref: 'the-first' },
      { state: 'given_up', upstream_ref: 'the-second', cost_state: 'held' },
      { state: 'planned' },
    ])
    await answer(ask, first)
    const [kept] = await allocationsOf(order.id)
    expect(kept).toMatchObject({ state: 'got', upstream_ref: 'the-first' })
    expect(await read(order.id)).toMatchObject({ state: 'waiting', allocationId: kept?.id })
    expect(await commandsOf(order.id)).toEqual([
      { verb: 'cancel', state: 'open', asked_by: 'supply' },
    ])
    await clear()
  })

  it('that brings a second number leaves what others may cost counted', async () => {
    await clear()
    const before = await usageToday()
    await buy()
    await buy()
    const [ask] = (await claimAsks(dealing, now(), one.supplierId)) as [ClaimedAsk, ClaimedAsk]
    expect(await usageToday()).toMatchObject({ asking: before.asking + 2n * price })
    await answer(ask, number())
    await answer({ ...ask, claims: 7 }, number())
    expect(await usageToday()).toEqual({
      asking: before.asking + price,
      spent: before.spent + 2n * 9_000n,
    })
    await clear()
  })

  it('that is answered when the order is over gives the number back', async () => {
    const order = await buy()
    const ask = await claim()
    await app.orders.cancel({ accountId, id: order.id })
    expect(await answer(ask, number())).toMatchObject({ isGot: false })
    expect(await allocationsOf(order.id)).toMatchObject([
      { state: 'given_up', error: 'the order was over', cost_state: 'held' },
    ])
    // A claim of before, with a number that nobody knows.
    await answer({ ...ask, claims: 7 }, number())
    expect(await allocationsOf(order.id)).toMatchObject([
      {},
      { state: 'given_up', cost_state: 'held' },
    ])
    await clear()
  })

  it('that a supplier passes on is paid for from its reference on, and cancelled in the end', async () => {
    const order = await buy()
    const ask = await claim()
    await answer(ask, { kind: 'unknown', why: 'asking others', ref: 'passed-on' })
    expect(await allocationsOf(order.id)).toMatchObject([
      { state: 'unknown', upstream_ref: 'passed-on', cost: price, cost_state: 'held' },
    ])
    await clear()
    expect(await read(order.id)).toMatchObject({ state: 'failed' })
    expect(await allocationsOf(order.id)).toMatchObject([{ state: 'given_up' }])
    expect(await commandsOf(order.id)).toEqual([
      { verb: 'cancel', state: 'open', asked_by: 'order' },
    ])
  })

  it('is not sent beyond the limit of the day', async () => {
    const { asking, spent } = await usageToday()
    const limit = asking + spent + price
    await db.query('update suppliers set daily_limit = $2 where id = $1', [one.supplierId, limit])
    const [first, second] = [await buy(), await buy()]
    expect(await claimAsks(dealing, now(), one.supplierId)).toHaveLength(1)
    const refused = [...(await allocationsOf(first.id)), ...(await allocationsOf(second.id))]
    expect(refused.map(({ state, error }) => `${state} ${error}`).sort()).toEqual([
      'asking null',
      'planned null',
      'refused the limit of the day is reached',
    ])
    await db.query('update suppliers set daily_limit = null')
    await clear()
  })

  it('leaves room: no account has more than half of what a supplier may be asked at once', async () => {
    await db.query('update suppliers set max_asking = 4 where id = $1', [one.supplierId])
    for (let at = 0; at < 5; at++) await buy()
    expect(await claimAsks(dealing, now(), one.supplierId)).toHaveLength(2)
    expect(await claimAsks(dealing, now(), one.supplierId)).toHaveLength(0)
    await db.query('update suppliers set max_asking = 20')
    await clear()
  })

  it('is priced in the supplier’s currency', async () => {
    await setRate(db, now(), 'EUR', '0.5')
    const euro = await openUpstream(db, now(), { offerId, stock: 5, currency: 'EUR', cost: 100n })
    const order = await buy()
    const ask = await claim(euro.supplierId)
    expect(ask).toMatchObject({ orderId: order.id, maxCost: price / 2n })
    await answer(ask, number({ cost: 120n, currency: 'USD' }))
    // Told in another currency: the listed cost counts.
    expect(await allocationsOf(order.id)).toMatchObject([{ cost: 100n, cost_told: false }])
    expect(services.whatsapp).toBe(order.serviceId)
    await expectCleanAudit(db)
  })
})
