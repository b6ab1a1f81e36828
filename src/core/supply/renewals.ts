// Recording what a supplier answered to a renewal, or what a look-up found: the rental goes on, or the price
// is returned. Without a usable answer the price stays held, and it is looked up by the new end.

import type { Tx } from '../../db/database.ts'
import { type Allocation, lockAllocation } from '../allocations/allocation.ts'
import { costHoldOf, holdCost } from '../ledger/suppliers.ts'
import { rentalTermsIn } from '../orders/buying/rent.ts'
import type { Order } from '../orders/order.ts'
import { extendRental } from '../orders/renew-at-supplier.ts'
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
    else if (verdict.kind === 'no') {
      await spend(tx, allocation, { asking: -(allocation.maxCost ?? 0n), spent: 0n })
      await tx.query(
        `update allocations set state = 'refused', lease_until = null, poll_at = null, error = $2
          where id = $1`,
        [allocation.id, verdict.class],
      )
      await endRenewalHold(tx, now, allocation.id, 'void')
    } else await leaveUnknown(tx, now, allocation, { kind: 'unknown', why: verdict.why })
    if (verdict.kind !== 'renewed') await noteAsked(tx, now, allocation, verdict)
    return orderId
  })
}

/** The supplier has renewed, and is paid for that. If the order is over by then, its customer is not. */
async function renewed(
  tx: Tx,
  now: Date,
  order: Order | undefined,
  allocation: Allocation,
  endsAt: Date,
): Promise<void> {
  const isGot = order?.state === 'active'
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
