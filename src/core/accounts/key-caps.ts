// Caps of keys, in purchases that are not batched: the same as `take_one` does for those that are.
import type { Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { Amount } from '../money.ts'
import { cappedKey } from './acting-key.ts'

export const capReached = () =>
  new DomainError('key_limit_reached', 'The key has reached what may be spent with it on a day.')

/** Counts what the key of this request spends, if it has a cap. The caller holds the wallet's lock.
 * @returns the key that it was counted against; null: none
 * @throws key_limit_reached */
export async function spendWithKey(tx: Tx, now: Date, amount: Amount): Promise<number | null> {
  const key = cappedKey()
  if (key === null) return null
  const [row] = await tx.query<{ may: boolean }>('select may_spend($1, $2, $3) as may', [
    key,
    now,
    amount,
  ])
  if (!row?.may) throw capReached()
  await tx.query('select spend_with_key($1, $2, $3)', [key, now, amount])
  return key
}

/** Takes what was returned off what was spent with a key on the day of the purchase. Another day's spending
 * stays as it is. The caller holds the wallet's lock. */
export async function unspendWithKey(
  tx: Tx,
  spent: { readonly key: number; readonly at: Date; readonly amount: Amount },
): Promise<void> {
  await tx.query(
    `update key_spending set spent = greatest(0, spent - $3)
      where key_id = $1 and day = ($2::timestamptz at time zone 'utc')::date`,
    [spent.key, spent.at, spent.amount],
  )
}
