// An allocation: a request for a number to a supplier, and what became of it.
import type { Tx } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export type AllocationState = 'planned' | 'asking' | 'got' | 'given_up' | 'refused' | 'unknown'

export type Allocation = {
  readonly id: bigint
  readonly orderId: bigint
  readonly supplierId: number
  readonly sourceId: number
  readonly attempt: number
  readonly state: AllocationState
  readonly purpose: 'buy' | 'replace' | 'again' | 'renew'
  /** Prefixes that the number must not have. */
  readonly unwanted: readonly string[]
  /** The allocation whose number is bought again; null: any number will do. */
  readonly againOf: bigint | null
  /** How often it was claimed: a report names the claim that it is about. */
  readonly claims: number
  readonly allocateBy: Date
  readonly askedAt: Date | null
  /** In the supplier's currency, like all costs. */
  readonly maxCost: Amount | null
  readonly currency: string
  readonly ref: string | null
  readonly endsAt: Date | null
  readonly cancelAfter: Date | null
  readonly resendEpoch: number
  /** How often it was looked for, or read. */
  readonly polls: number
  readonly cost: Amount | null
  readonly costHoldId: string | null
  readonly costState: 'none' | 'held' | 'posted' | 'voided'
  readonly lastWord: 'charged' | 'refunded' | null
  /** When its supplier first said that it was over, without being asked to end it. */
  readonly overSince: Date | null
}

/** The most requests for one order. */
export const maxAttempts = 4

const columns = `id, order_id as "orderId", supplier_id as "supplierId", source_id as "sourceId", attempt,
  state, purpose, coalesce(unwanted, '{}') as unwanted, again_of as "againOf", claims,
  allocate_by as "allocateBy", asked_at as "askedAt",
  max_cost as "maxCost", currency,
  upstream_ref as ref, ends_at as "endsAt", cancel_after as "cancelAfter", resend_epoch as "resendEpoch",
  polls, cost, cost_hold_id as "costHoldId", cost_state as "costState", last_word as "lastWord",
  over_since as "overSince"`

/** Locks an allocation until the transaction ends. Its order is locked before it. */
export async function lockAllocation(tx: Tx, id: bigint): Promise<Allocation> {
  const [row] = await tx.query<Allocation>(
    `select ${columns} from allocations where id = $1 for no key update`,
    [id],
  )
  if (!row) throw new Error(`there is no allocation ${id}`)
  return row
}
