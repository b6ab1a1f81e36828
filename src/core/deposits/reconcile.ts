// Polling gateways: when a notice arrives, and periodically in case none does. Due deposits are claimed and
// committed, then the gateway is called, then its answer is recorded.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { isText } from '../text.ts'
import { type Deposit, stateAt } from './deposit.ts'
import {
  type Gateway,
  GatewayError,
  type Gateways,
  gatewayNamed,
  type Notice,
  type NoticeSent,
} from './gateway.ts'
import { invoiceLeaseS, makeInvoice, recordedOf } from './invoices.ts'
import { type DepositRow, depositColumns, toDeposit } from './rows.ts'
import { type DepositOutcome, takeReport } from './settling.ts'

/** The maximum number of concurrent gateway calls; one slow gateway blocks no more than its own. */
const checkedATurn = 10
/** While a deposit can be paid: soon, then less often. */
const pendingStepsS = [30, 30, 60, 120, 300]
/** After the window: a payment that was on its way is still found, for one day. */
const endedStepS = 3600
const askedAfterEndS = 24 * 3600

/**
 * Polls the gateways of deposits that are due, and creates missing invoices. Safe to repeat and to run on
 * many nodes.
 * @returns the number of due deposits; a full batch (10) means there may be more
 */
export async function checkDeposits(db: Database, now: Date, gateways: Gateways): Promise<number> {
  const rows = await db.once<DepositRow>(
    `with due as (
       select id from deposits where check_at <= $1 and state in ('pending', 'expired', 'review', 'failed')
        order by check_at limit $2 for no key update skip locked
     )
     update deposits d set check_at = $3, checks = d.checks + 1
       from due where d.id = due.id returning ${depositColumns}, d.checks`,
    [now, checkedATurn, later(now, invoiceLeaseS)],
  )
  await Promise.all(
    rows.map((row) => checkOne(db, now, gateways, toDeposit(row), (row as Checked).checks)),
  )
  return rows.length
}

type Checked = DepositRow & { readonly checks: number }

async function checkOne(
  db: Database,
  now: Date,
  gateways: Gateways,
  deposit: Deposit,
  checks: number,
): Promise<void> {
  const gateway = gatewayNamed(gateways, deposit.gateway)
  // A gateway that is not configured now may be configured later.
  if (!gateway) return setCheck(db, deposit, later(now, endedStepS))
  if (deposit.gatewayRef === null) {
    await makeInvoice(db, now, gateway, deposit, { isRetry: true })
    return
  }
  await ask(db, now, gateway, deposit).catch((error: unknown) => {
    if (!(error instanceof GatewayError)) throw error
  })
  await setCheck(db, deposit, nextCheck(deposit, checks, now))
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

const later = (time: Date, seconds: number) => new Date(time.getTime() + seconds * 1000)
