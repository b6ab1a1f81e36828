// Asking gateways: when a notice arrives, and periodically in case none does.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { isText } from '../text.ts'
import { type Deposit, stateAt } from './deposit.ts'
import type { ClaimedDeposit } from './due.ts'
import {
  type Asked,
  askedOf,
  type Gateway,
  type Gateways,
  gatewayNamed,
  type Notice,
  type NoticeSent,
} from './gateway.ts'
import { makeInvoice, recordedOf } from './invoices.ts'
import { type DepositRow, depositColumns, later, toDeposit } from './rows.ts'
import { type DepositOutcome, takeReport } from './settling.ts'

/** While a deposit can be paid: soon, then less often. */
const pendingStepsS = [30, 30, 60, 120, 300]
/** After the window: a payment that was on its way is still found, for one day. */
const endedStepS = 3600
const askedAfterEndS = 24 * 3600

/** Asks the gateway of a claimed deposit for its state, or creates its missing invoice, and records the
 * answer. Safe to repeat. */
export async function checkDeposit(
  db: Database,
  now: Date,
  gateways: Gateways,
  { deposit, checks }: ClaimedDeposit,
): Promise<Asked> {
  const gateway = gatewayNamed(gateways, deposit.gateway)
  if (!gateway) {
    // It may be configured later.
    await setCheck(db, deposit, later(now, endedStepS))
    return 'not_asked'
  }
  if (deposit.gatewayRef === null)
    return (await makeInvoice(db, now, gateway, deposit, { isRetry: true })).asked
  const asked = await ask(db, now, gateway, deposit).then(
    () => (gateway.report ? 'answered' : 'not_asked'),
    askedOf,
  )
  await setCheck(db, deposit, nextCheck(deposit, checks, now))
  return asked
}

/** The outcome of a notice. Duplicates and notices about unknown deposits are also accepted. */
export type NoticeOutcome = 'taken' | 'known' | 'ignored'

/**
 * Handles a gateway's notice: verifies its signature, then asks the gateway for the state of the deposit.
 * Only that answer counts.
 * @throws unauthenticated, invalid_request; unavailable if the gateway did not answer, so that it sends the
 * notice again
 */
export async function takeNotice(
  db: Database,
  now: Date,
  gateway: Gateway,
  sent: NoticeSent,
): Promise<NoticeOutcome> {
  const notice = gateway.notice?.(sent)
  if (!notice) return 'ignored'
  if (!Object.values(notice).every((one) => one === null || isText(one)))
    throw new DomainError(
      'invalid_request',
      'The notice contains characters that are not allowed in text.',
    )
  const deposit = await depositOf(db, gateway, notice)
  if (!deposit) return 'ignored'
  const isNew = await noteNotice(db, now, gateway, deposit, notice)
  // @NOTE if the first notice did not lead to a credit, a duplicate may be the last chance: ask again
  if (deposit.state === 'refunded' || (!isNew && deposit.state === 'success')) return 'known'
  const { changed } = await ask(db, now, gateway, deposit, notice.gatewayRef)
  return isNew || changed ? 'taken' : 'known'
}

async function ask(
  db: Database,
  now: Date,
  gateway: Gateway,
  deposit: Deposit,
  noticedRef: string | null = null,
): Promise<DepositOutcome> {
  // @NOTE a notice may arrive before the answer to the call that created the invoice
  const ref = deposit.gatewayRef ?? noticedRef
  if (!gateway.report || ref === null) return { deposit, changed: false }
  const report = await gateway.report({ ...recordedOf(deposit), ref })
  const keepsLate = gateway.features.late === 'review'
  return takeReport(db, now, deposit.id, { report, ref, keepsLate })
}

async function depositOf(db: Database, gateway: Gateway, notice: Notice): Promise<Deposit | null> {
  const [row] = await db.query<DepositRow>(
    `select ${depositColumns} from deposits d
      where d.gateway = $1 and (d.reference = $2 or d.gateway_ref = $3) limit 1`,
    [gateway.name, notice.reference, notice.gatewayRef],
  )
  return row ? toDeposit(row) : null
}

async function noteNotice(
  db: Database,
  now: Date,
  gateway: Gateway,
  deposit: Deposit,
  notice: Notice,
): Promise<boolean> {
  const [row] = await db.once<{ times: number }>(
    `insert into deposit_notices as n (gateway, notice_id, deposit_id, kind, first_at, last_at)
     values ($1, $2, $3, $4, $5, $5)
     on conflict (gateway, notice_id) do update set times = n.times + 1, last_at = $5
     returning times`,
    [gateway.name, notice.id, deposit.id, notice.kind, now],
  )
  return row?.times === 1
}

/** When the gateway is asked next; null if the state is final. */
function nextCheck(deposit: Deposit, checks: number, now: Date): Date | null {
  if (stateAt(deposit, now) === 'pending') {
    const step = pendingStepsS[Math.min(checks, pendingStepsS.length - 1)] as number
    return later(now, step)
  }
  const end = later(deposit.expiresAt, askedAfterEndS)
  return now < end ? later(now, endedStepS) : null
}

async function setCheck(db: Database, deposit: Deposit, at: Date | null): Promise<void> {
  await db.once(
    `update deposits set check_at = $2 where id = $1 and state in ('pending', 'expired', 'review', 'failed')`,
    [deposit.id, at],
  )
}
