// Orders whose numbers are another Numlet's do what a plain model of them does, whatever is lost, repeated or
// changed between the two: the customer's money, the supplier's ledger and the differences are right.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { requestCancel } from '../../src/core/orders/cancel-at-supplier.ts'
import { listOrders } from '../../src/core/orders/list.ts'
import { attempts } from '../harness/attempts.ts'
import { testCustomer } from '../harness/server.ts'
import { apis, type Fault } from '../supply/upstream/between.ts'
import { purchaseOf } from '../supply/upstream/market.ts'
import { meanwhileOf } from '../supply/upstream/rental-ground.ts'
import { anyNumberFor, expectCleanAudit, outcomeOf } from './market.ts'
import { type Ground, openGround, theirWindowS, windowS } from './upstream-ground.ts'
import { type ModelOrder, shownOf, UpstreamModel } from './upstream-model.ts'
import { rebuy } from './upstream-rebuy.ts'
import { type BuyStep, everyStep, type Step, step } from './upstream-steps.ts'

const runs = attempts(1, 20)
const stepsARun = attempts(15, 30)

describe.each(apis)('orders with numbers of another Numlet over $kind', async (api) => {
  const ground = await openGround(api)
  const counts = new Map<string, number>()
  const begin = async () => {
    await ground.show(1_000)
    await ground.sell(true)
    await ground.pay(30_000n)
    const { accountId } = await testCustomer(ground.db, { credit: '1000' })
    return new UpstreamModel(accountId, await balanceOf(ground.db, accountId))
  }

  it('have every step that there is', async () => {
    const model = await begin()
    for (const one of everyStep) await take(ground, model, one, counts)
    await finish(ground, model)
    const isMet = (outcome: string) => counts.has(outcome) || (!api.isKeyed && ofKeys.has(outcome))
    expect(everyOutcome.filter((outcome) => !isMet(outcome))).toEqual([])
  })

  it('do what the model does, in any order of steps', { timeout: 600_000 }, async () => {
    const steps = fc.array(step, { minLength: stepsARun, maxLength: stepsARun, size: 'max' })
    const property = fc.asyncProperty(steps, async (all) => {
      const model = await begin()
      for (const one of all) await take(ground, model, one, counts)
      await finish(ground, model)
    })
    await fc.assert(property, { numRuns: runs, endOnFailure: true })
  })
})

const everyOutcome = [
  ...['none', 'twice', 'hang', 'replay', 'no number', 'lose answer'].map(
    (fault) => `buy ${fault} waiting`,
  ),
  ...['buy none out_of_stock', 'buy none failed', 'buy dear failed', 'buy lose answer failed'],
  ...['buy lose answer cancelled', 'buy lose request failed', 'code received', 'code again'],
  ...['cancel received', 'cancel cancelled', 'finish finished', 'late expired', 'claim done'],
  ...['replace none done', 'replace lose answer out_of_stock', 'replace dear out_of_stock'],
  ...['silence', 'rebuy done', 'buy picky failed', 'ban cancelled'],
]

/** Met only where an ask has a key by which it is repeated. */
const ofKeys = new Set(['buy twice waiting', 'buy replay waiting'])

type Counts = Map<string, number>

async function take(ground: Ground, model: UpstreamModel, one: Step, counts: Counts) {
  const outcome = await perform(ground, model, one)
  ground.between.set('none')
  if (outcome !== null) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  await compare(ground, model)
}

/** @returns what happened; null if the step had nothing to do */
async function perform(ground: Ground, model: UpstreamModel, one: Step): Promise<string | null> {
  switch (one.kind) {
    case 'buy':
      return buy(ground, model, one)
    case 'code':
      return code(ground, model, one)
    case 'cancel':
      return cancel(ground, model, one)
    case 'finish':
      return finishOne(ground, model, one)
    case 'replace':
      return replace(ground, model, one)
    case 'rebuy': {
      const past = pick(model, one.order, ({ state }) => state === 'finished')
      return past ? rebuy(ground, model, past) : null
    }
    case 'late':
      return late(ground, model, one.order)
    case 'claim':
      return claim(ground, model, one.order)
    case 'wait':
      await pass(ground, model, one.seconds)
      return 'wait'
    case 'sell':
      await ground.sell(one.isOn)
      return 'sell'
    case 'show':
      await ground.show(one.stock)
      return 'show'
    case 'pay':
      await ground.pay(10_000n)
      return 'pay'
    case 'silence':
      return silence(ground, model)
  }
}

