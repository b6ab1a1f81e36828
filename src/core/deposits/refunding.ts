// Making refunds at gateways: the gateway is told, and the outcome is recorded.
import type { Database } from '../../db/database.ts'
import type { Deposit } from './deposit.ts'
import type { ClaimedDeposit } from './due.ts'
import { type Asked, askedOf, type Gateways, gatewayNamed } from './gateway.ts'
import { recordedOf } from './invoices.ts'
import { later } from './rows.ts'

const afterNoAnswerS = 300

/** Makes the refund of a claimed deposit at its gateway, which makes each of them once. Safe to repeat. */
export async function sendRefund(
  db: Database,
  now: Date,
  gateways: Gateways,
  { deposit }: Pick<ClaimedDeposit, 'deposit'>,
): Promise<Asked> {
  const gateway = gatewayNamed(gateways, deposit.gateway)
  if (!gateway?.refund) {
    // Refused, so that the operator is told and can record a manual refund.
    await note(db, deposit, 'refused', null)
    return 'not_asked'
  }
  const asked = await gateway.refund(recordedOf(deposit)).then(() => 'answered' as const, askedOf)
  if (asked === 'no_answer') await note(db, deposit, 'owed', later(now, afterNoAnswerS))
  else await note(db, deposit, asked === 'refused' ? 'refused' : 'sent', null)
  return asked
}

async function note(
  db: Database,
  { id }: Deposit,
  refund: 'owed' | 'sent' | 'refused',
  checkAt: Date | null,
): Promise<void> {
  await db.once(
    `update deposits set refund = $2, check_at = $3 where id = $1 and refund = 'owed'`,
    [id, refund, checkAt],
  )
}
