// Recording what a supplier answered to a renewal, or what a look-up found: the rental goes on, or the price
// is returned. Without a usable answer the price stays held, and it is looked up by the new end.

import type { Tx } from '../../db/database.ts'
import { type Allocation, lockAllocation } from '../allocations/allocation.ts'
import { costHoldOf, holdCost } from '../ledger/suppliers.ts'
import { rentalTermsIn } from '../orders/buying/rent.ts'
import type { Order } from '../orders/order.ts'
import { extendRental, isOfUse } from '../orders/renew-at-supplier.ts'
import { endRenewalHold } from '../orders/renewal-holds.ts'
import { readSettings } from '../settings.ts'
import { leaveUnknown } from './answers.ts'
import { lastWord, spend } from './costs.ts'
import { type Dealing, lockNumber } from './dealing.ts'
import { noteAsked } from './source-news.ts'
import type { RenewalVerdict } from './verdict.ts'

export type RenewalAnswer = {
  readonly allocationId: bigint
  /** The claim that it answers. */
  readonly claims: number
  readonly verdict: RenewalVerdict
}

/** Records the answer to a renewal. A late one changes nothing. @returns the order */
export function recordRenewal(dealing: Dealing, now: Date, answer: RenewalAnswer): Promise<bigint> {
  return dealing.db.begin(async (tx) => {
    const { order, allocation } = await lockNumber(tx, answer.allocationId)
    const { orderId, state } = allocation
    const isOpen = state === 'asking' || state === 'unknown'
    if (allocation.claims !== answer.claims || !isOpen) return orderId
    const { verdict } = answer
    if (verdict.kind === 'renewed') await renewed(tx, now, order, allocation, verdict.endsAt)
    else if (verdict.kind === 'no') await refuse(tx, now, allocation, verdict.class)
    else await leaveUnknown(tx, now, allocation, { kind: 'unknown', why: verdict.why })
    if (verdict.kind !== 'renewed') await noteAsked(tx, now, allocation, verdict)
    return orderId
  })
}

async function refuse(tx: Tx, now: Date, allocation: Allocation, why: string): Promise<void> {
  const { id, maxCost } = allocation
  await spend(tx, allocation, { asking: -(maxCost ?? 0n), spent: 0n })
  await tx.query(
    `update allocations set state = 'refused', lease_until = null, poll_at = null, error = $2
      where id = $1`,
    [id, why],
  )
  await endRenewalHold(tx, now, id, 'void')
}

/** How long a renewal without an answer is looked up. */
const patienceS = 24 * 60 * 60
const renewalsATime = 100

/** Gives up renewals that their supplier has not answered for a day, once the rental's old end has passed:
 * the price is returned, and the rental ends. @returns how many */
export async function giveUpRenewals(dealing: Dealing, now: Date): Promise<number> {
  const due = await dealing.db.query<{ id: bigint }>(
    `select a.id from allocations a join orders o on o.id = a.order_id
      where a.purpose = 'renew' and a.state = 'unknown' and a.asked_at <= $1 and o.expires_at <= $2
      order by a.id limit ${renewalsATime}`,
    [new Date(now.getTime() - patienceS * 1000), now],
  )
  for (const { id } of due)
    await dealing.db.begin(async (tx) => {
      const { allocation } = await lockNumber(tx, id)
      if (allocation.state === 'unknown')
        await refuse(tx, now, allocation, 'not answered for a day')
    })
  return due.length
}

/** The supplier has renewed, and is paid for that. If it is of no use any more, the customer does not pay. */
async function renewed(
  tx: Tx,
  now: Date,
  order: Order | undefined,
  allocation: Allocation,
  endsAt: Date,
): Promise<void> {
  const isGot = order !== undefined && (await isOfUse(tx, now, order, endsAt))
  await keepCost(tx, now, allocation, isGot)
  if (!isGot) return endRenewalHold(tx, now, allocation.id, 'void')
  const terms = rentalTermsIn(await readSettings(tx))
  await extendRental(tx, now, terms, order, { allocationId: allocation.id, endsAt })
}

/** A renewal costs what the product is listed at: suppliers name no other cost. */
async function keepCost(tx: Tx, now: Date, allocation: Allocation, isGot: boolean): Promise<void> {
  const { id, supplierId, currency, sourceId, maxCost } = allocation
  const [source] = await tx.query<{ cost: bigint }>('select cost from sources where id = $1', [
    sourceId,
  ])
  const amount = source?.cost ?? maxCost ?? 0n
  const holdId = costHoldOf(id)
  await holdCost(tx, now, { supplierId, currency, amount, holdId })
  await spend(tx, allocation, { asking: -(maxCost ?? 0n), spent: amount })
  await tx.query(
    `update allocations a set state = $2, lease_until = null, poll_at = null,
            upstream_ref = left(g.upstream_ref, 170) || '+' || a.id, phone = g.phone,
            cost = $3, cost_hold_id = $4, cost_state = 'held'
       from allocations g where a.id = $1 and g.id = a.again_of`,
    [id, isGot ? 'got' : 'given_up', amount, holdId],
  )
  await lastWord(tx, now, await lockAllocation(tx, id), 'charged', isGot)
}