async function pass(ground: Ground, model: UpstreamModel, seconds: number) {
  await ground.pass(seconds)
  model.sweep(ground.app.now().getTime())
}

/** Buys, while something happens to the ask. */
async function buy(ground: Ground, model: UpstreamModel, step: BuyStep) {
  const { fault: wanted, next, isPicky = false } = step
  const { app, between, api } = ground
  const fault = isPossible(ground, wanted) && !isPicky ? wanted : 'none'
  const isShown = (await shownStock(ground)) > 0
  const can = await ground.canBuy()
  let asks = 0
  const isLost = fault === 'lose answer' || fault === 'lose request'
  between.set((asked) => (isLost || (asked === 'ask' && asks++ === 0) ? fault : 'none'))
  const bought = await outcomeOf(app.orders.buy(purchaseOf(model.accountId, isPicky ? picky : {})))
  if (typeof bought === 'string') {
    expect([bought, isShown]).toEqual(['out_of_stock', false])
    return `buy none ${bought}`
  }
  expect(isShown).toBe(true)
  const [{ id } = { id: 0n }] = 'orders' in bought ? bought.orders : []
  const order = model.bought(id, app.now().getTime())
  // Little of the order's time is left: it is not waited for long.
  if (fault === 'hang') ground.advance(14.3)
  await ground.settle()
  const isUnknown = isLost || (!api.isKeyed && (fault === 'replay' || (fault === 'hang' && !can)))
  if (!isUnknown) await answered(ground, model, order, can && fault !== 'dear' && !isPicky)
  if (fault === 'dear' && can) model.differences.push(`wrong_charge ${id}`)
  if (order.state === 'allocating') await lookedFor(ground, model, order, { fault, next, can })
  return `buy ${isPicky ? 'picky' : fault} ${order.state}`
}

/** All numbers there begin like this. */
const picky = { selection: { ...anyNumberFor('whatsapp'), exclude: ['44'] } }

/** A list wire knows no keys: what it is asked twice it sells twice. */
const isPossible = ({ api, between }: Ground, fault: Fault) =>
  fault === 'twice' ? api.isKeyed : fault !== 'replay' || between.canReplay('ask')

/** An ask has had its answer. */
async function answered(ground: Ground, model: UpstreamModel, order: ModelOrder, isGot: boolean) {
  if (!isGot) order.state = 'failed'
  else model.allocate(order, await endOf(ground, model, order))
}

/** An ask without an answer is looked for, when what was lost is not lost any more. */
async function lookedFor(
  ground: Ground,
  model: UpstreamModel,
  order: ModelOrder,
  { fault, next, can }: Pick<BuyStep, 'fault' | 'next'> & { can: boolean },
) {
  const { app, between, api } = ground
  between.set('none')
  if (next === 'cancel') {
    await app.orders.cancel({ accountId: model.accountId, id: order.id })
    order.state = 'cancelled'
  }
  await ground.pass(next === 'wait long' ? 20 : 5)
  const nowMs = app.now().getTime()
  if (next === 'wait long') return model.sweep(nowMs)
  // What was bought is found, by its key or in the list. An ask with a key that was never sent is sent.
  const isFound = api.isKeyed || (can && (fault === 'lose answer' || fault === 'hang'))
  if (isFound && order.state === 'allocating') await answered(ground, model, order, can)
  if (order.state === 'allocating') {
    await ground.pass(15)
    model.sweep(app.now().getTime())
  }
}

async function endOf({ app }: Ground, { accountId }: UpstreamModel, { id, boughtMs }: ModelOrder) {
  const { expiresAt } = await app.orders.read(accountId, id)
  const lastedMs = expiresAt.getTime() - boughtMs
  expect(lastedMs).toBeGreaterThanOrEqual(windowS * 1000)
  expect(lastedMs).toBeLessThanOrEqual((windowS + 15) * 1000)
  return expiresAt
}

async function shownStock({ db }: Ground): Promise<number> {
  const [row] = await db.query<{ shown: number }>(
    'select coalesce(sum(upstream), 0)::int as shown from stock',
  )
  return row?.shown ?? 0
}

