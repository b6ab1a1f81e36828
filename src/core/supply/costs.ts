// What a number costs at its supplier: held when it comes, and kept or returned by what the supplier says.
import type { Tx } from '../../db/database.ts'
import type { Allocation } from '../allocations/allocation.ts'
import { adjust, type Cost, chargeAgain, endCost, refundCost } from '../ledger/suppliers.ts'
import type { Amount } from '../money.ts'
import { type DifferenceKind, noteDifference } from './differences.ts'

/** The supplier keeps the cost: it has shown a code, or says so. Safe to repeat. */
export async function keepCost(tx: Tx, now: Date, allocation: Allocation): Promise<void> {
  const { id, costState, lastWord } = allocation
  if (costState === 'held') await endCost(tx, now, costOf(allocation), 'post')
  if (costState === 'voided') {
    // It had returned it.
    await chargeAgain(tx, now, costOf(allocation))
    await note(tx, now, allocation, 'charge_after_refund', 0n)
  }
  if (costState === 'held' || costState === 'voided')
    await tx.query(
      `update allocations set cost_state = 'posted',
              last_word = case when $2 then 'charged' else last_word end where id = $1`,
      [id, lastWord === 'refunded'],
    )
}

/** The supplier's last word on the money. It may still take it back. Safe to repeat.
 * @param hadCode whether a code came: otherwise a charge is not what was agreed */
export async function lastWord(
  tx: Tx,
  now: Date,
  allocation: Allocation,
  word: 'charged' | 'refunded',
  hadCode: boolean,
): Promise<void> {
  const { id, costState } = allocation
  if (allocation.lastWord === word || costState === 'none') return
  if (word === 'charged') {
    await keepCost(tx, now, allocation)
    if (!hadCode) await note(tx, now, allocation, 'refund_missing', 0n)
  } else if (costState === 'held') await endCost(tx, now, costOf(allocation), 'void')
  else if (costState === 'posted') await refundCost(tx, now, costOf(allocation))
  await tx.query(
    `update allocations set last_word = $2, last_word_at = $3, poll_at = null,
            cost_state = case $2 when 'charged' then 'posted' else 'voided' end
      where id = $1`,
    [id, word, now],
  )
}

/** The supplier names another cost than before: it counts from the beginning. Safe to repeat. */
export async function correctCost(
  tx: Tx,
  now: Date,
  allocation: Allocation,
  told: Amount,
): Promise<Allocation> {
  const { id, supplierId, currency, cost, costState, maxCost } = allocation
  const account = ({ held: 'at_risk', posted: 'cost' } as const)[costState as 'held' | 'posted']
  if (cost === null || account === undefined || told === cost) return allocation
  const isMore = told > cost
  await adjust(
    tx,
    now,
    { supplierId, currency, amount: isMore ? told - cost : cost - told },
    {
      ...{ name: ['cost', id, cost, told, now.toISOString()], holdId: costOf(allocation).holdId },
      ...(isMore ? { from: 'prepaid', to: account } : { from: account, to: 'prepaid' }),
    },
  )
  await tx.query('update allocations set cost = $2, cost_told = true where id = $1', [id, told])
  await spend(tx, allocation, { asking: 0n, spent: told - cost })
  const corrected = { ...allocation, cost: told }
  if (maxCost !== null && told > maxCost) await note(tx, now, corrected, 'wrong_charge', maxCost)
  return corrected
}

/** Counts what a request may cost, and what it did cost, on the day of the request (UTC). */
export async function spend(
  tx: Tx,
  { supplierId, askedAt }: Pick<Allocation, 'supplierId' | 'askedAt'>,
  by: { readonly asking: Amount; readonly spent: Amount },
): Promise<void> {
  if (askedAt === null) return
  await tx.query(
    `insert into supplier_usage as u (supplier_id, day, asking, spent)
     values ($1, ($2::timestamptz at time zone 'utc')::date, greatest($3::bigint, 0), $4)
     on conflict (supplier_id, day)
       do update set asking = greatest(0, u.asking + $3::bigint), spent = u.spent + $4`,
    [supplierId, askedAt, by.asking, by.spent],
  )
}

/** Notes a cost that is not the one that is due. */
export function note(
  tx: Tx,
  now: Date,
  { id, supplierId, currency, cost }: Allocation,
  kind: DifferenceKind,
  expected: Amount,
): Promise<void> {
  const found = cost ?? 0n
  return noteDifference(tx, now, { supplierId, kind, allocationId: id, expected, found, currency })
}

function costOf({ id, supplierId, currency, cost, costHoldId }: Allocation): Cost {
  if (cost === null || costHoldId === null) throw new Error(`allocation ${id} has no cost`)
  return { supplierId, currency, amount: cost, holdId: costHoldId }
}
