// A number that a supplier gives: the order gets it, or it is given back. Either is written with the number.
import type { Tx } from '../../db/database.ts'
import type { Allocation } from '../allocations/allocation.ts'
import { openCommand } from '../allocations/commands.ts'
import { costHoldOf, holdCost } from '../ledger/suppliers.ts'
import { type Amount, maxAmount } from '../money.ts'
import { nextReminder, rentalTermsIn } from '../orders/buying/rent.ts'
import { move } from '../orders/lifecycle.ts'
import type { Order } from '../orders/order.ts'
import { moveToNew } from '../orders/replace-at-supplier.ts'
import { readSettings } from '../settings.ts'
import { correctCost, note, spend } from './costs.ts'
import type { Dealing } from './dealing.ts'
import type { UpstreamNumber } from './verdict.ts'

/** A number that ends sooner is of no use. */
const minWindowS = 60
/** By so much a rental may end sooner than its length from now on: its time began at the supplier. */
const rentalSlackS = 300
/** When a number is first looked at after it came. */
const firstPollS = 3
const e164 = /^\+[1-9][0-9]{5,14}$/

type Taking = {
  readonly order: Order | undefined
  readonly allocation: Allocation
  readonly number: UpstreamNumber
  /** Why the order cannot have any number. */
  readonly unwanted?: string | undefined
}

/**
 * Takes a number that came for a request. Requires the locks of the order and of the allocation.
 * @param order undefined if it is in an archive
 * @returns whether the order has it; otherwise it is given back
 * @throws the errors of a purchase, for a replacement that its customer cannot have
 */
