// Orders with another Numlet's numbers, when everything comes at once: each has one outcome, each number one
// owner, and the books of both sides agree.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { requestCancel } from '../../src/core/orders/cancel-at-supplier.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { attempts } from '../harness/attempts.ts'
import { serverOn, testCustomer } from '../harness/server.ts'
import { apis, engineOf } from '../supply/upstream/between.ts'
import { price, purchaseOf } from '../supply/upstream/market.ts'
import { expectCleanAudit, type Lots, lots, outcomeOf } from './market.ts'
import { cost, type Ground, openGround, theirWindowS, windowS } from './upstream-ground.ts'

const rounds = attempts(3, 15)
const callsOfAKind = 50
const credit = 100_000_000n

async function openGrounds(api: (typeof apis)[number]) {
  const ground = await openGround(api)
  await ground.pay(credit)
  const { accountId } = await testCustomer(ground.db, { credit: '1000' })
  const buy = async (): Promise<Order> => {
    const bought = await ground.app.orders.buy(purchaseOf(accountId))
    const [order] = 'orders' in bought ? bought.orders : []
    return order as Order
  }
  const read = (id: bigint) => ground.app.orders.read(accountId, id)
  return { ...ground, accountId, buy, read, customer: () => balanceOf(ground.db, accountId) }
}

describe.each(apis)('250 at once of poll, cancel, ban, expiry and code over $kind', async (api) => {
  const ground = await openGrounds(api)
  const { app, db, theirs, accountId, buy, read, settle } = ground
  // Another node, whose clock is some seconds ahead: for it the window is over.
  const ahead = await serverOn(ground.databaseUrl)
  const engines = [engineOf(app), engineOf(ahead.app)]
  ahead.advance((app.now().getTime() - ahead.app.now().getTime()) / 1000)

  async function race(order: Order, lot: Lots) {
    const { phone, id } = await read(order.id)
    const poll = async () => {
      await db.query(
        'update allocations set poll_at = $2 where order_id = $1 and last_word is null',
        [id, app.now()],
      )
      await lot.oneOf(engines).turn()
    }
    const calls = [
      poll,
      () => outcomeOf(requestCancel(db, app.now(), { accountId, id })),
      () => outcomeOf(requestCancel(db, app.now(), { accountId, id }, 'ban')),
      () => ahead.app.orders.endOverdue(),
      () => ground.send(phone as string, 'Your WhatsApp code: 593-821', `code of ${id}`),
    ].flatMap((call) => Array.from({ length: callsOfAKind }, () => call))
    const mixed = calls.map((call) => ({ call, place: lot.share() }))
    mixed.sort((a, b) => a.place - b.place)
    await Promise.all(mixed.map(({ call }) => call()))
    for (const engine of engines) await engine.idle()
  }

  /** One order, a moment before its end, until all is over. @returns how it ended */
  async function ending(lot: Lots, first: (order: Order) => Promise<unknown>): Promise<string> {
    const before = await ground.customer()
    const order = await buy()
    await settle()
    expect(await read(order.id)).toMatchObject({ state: 'waiting' })
    ground.advance(windowS - 2)
    ahead.advance(windowS + 2)
    await first(await read(order.id))
    await race(order, lot)
    ground.advance(4)
    for (const seconds of [60, theirWindowS - windowS, 60, 31 * 60]) {
      await ground.pass(seconds)
      ahead.advance(seconds)
    }
    const ended = await endingOf(db, order.id)
    const paid = ended.startsWith('finished') ? price : 0n
    expect(await ground.customer()).toBe(before - paid)
    await expectAgreement(ground)
    return ended
  }

  const clean = async () => {
    expect(await db.query('select kind from differences')).toEqual([])
    await expectCleanAudit(db)
    await expectCleanAudit(theirs.db)
  }

  it(`has one outcome in each of ${rounds} rounds`, { timeout: 600_000 }, async () => {
    const endings = new Set<string>()
    for (let round = 0; round < rounds; round++)
      endings.add(await ending(lots(round), async () => {}))
    // Nothing else than these. Which of them come first how often depends on the machine.
    expect(right).toEqual(expect.arrayContaining([...endings]))
    await clean()
  })

  it('changes nothing any more when it is decided', async () => {
    const decided = [
      async ({ id }: Order) => {
        await requestCancel(db, app.now(), { accountId, id })
        await settle()
      },
      async ({ id, phone }: Order) => {
        await ground.send(phone as string, 'Your WhatsApp code: 593-821', `code of ${id}`)
        await db.query('update allocations set poll_at = $2 where order_id = $1', [id, app.now()])
        await settle()
      },
      () => ahead.app.orders.endOverdue(),
    ]
    const endings: string[] = []
    for (const [place, first] of decided.entries()) endings.push(await ending(lots(place), first))
    expect(endings).toEqual(right)
    await clean()
  })
})

