// Outcomes of deposits: paid, expired, failed, in review. The money moves once per deposit.
import type { Database, Tx } from '../../db/database.ts'
import { claimKey, noteSubject, type Once, type Repeated } from '../idempotency/idempotency.ts'
import { credit } from '../ledger/ledger.ts'
import { transferIdFor } from '../ledger/transfer-id.ts'
import type { Amount } from '../money.ts'
import { type Deposit, stateAt, type Verdict, verdictOn } from './deposit.ts'
import { type Gateways, gatewayNamed, type Report } from './gateway.ts'
import {
  type DepositRow,
  depositColumns,
  depositNotFound,
  lockDeposit,
  tellOfDeposits,
  toDeposit,
} from './rows.ts'

const expiredASweep = 500

/** A deposit, and whether this call changed it. */
export type DepositOutcome = { readonly deposit: Deposit; readonly changed: boolean }

/**
 * Applies a gateway's report on a deposit, whatever came before and however often it is repeated.
 * @throws deposit_not_found
 */
export function takeReport(
  db: Database,
  now: Date,
  id: bigint,
  said: { readonly report: Report; readonly ref: string; readonly keepsLate: boolean },
): Promise<DepositOutcome> {
  const { report, ref, keepsLate } = said
  return db.begin(async (tx) => {
    const deposit = await lockDeposit(tx, { id })
    const verdict = verdictOn(deposit, report, { now, keepsLate })
    const outcome = await follow(tx, now, deposit, report, verdict)
    // A final deposit needs no invoice, but a refund needs its reference.
    if (deposit.gatewayRef !== null || outcome.deposit.state === 'pending') return outcome
    return { ...outcome, deposit: await update(tx, 'gateway_ref = $2', [id, ref]) }
  })
}

/** A deposit by its payment page, or by its account's request. */
export type Payable =
  | { readonly payToken: string }
  | { readonly accountId: number; readonly id: bigint; readonly once: Once | null }

/**
 * Pays a deposit of the sandbox within its window. Safe to repeat.
 * @throws deposit_not_found, also for a deposit of another gateway
 */
export function payInSandbox(
  db: Database,
  now: Date,
  gateways: Gateways,
  wanted: Payable,
): Promise<DepositOutcome | Repeated> {
  return db.begin(async (tx) => {
    const deposit = await lockDeposit(tx, 'id' in wanted ? { id: wanted.id } : wanted)
    if ('id' in wanted) {
      if (deposit.accountId !== wanted.accountId) throw depositNotFound()
      if (!(await claimKey(tx, now, wanted.accountId, wanted.once))) return { repeated: true }
      await noteSubject(tx, wanted.accountId, wanted.once, { kind: 'deposit', ids: [wanted.id] })
    }
    if (gatewayNamed(gateways, deposit.gateway)?.features.way !== 'button') throw depositNotFound()
    if (stateAt(deposit, now) !== 'pending') return { deposit, changed: false }
    const report = { status: 'paid', paid: deposit.total, currency: deposit.currency } as const
    return follow(tx, now, deposit, report, { move: 'credit', problem: null })
  })
}

/** Expires the deposits whose window is over.
 * @returns the number expired; a full batch (500) means there may be more */
export function expireDeposits(db: Database, now: Date): Promise<number> {
  return db.begin(async (tx) => {
    const rows = await tx.query<{ id: bigint; account_id: number }>(
      `with due as (
         select id from deposits where state = 'pending' and not confirming and expires_at <= $1
          order by expires_at limit $2 for no key update skip locked
       )
       update deposits d set state = 'expired',
              check_at = case when d.gateway_ref is not null then d.check_at end
         from due where d.id = due.id returning d.id, d.account_id`,
      [now, expiredASweep],
    )
    const expired = rows.map((row) => ({ id: row.id, accountId: row.account_id }))
    await tellOfDeposits(tx, now, 'deposit.expired', expired)
    return rows.length
  })
}

