// Rentals of another Numlet's numbers do what a plain model of them does, whatever is lost on the way: they
// are renewed while they run and in their grace time, cancelled in time, ended. Money and books are right on
// both sides.
// A failure names its seed and path: given to `fc.assert` beside `numRuns`, they repeat it.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { attempts } from '../harness/attempts.ts'
import { apis } from '../supply/upstream/between.ts'
import {
  dayS,
  lengthS,
  openRentalGround,
  rentalCost,
  rentalPrice,
} from '../supply/upstream/rental-ground.ts'
import { expectCleanAudit, outcomeOf } from './market.ts'

type Lost = 'none' | 'lose request' | 'lose answer'
/** `order`: which one of those that it can be about, from the newest back. */
type Step =
  | { readonly kind: 'rent'; readonly fault: Lost }
  | { readonly kind: 'text' | 'end'; readonly order: number }
  | { readonly kind: 'renew'; readonly order: number; readonly fault: Lost | 'refused' | 'dear' }
  | { readonly kind: 'cancel'; readonly order: number; readonly fault: Lost | 'text first' }
  | { readonly kind: 'wait'; readonly seconds: number }

type Rental = {
  readonly id: bigint
  readonly phone: string
  state: 'active' | 'ended' | 'cancelled'
  expiresMs: number
  renewals: number
  code: string | null
  messages: number
  readonly rentedMs: number
}

const order = fc.nat(4)
const lost = fc.constantFrom<Lost>('none', 'none', 'lose request', 'lose answer')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('rent' as const), fault: lost }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('text' as const), order }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), order }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('renew' as const),
      order,
      fault: fc.oneof(lost, fc.constantFrom('refused' as const, 'dear' as const)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('cancel' as const),
      order,
      fault: fc.oneof(lost, fc.constant('text first' as const)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.constantFrom(30, 1_500, dayS / 2, 2 * dayS, lengthS),
    }),
  },
)

const losses: readonly Lost[] = ['none', 'lose request', 'lose answer']
/** One of each sort, in an order in which each has something to do. */
const everyStep: readonly Step[] = [
  ...losses.map((fault): Step => ({ kind: 'rent', fault })),
  ...(['none', 'lose answer', 'text first'] as const).map(
    (fault, order): Step => ({ kind: 'cancel', order: order === 2 ? 0 : order, fault }),
  ),
  ...losses.map((): Step => ({ kind: 'rent', fault: 'none' })),
  { kind: 'cancel', order: 0, fault: 'lose request' },
  { kind: 'text', order: 0 },
  { kind: 'wait', seconds: 1_500 },
  ...(['none', 'lose request', 'lose answer', 'refused', 'dear'] as const).map(
    (fault): Step => ({ kind: 'renew', order: 0, fault }),
  ),
  { kind: 'end', order: 1 },
  { kind: 'rent', fault: 'none' },
  { kind: 'wait', seconds: lengthS },
  { kind: 'wait', seconds: 1_500 },
  // The newest has ended.
  { kind: 'renew', order: 0, fault: 'refused' },
  { kind: 'renew', order: 0, fault: 'lose answer' },
  { kind: 'end', order: 0 },
  { kind: 'renew', order: 0, fault: 'none' },
]

const ground = await openRentalGround(apis[0])
const { app, db, theirs, accountId, between, settle, pass: passBoth } = ground
const nowMs = () => app.now().getTime()
const graceMs = dayS * 1000
const refundMs = 20 * 60_000
const met = new Set<string>()
let codes = 200_000

class Model {
  readonly rentals: Rental[] = []
  readonly credit: bigint
  constructor(credit: bigint) {
    this.credit = credit
  }

  get balance(): bigint {
    const paid = this.rentals.filter(({ state }) => state !== 'cancelled')
    return (
      this.credit -
      paid.reduce((sum, { renewals }) => sum + 1n + BigInt(renewals), 0n) * rentalPrice
    )
  }

  /** The one that a step is about, of those that it can be about. */
  pick(place: number, fits: (rental: Rental) => boolean): Rental | undefined {
    const all = this.rentals.filter(fits)
    return all[all.length - 1 - (place % Math.max(1, all.length))]
  }