const right = [
  'cancelled: void order.cancelled',
  'finished: post order.finished',
  'expired: void order.expired',
]

/** How an order ended: its state, what its hold came to, and the event that told of it. */
async function endingOf(db: Ground['db'], id: bigint): Promise<string> {
  const [row] = await db.query<{ ending: string }>(
    `select o.state || ': '
         || (select string_agg(t.kind, ' ' order by t.seq) from transfers t
              where t.order_id = o.id and t.kind in ('post', 'void')) || ' '
         || (select string_agg(e.type, ' ' order by e.id) from events e where e.order_id = o.id
              and e.type in ('order.cancelled', 'order.finished', 'order.expired', 'order.failed'))
         as ending
       from orders o where o.id = $1`,
    [id],
  )
  return row?.ending ?? 'none'
}

/** What is over here is over there, and nothing is at risk. */
async function expectAgreement(ground: Ground) {
  const { prepaid, atRisk, cost: charged } = await ground.books()
  const orders = await ground.account.orders()
  expect(prepaid).toBe(await balanceOf(ground.theirs.db, ground.account.accountId))
  expect(atRisk).toBe(0n)
  expect(charged).toBe(BigInt(orders.filter(({ state }) => state === 'finished').length) * cost)
}

describe('50 requests for the same product at once, over a wire without keys', async () => {
  const api = apis.find(({ isKeyed }) => !isKeyed) ?? expect.unreachable()
  const ground = await openGrounds(api)
  const { db, theirs, between, account, buy, read, settle, pass } = ground
  await db.query('update suppliers set max_asking = 200')

  it('have each number that was bought once, whichever answers are lost', async () => {
    const before = await ground.customer()
    let asked = 0
    // Of each five asks two lose their answers, and one never arrives.
    const fates = ['none', 'lose answer', 'lose request', 'lose answer', 'none'] as const
    between.set((one) => (one === 'ask' ? (fates[asked++ % 5] ?? 'none') : 'none'))
    const orders = await Promise.all(Array.from({ length: 50 }, buy))
    await settle()
    expect(asked).toBe(50)
    between.set('none')
    await pass(3)
    const stateOf = async ({ id }: Order) => (await read(id)).state
    const states = await Promise.all(orders.map(stateOf))
    expect(states.filter((state) => state === 'waiting')).toHaveLength(40)
    expect(states.filter((state) => state === 'allocating')).toHaveLength(10)
    const bought = await account.orders()
    expect(bought).toHaveLength(40)
    const phones = (await Promise.all(orders.map(({ id }) => read(id)))).flatMap(
      ({ phone }) => phone ?? [],
    )
    expect(phones.sort()).toEqual(bought.map(({ phone }) => phone as string).sort())
    await pass(15)
    expect((await Promise.all(orders.map(stateOf))).sort()).toEqual([
      ...Array.from({ length: 10 }, () => 'failed'),
      ...Array.from({ length: 40 }, () => 'waiting'),
    ])
    expect(await ground.customer()).toBe(before - 40n * price)
    await expectCleanAudit(db)
  })

  it('are paid back when none of them has had a code', async () => {
    for (const seconds of [windowS, theirWindowS, 60, 60, 310]) await pass(seconds)
    await expectAgreement(ground)
    expect((await account.orders()).map(({ state }) => state)).not.toContain('waiting')
    expect(await ground.customer()).toBe(10_000_000n)
    expect(await db.query('select kind from differences')).toEqual([])
    const open = await db.query(
      `select 1 as yes from allocations where state in ('planned', 'asking', 'unknown')`,
    )
    expect(open).toEqual([])
    await expectCleanAudit(db)
    await expectCleanAudit(theirs.db)
  })
})