export async function takeNumber(
  tx: Tx,
  now: Date,
  dealing: Dealing,
  taking: Taking,
): Promise<boolean> {
  const { terms, closers } = dealing
  const { order: asking, allocation, number, unwanted } = taking
  const cost = await costOf(tx, allocation, number)
  if (cost.isTold) await correctCost(tx, now, allocation, cost.amount)
  const why = unwanted ?? (await whyUnfit(tx, now, asking, allocation, number, cost.amount))
  const isReplacement = why === null && asking !== undefined && allocation.purpose === 'replace'
  const order = isReplacement ? await moveToNew(tx, now, closers, asking, allocation) : asking
  const lastsS = order?.durationS ?? terms.activationWindowS
  const ends = new Date(now.getTime() + lastsS * 1000)
  const told = order?.kind === 'rental' ? { ...number, endsAt: number.endsAt ?? ends } : number
  await keepNumber(tx, now, allocation, { number: told, cost, why })
  if (why !== null || order === undefined) {
    await openCommand(tx, now, { allocationId: allocation.id, verb: 'cancel', askedBy: 'supply' })
    return false
  }
  const until = new Date(Math.min(ends.getTime(), number.endsAt?.getTime() ?? ends.getTime()))
  const cooldownS = order.kind === 'rental' ? 0 : terms.cancelCooldownS
  const cooldownEnd = now.getTime() + cooldownS * 1000
  const cancelAfter = new Date(Math.max(cooldownEnd, number.cancelAfter?.getTime() ?? 0))
  await tx.query(
    `update orders set allocation_id = $2, phone = $3, expires_at = $4, cancel_after = $5 where id = $1`,
    [order.id, allocation.id, number.phone, until, cancelAfter],
  )
  await tx.query(
    `insert into upstream_leases (order_id, allocation_id, service_id, account_id, phone, starts_at, until,
       remind_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[order.id, allocation.id, order.serviceId, order.accountId, number.phone, now, until],
      order.kind === 'rental'
        ? nextReminder(rentalTermsIn(await readSettings(tx)), now, until)
        : null,
    ],
  )
  const moved = await move(tx, now, [order.id], 'allocate')
  if (moved.length === 0) throw new Error('a locked order did not move')
  return true
}

type Told = { readonly amount: Amount; readonly isTold: boolean }

/** As told, if it is in the supplier's currency; otherwise as listed. */
async function costOf(tx: Tx, allocation: Allocation, number: UpstreamNumber): Promise<Told> {
  const { cost, currency } = number
  const isOurs = currency === null || currency === allocation.currency
  if (cost !== null && isOurs && cost >= 0n && cost <= maxAmount)
    return { amount: cost, isTold: true }
  const [source] = await tx.query<{ cost: Amount }>('select cost from sources where id = $1', [
    allocation.sourceId,
  ])
  return { amount: source?.cost ?? allocation.maxCost ?? 0n, isTold: false }
}

/** Why a number is not for the order; null if it is. */
async function whyUnfit(
  tx: Tx,
  now: Date,
  order: Order | undefined,
  allocation: Allocation,
  number: UpstreamNumber,
  cost: Amount,
): Promise<string | null> {
  if (order?.state !== (allocation.purpose === 'replace' ? 'waiting' : 'allocating'))
    return 'the order was over'
  if (allocation.purpose === 'replace' && allocation.allocateBy <= now) return 'it came too late'
  if (!e164.test(number.phone)) return 'it is no phone number'
  const leastS = order.durationS === null ? minWindowS : order.durationS - rentalSlackS
  if (number.endsAt && number.endsAt.getTime() < now.getTime() + leastS * 1000)
    return 'it ends too soon'
  const [row] = await tx.query<{ why: string | null }>(
    `select case
       when u.state <> 'active' then 'the account is suspended'
       when not starts_with($2, '+' || c.calling_code) then 'it is of another country'
       when g.phone <> $2 then 'it is another number'
       when exists (select from unnest(a.unwanted) w(prefix) where starts_with($2, '+' || w.prefix))
         then 'the customer does not want such a number'
       when exists (select from numbers n where n.phone = $2) then 'it is one of our own'
       when exists (select from upstream_leases l where l.phone = $2 and l.service_id = o.service_id
                     and l.ended_at is null) then 'it is let for the service'
       when g.id is null and exists (select from upstream_leases l
                   where l.phone = $2 and l.service_id = o.service_id
                     and (r.days is null or l.ended_at > $3::timestamptz - make_interval(days => r.days)))
         then 'it was let for the service before'
       when exists (select from upstream_leases l join banned_orders b on b.order_id = l.order_id
                     where l.phone = $2 and l.service_id = o.service_id) then 'the service knows it'
       when g.id is null and p.slug <> 'any' and p.slug <> $4 then 'it is of another operator'
       when $5::bigint > a.max_cost then 'it costs more than was asked for' end as why
       from allocations a
       join orders o on o.id = a.order_id
       join accounts u on u.id = o.account_id
       join countries c on c.code = o.country
       join operators p on p.id = o.operator_id
       left join allocations g on g.id = a.again_of
       left join (select (value #>> '{}')::int as days from settings
                   where name = 'reuse_after_days' and jsonb_typeof(value) = 'number') r on true
      where a.id = $1`,
    [allocation.id, number.phone, now, number.operator, cost],
  )
  return row?.why ?? null
}

/** Writes the number on its allocation, with its cost. */
async function keepNumber(
  tx: Tx,
  now: Date,
  allocation: Allocation,
  { number, cost, why }: { number: UpstreamNumber; cost: Told; why: string | null },
): Promise<void> {
  const { id, supplierId, currency, maxCost, costState } = allocation
  const holdId = costHoldOf(id)
  if (costState === 'none') {
    await holdCost(tx, now, { supplierId, currency, amount: cost.amount, holdId })
    await spend(tx, allocation, { asking: -(maxCost ?? 0n), spent: cost.amount })
  }
  await tx.query(
    `update allocations set state = $2, lease_until = null, upstream_ref = $3, phone = $4, operator_told = $5,
            ends_at = $6, cancel_after = $7, error = $8, poll_at = $9, polls = 0, cost_hold_id = $10,
            cost = coalesce(cost, $11), cost_told = cost_told or $12,
            cost_state = case when cost_state = 'none' then 'held' else cost_state end
      where id = $1`,
    [
      ...[id, why === null ? 'got' : 'given_up', number.ref],
      ...[e164.test(number.phone) ? number.phone : null, number.operator?.slice(0, 100) ?? null],
      ...[number.endsAt, number.cancelAfter, why],
      ...[new Date(now.getTime() + firstPollS * 1000), holdId, cost.amount, cost.isTold],
    ],
  )
  if (maxCost !== null && cost.amount > maxCost)
    await note(tx, now, { ...allocation, cost: cost.amount }, 'wrong_charge', maxCost)
}

/** Writes the reference of a request that the supplier is still working on: its cost counts from now on. */
export async function keepReference(
  tx: Tx,
  now: Date,
  allocation: Allocation,
  ref: string,
): Promise<void> {
  const { id, supplierId, currency, maxCost } = allocation
  const cost = maxCost ?? 0n
  const holdId = costHoldOf(id)
  await holdCost(tx, now, { supplierId, currency, amount: cost, holdId })
  await spend(tx, allocation, { asking: -cost, spent: cost })
  await tx.query(
    `update allocations set upstream_ref = $2, cost = $3, cost_hold_id = $4, cost_state = 'held'
      where id = $1`,
    [id, ref, cost, holdId],
  )
}
