// Settling differences: a person decides what became of the money, and the ledger follows.
import type { Tx } from '../../db/database.ts'
import { type Allocation, lockAllocation } from '../allocations/allocation.ts'
import { DomainError } from '../error.ts'
import { adjust, type SupplierAccount } from '../ledger/suppliers.ts'
import { transferIdFor } from '../ledger/transfer-id.ts'
import type { Amount } from '../money.ts'
import { lastWord, spend } from './costs.ts'
import { lockOrderById } from './dealing.ts'
import { closeDifference, differenceById, type ListedDifference } from './differences.ts'

/**
 * `written-off`: the money is lost, or was found. `paid-back`: the supplier has returned it. `explained`:
 * nothing has to move.
 */
export const settlements = ['written-off', 'paid-back', 'explained'] as const
export type Settlement = (typeof settlements)[number]

export type Settling = {
  readonly supplierId: number
  readonly id: bigint
  readonly as: Settlement
  readonly by: string
  readonly reason: string
}

/**
 * Settles a difference, and moves its money once. Repeating it changes nothing.
 * @throws not_found, invalid_request if that cannot be what became of the money
 */
export async function settleDifference(
  tx: Tx,
  now: Date,
  { supplierId, id, as, by, reason }: Settling,
): Promise<{ difference: ListedDifference; changed: boolean }> {
  const unlocked = await differenceById(tx, supplierId, id)
  const allocation = unlocked && (await lockedAllocation(tx, unlocked))
  const difference = unlocked && (await differenceById(tx, supplierId, id, 'for no key update'))
  if (!difference) throw new DomainError('not_found', `There is no difference ${id} there.`)
  if (difference.state === 'settled') return { difference, changed: false }
  const transferId =
    as === 'explained'
      ? null
      : allocation
        ? await settleCost(tx, now, difference, allocation, as)
        : await settleBalance(tx, now, difference, as)
  await closeDifference(tx, now, { id, by, reason, transferId })
  const settled = await differenceById(tx, supplierId, id)
  return { difference: settled ?? difference, changed: true }
}

/** Locks the order of a difference, and then its allocation. */
async function lockedAllocation(
  tx: Tx,
  { allocationId, orderId }: ListedDifference,
): Promise<Allocation | null> {
  if (allocationId === null) return null
  if (orderId !== null) await lockOrderById(tx, orderId)
  return lockAllocation(tx, allocationId)
}

/** @returns the transfer; null if there was nothing to move */
async function settleBalance(
  tx: Tx,
  now: Date,
  difference: ListedDifference,
  as: Settlement,
): Promise<string | null> {
  const { kind, expected, found } = difference
  if (kind !== 'balance' || as !== 'written-off')
    throw unfit(
      'A difference of a whole account is settled as explained; one of a balance, also as written-off.',
    )
  if (found === expected) return null
  return found < expected
    ? move(tx, now, difference, { from: 'prepaid', to: 'losses', amount: expected - found })
    : move(tx, now, difference, { from: 'losses', to: 'prepaid', amount: found - expected })
}

async function settleCost(
  tx: Tx,
  now: Date,
  difference: ListedDifference,
  allocation: Allocation,
  as: 'written-off' | 'paid-back',
): Promise<string | null> {
  if (difference.kind === 'wrong_charge') return settleExcess(tx, now, difference, allocation, as)
  const { id, cost, costState, costHoldId } = allocation
  if (cost === null || costHoldId === null || costState === 'voided')
    throw unfit('The supplier has returned the cost already: settle it as explained.')
  if (as === 'written-off') {
    if (costState === 'held') await lastWord(tx, now, allocation, 'charged', true)
    return move(tx, now, difference, { from: 'cost', to: 'losses', amount: cost, costHoldId })
  }
  if (costState === 'held') {
    await lastWord(tx, now, allocation, 'refunded', true)
    return transferIdFor('supply_void', costHoldId)
  }
  // A cost that was charged again may have been refunded before: the refund of its hold happens once.
  await tx.query(
    `update allocations set cost_state = 'voided', last_word = 'refunded', last_word_at = $2, poll_at = null
      where id = $1`,
    [id, now],
  )
  return move(tx, now, difference, { from: 'cost', to: 'prepaid', amount: cost, costHoldId })
}

/** What was charged above the highest cost that was agreed. */
async function settleExcess(
  tx: Tx,
  now: Date,
  difference: ListedDifference,
  allocation: Allocation,
  as: 'written-off' | 'paid-back',
): Promise<string> {
  const { id, cost, costState, costHoldId } = allocation
  const excess = (cost ?? 0n) - difference.expected
  if (excess <= 0n || costHoldId === null || costState === 'voided')
    throw unfit('No more is charged than was agreed: settle it as explained.')
  const from = costState === 'held' ? 'at_risk' : 'cost'
  if (as === 'written-off') {
    if (from === 'at_risk')
      throw unfit(
        'The supplier may still return the cost: settle it when it has said its last word.',
      )
    return move(tx, now, difference, { from, to: 'losses', amount: excess, costHoldId })
  }
  await tx.query('update allocations set cost = $2, cost_told = true where id = $1', [
    id,
    difference.expected,
  ])
  await spend(tx, allocation, { asking: 0n, spent: -excess })
  return move(tx, now, difference, { from, to: 'prepaid', amount: excess, costHoldId })
}

async function move(
  tx: Tx,
  now: Date,
  { id, supplierId, currency }: ListedDifference,
  way: {
    readonly from: SupplierAccount
    readonly to: SupplierAccount
    readonly amount: Amount
    readonly costHoldId?: string
  },
): Promise<string> {
  const name = ['difference', id] as const
  const { from, to, amount, costHoldId } = way
  const hold = costHoldId === undefined ? {} : { holdId: costHoldId }
  await adjust(tx, now, { supplierId, currency, amount }, { name, from, to, ...hold })
  return transferIdFor('supply_adjust', ...name)
}

const unfit = (message: string) => new DomainError('invalid_request', message)