/** The one that a step is about, of the orders that it can be about. */
function pick(model: UpstreamModel, place: number, fits: (order: ModelOrder) => boolean) {
  const all = model.orders.filter(fits)
  return all[all.length - 1 - (place % Math.max(1, all.length))]
}

let codes = 100_000

async function text(ground: Ground, model: UpstreamModel, order: ModelOrder): Promise<string> {
  const { phone } = await ground.app.orders.read(model.accountId, order.id)
  const code = String(++codes)
  await ground.send(phone as string, `Your WhatsApp code: ${code}`)
  return code
}

/** Whether an order that has a number goes on for so long. */
const lasts = (ground: Ground, seconds: number) => (order: ModelOrder) =>
  (order.state === 'waiting' || order.state === 'received') &&
  order.expiresMs - ground.app.now().getTime() > seconds * 1000

type OfOrder<Kind> = Extract<Step, { kind: Kind }>

async function code(
  ground: Ground,
  model: UpstreamModel,
  { order: place, fault }: OfOrder<'code'>,
) {
  const order = pick(model, place, lasts(ground, 60))
  if (!order) return null
  const { app, between } = ground
  const { accountId } = model
  const isAgain = order.state === 'received'
  if (isAgain) {
    await app.orders.resend({ accountId, id: order.id, once: null })
    await ground.settle()
  }
  const told = await text(ground, model, order)
  between.set(fault)
  await pass(ground, model, 5)
  between.set('none')
  for (let time = 0; time < 6; time++) await pass(ground, model, 5)
  model.receive(order, told)
  return isAgain ? 'code again' : 'code received'
}

async function cancel(
  ground: Ground,
  model: UpstreamModel,
  { order: place, fault, verb = 'cancel' }: OfOrder<'cancel'>,
) {
  const { app, db, between } = ground
  const order = pick(model, place, (one) => lasts(ground, 60)(one) && one.state === 'waiting')
  if (!order) return null
  const target = { accountId: model.accountId, id: order.id }
  const { cancelAfter } = await app.orders.read(model.accountId, order.id)
  const isCodeFirst = fault === 'code first'
  between.set(isCodeFirst ? 'lose request' : fault)
  const requested = await outcomeOf(requestCancel(db, app.now(), target, verb))
  if (cancelAfter > app.now()) {
    expect(requested).toBe('cancel_cooldown')
    return 'cancel cooldown'
  }
  await ground.settle()
  const told = isCodeFirst ? await text(ground, model, order) : null
  between.set('none')
  for (let time = 0; time < 7; time++) await pass(ground, model, 5)
  if (told !== null) model.receive(order, told)
  else order.state = 'cancelled'
  return `${verb} ${order.state}`
}

async function finishOne(
  ground: Ground,
  model: UpstreamModel,
  { order: place, fault }: OfOrder<'finish'>,
) {
  const order = pick(model, place, (one) => one.state === 'received')
  if (!order) return null
  ground.between.set(fault)
  await ground.app.orders.finish({ accountId: model.accountId, id: order.id })
  order.state = 'finished'
  await ground.settle()
  ground.between.set('none')
  await pass(ground, model, 5)
  return 'finish finished'
}

/** Replaces a number, while something happens to the ask: there is another, or nothing has changed. */
async function replace(
  ground: Ground,
  model: UpstreamModel,
  { order: place, fault }: OfOrder<'replace'>,
) {
  const order = pick(model, place, (one) => lasts(ground, 120)(one) && one.state === 'waiting')
  if (!order) return null
  const { app, between } = ground
  const { accountId } = model
  const can = (await shownStock(ground)) > 0 && (await ground.canBuy())
  let asks = 0
  const isLost = fault === 'lose answer'
  between.set((asked) => (isLost || (asked === 'ask' && asks++ === 0) ? fault : 'none'))
  const target = { accountId, id: order.id, once: null, patience: { allocateS: 2, waitS: 2 } }
  const replaced = await meanwhileOf(ground.settle)(outcomeOf(app.orders.replace(target)))
  between.set('none')
  const isGot = can && fault === 'none'
  expect(typeof replaced === 'string' ? replaced : 'done').toBe(isGot ? 'done' : 'out_of_stock')
  if (can && fault === 'dear') model.differences.push(`wrong_charge ${order.id}`)
  if (typeof replaced !== 'string' && 'id' in replaced) {
    order.state = 'cancelled'
    model.allocate(model.bought(replaced.id, app.now().getTime()), replaced.expiresAt)
  }
  await pass(ground, model, 5)
  return `replace ${fault} ${isGot ? 'done' : 'out_of_stock'}`
}