  /** Ends what is over by its time. */
  sweep(): void {
    for (const one of this.rentals)
      if (one.state === 'active' && one.expiresMs <= nowMs()) one.state = 'ended'
  }
}

async function pass(model: Model, ...pauses: readonly number[]) {
  for (const seconds of pauses) {
    await passBoth(seconds)
    model.sweep()
  }
}

/** Has requests of a sort get lost. */
const losing = (what: 'ask' | 'renew' | 'cancel', fault: string) =>
  between.set((asked) =>
    asked === what && (fault === 'lose request' || fault === 'lose answer') ? fault : 'none',
  )

async function rent(model: Model, fault: Lost) {
  losing('ask', fault)
  const { id } = await ground.ask()
  await settle()
  between.set('none')
  await pass(model, 5)
  const { phone, expiresAt, createdAt } = await ground.read(id)
  const rentedMs = createdAt.getTime()
  expect(expiresAt.getTime() - rentedMs).toBeGreaterThanOrEqual(lengthS * 1000 - 60_000)
  model.rentals.push({
    ...{ id, phone: phone as string, state: 'active', expiresMs: expiresAt.getTime() },
    ...{ renewals: 0, code: null, messages: 0, rentedMs },
  })
}

/** A message comes, and the platform names its order. */
async function text(model: Model, rental: Rental, isHinted = true) {
  const code = String(++codes)
  await ground.send(rental.phone, `Your WhatsApp code: ${code}`)
  Object.assign(rental, { code, messages: rental.messages + 1 })
  if (!isHinted) return
  const [row] = await db.query<{ ref: string }>(
    `select upstream_ref as ref from allocations where order_id = $1 and purpose = 'buy'`,
    [rental.id],
  )
  await app.supply.hint(ground.supplierId, row?.ref ?? '')
  await pass(model, 5, 30, 60)
}

const offerThere = (set: string) =>
  theirs.db.query(`update offers set ${set} where kind = 'rental'`)

async function renew(model: Model, rental: Rental, fault: Lost | 'refused' | 'dear') {
  const found = await ground.read(rental.id)
  if (fault === 'refused') await offerThere('active = false')
  if (fault === 'dear') await offerThere(`price = ${rentalPrice + 100n}`)
  losing('renew', fault)
  const isLost = fault === 'lose answer' || fault === 'lose request'
  const target = { accountId, id: rental.id, once: null }
  const outcome = isLost
    ? await ground.renewUnanswered(found)
    : await outcomeOf(ground.meanwhile(app.orders.renew(target)))
  await offerThere(`active = true, price = ${rentalCost}`)
  between.set('none')
  if (fault === 'refused' || fault === 'dear')
    return void expect(outcome).toBe('order_not_renewable')
  if (isLost) {
    expect(outcome).toBe('supply_pending')
    expect(await balanceOf(db, accountId)).toBe(model.balance - rentalPrice)
    // Nothing ends it while the platform is asked.
    await passBoth(65)
    await passBoth(65)
  }
  rental.renewals++
  rental.expiresMs += lengthS * 1000
  rental.state = 'active'
  model.sweep()
}

async function cancel(model: Model, rental: Rental, fault: Lost | 'text first') {
  const found = await ground.read(rental.id)
  const isInTime = nowMs() < rental.rentedMs + refundMs && rental.messages + rental.renewals === 0
  const target = { accountId, id: rental.id }
  if (!isInTime) {
    expect(await outcomeOf(app.orders.cancel(target))).toBe('order_not_cancellable')
    return
  }
  losing('cancel', fault)
  if (fault === 'text first') await text(model, rental, false)
  if (fault === 'none' || fault === 'text first') {
    const outcome = await outcomeOf(ground.meanwhile(app.orders.cancel(target)))
    if (fault === 'none') expect(outcome).toMatchObject({ changed: true })
    else expect(['supplier_rejected', 'order_not_cancellable']).toContain(outcome)
  } else expect(await ground.cancelUnanswered(found)).toBe('supply_pending')
  between.set('none')
  await pass(model, 5, 65, 65)
  if (fault !== 'text first') rental.state = 'cancelled'
}