/** Credits a locked deposit once, and marks it as successful. */
export async function creditDeposit(
  tx: Tx,
  now: Date,
  deposit: Deposit,
  paid: {
    readonly amount: Amount
    readonly paidAmount: Amount
    readonly paidCurrency: string
    readonly problem: 'over' | null
  },
): Promise<Deposit> {
  await credit(tx, {
    id: transferIdFor('deposit', deposit.id),
    kind: 'deposit',
    from: 'deposits',
    accountId: deposit.accountId,
    currency: deposit.currency,
    amount: paid.amount,
    reference: referenceOf(deposit),
    now,
  })
  const [row] = await tx.query<DepositRow>(
    `update deposits d set state = 'success', credited = $2, paid_amount = $3, paid_currency = $4,
            problem = $5, paid_at = coalesce(d.paid_at, $6), confirming = false, check_at = null
      where d.id = $1 returning ${depositColumns}`,
    [deposit.id, paid.amount, paid.paidAmount, paid.paidCurrency, paid.problem, now],
  )
  await tellOfDeposits(tx, now, 'deposit.success', [deposit])
  return toDeposit(row as DepositRow)
}

/** The reference on the deposit's transfers; the audit reads it. */
export const referenceOf = (deposit: Deposit) => `deposit ${deposit.id} by ${deposit.gateway}`

async function follow(
  tx: Tx,
  now: Date,
  deposit: Deposit,
  report: Report,
  verdict: Verdict,
): Promise<DepositOutcome> {
  const paid = { amount: report.paid ?? 0n, currency: report.currency ?? deposit.currency }
  switch (verdict.move) {
    case 'none':
      return { deposit, changed: false }
    case 'credit': {
      const settled = await creditDeposit(tx, now, deposit, {
        amount: deposit.amount,
        paidAmount: paid.amount,
        paidCurrency: paid.currency,
        problem: verdict.problem,
      })
      return { deposit: settled, changed: true }
    }
    case 'review':
      return keepForReview(tx, now, deposit, paid, verdict.problem)
    case 'note':
    case 'flag': {
      const flagged = verdict.move === 'flag' ? 'over' : deposit.problem
      const confirming = verdict.move === 'note' && verdict.confirming
      const noted = await update(
        tx,
        `paid_amount = $2, paid_currency = $3, problem = $4, confirming = $5`,
        [deposit.id, paid.amount, paid.currency, flagged, confirming],
      )
      return { deposit: noted, changed: true }
    }
    case 'expire':
    case 'fail': {
      const [state, event] =
        verdict.move === 'expire'
          ? (['expired', 'deposit.expired'] as const)
          : (['failed', 'deposit.failed'] as const)
      const ended = await update(tx, 'state = $2, confirming = false', [deposit.id, state])
      await tellOfDeposits(tx, now, event, [deposit])
      return { deposit: ended, changed: true }
    }
  }
}

async function keepForReview(
  tx: Tx,
  now: Date,
  deposit: Deposit,
  paid: { readonly amount: Amount; readonly currency: string },
  problem: 'late' | 'partial' | 'wrong_currency',
): Promise<DepositOutcome> {
  const isKnown =
    deposit.state === 'review' &&
    deposit.problem === problem &&
    deposit.paidAmount === paid.amount &&
    deposit.paidCurrency === paid.currency
  if (isKnown) return { deposit, changed: false }
  const kept = await update(
    tx,
    `state = 'review', problem = $2, paid_amount = $3, paid_currency = $4,
     paid_at = coalesce(d.paid_at, $5), confirming = false`,
    [deposit.id, problem, paid.amount, paid.currency, now],
  )
  if (deposit.state !== 'review') await tellOfDeposits(tx, now, 'deposit.review', [deposit])
  return { deposit: kept, changed: true }
}

/** @param values the deposit's id first */
async function update(tx: Tx, changes: string, values: readonly unknown[]): Promise<Deposit> {
  const [row] = await tx.query<DepositRow>(
    `update deposits d set ${changes} where d.id = $1 returning ${depositColumns}`,
    values,
  )
  return toDeposit(row as DepositRow)
}
