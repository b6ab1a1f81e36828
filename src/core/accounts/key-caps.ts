// Caps of keys, in purchases that are not batched: the same as `take_one` does for those that are.
import type { Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { Amount } from '../money.ts'
import { cappedKey } from './acting-key.ts'

export const capReached = () =>
  new DomainError('key_limit_reached', 'The key has reached what may be spent with it on a day.')

/** Counts what the key of this request spends, if it has a cap. The caller holds the wallet's lock.
 * @throws key_limit_reached */
export async function spendWithKey(tx: Tx, now: Date, amount: Amount): Promise<void> {
  const key = cappedKey()
  if (key === null) return
  const [row] = await tx.query<{ may: boolean }>('select may_spend($1, $2, $3) as may', [
    key,
    now,
    amount,
  ])
  if (!row?.may) throw capReached()
  await tx.query('select spend_with_key($1, $2, $3)', [key, now, amount])
}