/** A code comes when the order is over, its money is back, and the other side has not heard of it yet. */
async function late(ground: Ground, model: UpstreamModel, place: number) {
  const order = pick(model, place, (one) => lasts(ground, 60)(one) && one.state === 'waiting')
  if (!order) return null
  ground.between.set('lose request')
  await pass(ground, model, (order.expiresMs - ground.app.now().getTime()) / 1000 + 1)
  expect(order.state).toBe('expired')
  await text(ground, model, order)
  ground.between.set('none')
  for (let time = 0; time < 8; time++) await pass(ground, model, 15)
  order.hasLateCode = true
  return 'late expired'
}

async function claim({ app }: Ground, model: UpstreamModel, place: number) {
  const order = pick(model, place, (one) => one.hasLateCode)
  if (!order) return null
  const { accountId } = model
  const claimed = await app.orders.claim({ accountId, id: order.id, once: null })
  if (!('order' in claimed)) throw new Error('it was not claimed')
  Object.assign(order, { hasLateCode: false, isClaimed: true, code: claimed.order.code })
  order.messages++
  expect(order.code).toMatch(/^\d{6}$/)
  return 'claim done'
}

/** The other side says nothing until all of its orders are long over: what may still come back is noted. */
async function silence(ground: Ground, model: UpstreamModel) {
  const held = await ground.db.query<{ order_id: bigint }>(
    `select order_id from allocations where cost_state = 'held'`,
  )
  ground.between.set('lose request')
  await pass(ground, model, theirWindowS + 31 * 60)
  for (const { order_id: id } of held)
    if (!model.differences.includes(`refund_missing ${id}`))
      model.differences.push(`refund_missing ${id}`)
  return held.length > 0 ? 'silence' : null
}

async function compare(ground: Ground, model: UpstreamModel) {
  const { db, app } = ground
  const { accountId } = model
  const orders = await listOrders(db, { accountId, limit: 1_000 })
  expect(orders.map((order) => shownOf(order, app.now()))).toEqual(model.shown())
  expect(await balanceOf(db, accountId)).toBe(model.balance)
}

/** Lets everything come to its end, after which the books of both sides agree. */
async function finish(ground: Ground, model: UpstreamModel) {
  const { db, theirs, account } = ground
  ground.between.set('none')
  for (const seconds of [5, 60, windowS, theirWindowS, 310, 310, 310]) {
    await pass(ground, model, seconds)
    await compare(ground, model)
  }
  const orders = await account.orders()
  const refs = await db.query<{ state: string }>(
    `select state from allocations where upstream_ref is not null and last_word is not null`,
  )
  // Each number that was bought there is that of one request here, and all of them are over.
  expect(refs).toHaveLength(orders.length)
  const [open] = await db.query<{ open: number }>(
    `select count(*)::int as open from allocations
      where state in ('planned', 'asking', 'unknown') or cost_state = 'held'`,
  )
  expect(open).toEqual({ open: 0 })
  const { prepaid, atRisk, cost } = await ground.books()
  const theirBalance = await balanceOf(theirs.db, account.accountId)
  expect({ prepaid, atRisk }).toEqual({ prepaid: theirBalance, atRisk: 0n })
  expect(cost).toBe(BigInt(orders.filter(({ state }) => state === 'finished').length) * 5_000n)
  const ids = model.orders.map(({ id }) => id)
  const differences = await db.query<{ kind: string; id: bigint }>(
    `select d.kind, a.order_id as id from differences d left join allocations a on a.id = d.allocation_id
      where a.order_id = any($1) or d.allocation_id is null`,
    [ids],
  )
  expect(differences.map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual(
    [...model.differences].sort(),
  )
  await expectCleanAudit(db)
  await expectCleanAudit(theirs.db)
}
