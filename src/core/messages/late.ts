// Whether orders have a late code to claim, after a purge or an operator has changed their messages.
import type { Tx } from '../../db/database.ts'

/** Sets it by the messages that the orders have, and tells of first ones (`review_late_codes`). */
export async function reviewLateCodes(
  tx: Tx,
  now: Date,
  orderIds: readonly (bigint | null)[],
): Promise<void> {
  await tx.query('select review_late_codes($1, $2)', [now, orderIds])
}
