// Recording what a supplier answered to a request, or what a look-up found. One transaction, whatever it was.
import type { Tx } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { type Allocation, lockAllocation } from '../allocations/allocation.ts'
import { openCommand } from '../allocations/commands.ts'
import { DomainError } from '../error.ts'
import { spend } from './costs.ts'
import { type Dealing, lockNumber } from './dealing.ts'
import { planNext } from './next.ts'
import { keepReference, takeNumber } from './numbers.ts'
import { noteAsked } from './source-news.ts'
import type { AskVerdict } from './verdict.ts'

export type Answer = {
  readonly allocationId: bigint
  /** The claim that it answers. */
  readonly claims: number
  readonly verdict: AskVerdict
}

/** What was recorded: the order that may have changed. */
export type Recorded = { readonly orderId: bigint; readonly isGot: boolean }

const maxReferenceLength = 200
/** The longest pause between two look-ups. */
const maxPauseS = 60
/** A supplier that asks for longer pauses is not believed: a number may wait there. */
const maxToldS = 600

/**
 * Records the answer to a request. A number is the order's, or is given back; after a certain no the next
 * source is asked, or the order fails. After no usable answer the supplier is asked what became of the
 * request; the next source is asked only when that did not help, either.
 */
export async function recordAnswer(dealing: Dealing, now: Date, answer: Answer): Promise<Recorded> {
  const record = (unwanted?: string) =>
    dealing.db.begin((tx) => recordIn(tx, dealing, now, answer, unwanted))
  try {
    return await record()
  } catch (error) {
    // A replacement that its customer cannot have: nothing changes, and the number is given back.
    if (error instanceof DomainError) return record(error.code)
    // Another order has got the same number, or the same reference, at this moment.
    if (!oneEach.some((name) => isUniqueViolation(error, name))) throw error
    return record()
  }
}

const oneEach = ['one_open_upstream_lease', 'allocations_reference']

async function recordIn(
  tx: Tx,
  dealing: Dealing,
  now: Date,
  answer: Answer,
  unwanted?: string,
): Promise<Recorded> {
  const { order, allocation } = await lockNumber(tx, answer.allocationId)
  const { orderId } = allocation
  const told = sound(answer.verdict)
  if (allocation.claims !== answer.claims || !isOpen(allocation)) {
    if (told.kind === 'number') await giveBack(tx, now, dealing, { allocation, verdict: told })
    return { orderId, isGot: false }
  }
  const verdict = await itsOwn(tx, allocation, told)
  if (told.kind === 'number' && verdict.kind === 'unknown')
    await giveBack(tx, now, dealing, { allocation, verdict: told })
  if (verdict.kind === 'number') {
    const taking = { order, allocation, number: verdict, unwanted }
    const isGot = await takeNumber(tx, now, dealing, taking)
    if (!isGot && order && unwanted === undefined)
      await planNext(tx, now, dealing, order, allocation)
    await noteAsked(tx, now, allocation, verdict)
    return { orderId, isGot }
  }
  if (verdict.kind === 'no') await refuse(tx, now, allocation, verdict.class)
  else await leaveUnknown(tx, now, allocation, verdict)
  const isFirstLook = allocation.state === 'asking'
  if (order && (verdict.kind === 'no' || !isFirstLook))
    await planNext(tx, now, dealing, order, allocation)
  await noteAsked(tx, now, allocation, verdict)
  return { orderId, isGot: false }
}

const isOpen = ({ state }: Allocation) => state === 'asking' || state === 'unknown'

/** A reference that cannot be stored is none. */
function sound(verdict: AskVerdict): AskVerdict {
  const ref = verdict.kind === 'no' ? undefined : verdict.ref
  if (ref === undefined || (ref.length > 0 && ref.length <= maxReferenceLength)) return verdict
  return { kind: 'unknown', why: 'a reference of a length that none has' }
}

/** A number of another request, or of another reference than the supplier has told before, says nothing of
 * this request: something between us and the supplier has repeated an answer, or a request. */
