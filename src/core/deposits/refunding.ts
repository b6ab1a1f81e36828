// Making refunds at gateways: due refunds are claimed, the gateway is called, the outcome is recorded.
import type { Database } from '../../db/database.ts'
import type { Deposit } from './deposit.ts'
import { GatewayError, type Gateways, gatewayNamed } from './gateway.ts'
import { invoiceLeaseS, recordedOf } from './invoices.ts'
import { type DepositRow, depositColumns, toDeposit } from './rows.ts'

const sentATurn = 10
const afterNoAnswerS = 300

/** Sends the due refunds; the gateway makes each of them once. Safe to repeat.
 * @returns the number of due refunds; a full batch (10) means there may be more */
export async function sendRefunds(db: Database, now: Date, gateways: Gateways): Promise<number> {
  const rows = await db.once<DepositRow>(
    `with due as (
       select id from deposits where check_at <= $1 and refund = 'owed'
        order by check_at limit $2 for no key update skip locked
     )
     update deposits d set check_at = $3 from due where d.id = due.id returning ${depositColumns}`,
    [now, sentATurn, later(now, invoiceLeaseS)],
  )
  await Promise.all(rows.map((row) => send(db, now, gateways, toDeposit(row))))
  return rows.length
}

async function send(db: Database, now: Date, gateways: Gateways, deposit: Deposit): Promise<void> {
  const gateway = gatewayNamed(gateways, deposit.gateway)
  try {
    // @NOTE refused, so that the operator is told and can record a manual refund
    if (!gateway?.refund) throw new GatewayError('refused', 'the gateway is not configured')
    await gateway.refund(recordedOf(deposit))
    await note(db, deposit, 'sent', null)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    if (error.kind === 'refused') await note(db, deposit, 'refused', null)
    else await note(db, deposit, 'owed', later(now, afterNoAnswerS))
  }
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

const later = (time: Date, seconds: number) => new Date(time.getTime() + seconds * 1000)