const isActive = ({ state, expiresMs }: Rental) =>
  state === 'active' && expiresMs > nowMs() + 300_000
const isRenewable = (one: Rental) =>
  one.state !== 'cancelled' && one.expiresMs + graceMs > nowMs() + 300_000

async function take(model: Model, one: Step) {
  const place = 'order' in one ? one.order : 0
  const fits = one.kind === 'renew' ? isRenewable : isActive
  const rental = model.pick(place, fits)
  const before = rental?.state
  if (one.kind === 'rent') await rent(model, one.fault)
  else if (one.kind === 'wait') await pass(model, one.seconds)
  else if (rental === undefined) return
  else if (one.kind === 'text') await text(model, rental)
  else if (one.kind === 'renew') await renew(model, rental, one.fault)
  else if (one.kind === 'cancel') await cancel(model, rental, one.fault)
  else {
    await app.orders.end({ accountId, id: rental.id })
    rental.state = 'ended'
  }
  met.add(
    `${one.kind} ${'fault' in one ? one.fault : ''} ${one.kind === 'renew' ? before : ''}`.trim(),
  )
  await compare(model)
}

async function compare(model: Model) {
  for (const { id, state, renewals, code, messages, expiresMs } of model.rentals) {
    const found = await ground.read(id)
    expect(found).toMatchObject({ state, renewals, code, messageCount: messages })
    expect(found.expiresAt.getTime()).toBe(expiresMs)
  }
  expect(await balanceOf(db, accountId)).toBe(model.balance)
}

/** Lets all rentals come to their ends, after which the books of both sides agree. */
async function finish(model: Model) {
  while (model.rentals.some(({ state }) => state === 'active')) await pass(model, lengthS)
  await pass(model, lengthS, 3_600, 3_600)
  await compare(model)
  const orders = await ground.account.orders()
  const refs = await db.query(
    `select 1 as yes from allocations where upstream_ref is not null and purpose <> 'renew'`,
  )
  expect(refs).toHaveLength(orders.length)
  const open = await db.query(
    `select 1 as yes from allocations
      where state in ('planned', 'asking', 'unknown') or cost_state = 'held'
         or (upstream_ref is not null and last_word is null)`,
  )
  expect(open).toEqual([])
  const [there] = await theirs.db.query<{ paid: bigint }>(
    `select coalesce(sum(case when state = 'cancelled' then 0 else 1 + renewals end), 0)::bigint as paid
       from orders`,
  )
  const { prepaid, atRisk, cost } = await ground.books()
  expect({ prepaid, atRisk, cost }).toEqual({
    prepaid: await balanceOf(theirs.db, ground.account.accountId),
    atRisk: 0n,
    cost: (there?.paid ?? 0n) * rentalCost,
  })
  expect(await db.query('select kind from differences')).toEqual([])
  await expectCleanAudit(db, app.now())
  await expectCleanAudit(theirs.db, theirs.app.now())
}

const begin = async () => {
  await ground.pay(400_000n)
  return new Model(await balanceOf(db, accountId))
}

it('rentals have every step that there is', { timeout: 300_000 }, async () => {
  const model = await begin()
  for (const one of everyStep) await take(model, one)
  await finish(model)
  const wanted = [
    ...losses.map((fault) => `rent ${fault}`),
    ...[...losses, 'text first'].map((fault) => `cancel ${fault}`),
    ...[...losses, 'refused', 'dear'].map((fault) => `renew ${fault} active`),
    ...['none', 'lose answer', 'refused'].map((fault) => `renew ${fault} ended`),
    ...['text', 'end', 'wait'],
  ]
  expect(wanted.filter((name) => !met.has(name))).toEqual([])
})

it('rentals do what the model does, in any order of steps', { timeout: 900_000 }, async () => {
  const stepsARun = attempts(12, 30)
  const steps = fc.array(step, { minLength: stepsARun, maxLength: stepsARun, size: 'max' })
  const property = fc.asyncProperty(steps, async (all) => {
    const model = await begin()
    for (const one of all) await take(model, one)
    await finish(model)
  })
  await fc.assert(property, { numRuns: attempts(1, 15), endOnFailure: true })
})