async function itsOwn(tx: Tx, allocation: Allocation, verdict: AskVerdict): Promise<AskVerdict> {
  if (verdict.kind !== 'number') return verdict
  const isOther = allocation.ref !== null && allocation.ref !== verdict.ref
  if (!isOther && !(await isKnown(tx, allocation, verdict.ref))) return verdict
  return { kind: 'unknown', why: 'the number of another request' }
}

/** Whether the reference is that of another request. */
async function isKnown(tx: Tx, { id, supplierId }: Allocation, ref: string): Promise<boolean> {
  const rows = await tx.query(
    'select 1 as yes from allocations where supplier_id = $1 and upstream_ref = $2 and id <> $3',
    [supplierId, ref, id],
  )
  return rows.length > 0
}

type Stray = {
  readonly allocation: Allocation
  readonly verdict: Extract<AskVerdict, { kind: 'number' }>
}

/** A number that comes for a request that is not open any more is given back, unless it is known already. */
async function giveBack(tx: Tx, now: Date, dealing: Dealing, stray: Stray): Promise<void> {
  const { allocation, verdict } = stray
  const [known] = await tx.query(
    'select 1 as yes from allocations where supplier_id = $1 and upstream_ref = $2',
    [allocation.supplierId, verdict.ref],
  )
  if (known) return
  const [row] = await tx.query<{ id: bigint }>(
    `insert into allocations (order_id, supplier_id, source_id, attempt, state, request_key, created_at,
       allocate_by, asked_at, lease_until, claims, max_cost, price_base, rate, currency)
     select order_id, supplier_id, source_id, attempt, 'refused', gen_random_uuid()::text, $2, allocate_by,
            asked_at, null, claims, max_cost, price_base, rate, currency
       from allocations where id = $1 returning id`,
    [allocation.id, now],
  )
  const copy = await lockAllocation(tx, (row as { id: bigint }).id)
  // What it may cost was counted with the request, and is no longer: taking the number takes it off.
  await spend(tx, copy, { asking: copy.maxCost ?? 0n, spent: 0n })
  // Without its order: nobody waits for this one.
  await takeNumber(tx, now, dealing, { order: undefined, allocation: copy, number: verdict })
}

async function refuse(tx: Tx, now: Date, allocation: Allocation, why: string): Promise<void> {
  const { id, costState, maxCost } = allocation
  if (costState !== 'none') {
    // It had a reference, and may have been bought after all.
    await tx.query(
      `update allocations set state = 'given_up', lease_until = null, poll_at = $3, error = $2 where id = $1`,
      [id, why, now],
    )
    await openCommand(tx, now, { allocationId: id, verb: 'cancel', askedBy: 'supply' })
    return
  }
  await spend(tx, allocation, { asking: -(maxCost ?? 0n), spent: 0n })
  await tx.query(
    `update allocations set state = 'refused', lease_until = null, poll_at = null, error = $2 where id = $1`,
    [id, why],
  )
}

export async function leaveUnknown(
  tx: Tx,
  now: Date,
  allocation: Allocation,
  { why, ref, retryAfterS = 0 }: Extract<AskVerdict, { kind: 'unknown' }>,
): Promise<void> {
  const isLookUp = allocation.state === 'unknown'
  const least = isLookUp ? Math.min(maxPauseS, 2 ** Math.min(allocation.polls, 6)) : 0
  const pauseS = Math.max(least, Math.min(retryAfterS, maxToldS))
  await tx.query(
    `update allocations set state = 'unknown', lease_until = null, looking_until = null, error = $2,
            poll_at = $3 where id = $1`,
    [allocation.id, why.slice(0, 300), new Date(now.getTime() + pauseS * 1000)],
  )
  const isNew =
    ref !== undefined && allocation.ref === null && !(await isKnown(tx, allocation, ref))
  if (isNew) await keepReference(tx, now, allocation, ref)
}
