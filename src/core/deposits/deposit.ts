// A deposit: its states, and the effect of its gateway's reports. No I/O.
import type { Annotations } from '../annotations.ts'
import type { Amount } from '../money.ts'
import type { Report } from './gateway.ts'

export const depositStates = [
  'pending',
  'success',
  'expired',
  'failed',
  'review',
  'refunded',
] as const
export type DepositState = (typeof depositStates)[number]

/** What is unusual about a deposit. `over` can accompany a success, `refused` a failure; the others keep the
 * deposit in review. */
export const depositProblems = ['late', 'partial', 'over', 'wrong_currency', 'refused'] as const
export type DepositProblem = (typeof depositProblems)[number]

/** The state of a refund: to be sent, sent by the gateway, paid manually by the operator, or refused by the
 * gateway and so to be paid manually. */
export type RefundState = 'owed' | 'sent' | 'by_hand' | 'refused'

export type Deposit = {
  readonly id: bigint
  readonly accountId: number
  readonly gateway: string
  readonly state: DepositState
  /** The requested amount; exactly this is credited, once. */
  readonly amount: Amount
  /** The amount to pay, including fees. */
  readonly total: Amount
  readonly currency: string
  /** Identifies the deposit at its gateway; a payer quotes it on a bank transfer. */
  readonly reference: string
  /** The customer's reference and metadata. */
  readonly annotations: Annotations
  /** Part of the payer's link: anyone who has it can see and pay the deposit. */
  readonly payToken: string
  /** The base URL of the payer's link. */
  readonly origin: string
  /** The gateway's id of the invoice; null while there is no invoice yet. */
  readonly gatewayRef: string | null
  /** The gateway's payment page; null for gateways that have none. */
  readonly checkoutUrl: string | null
  /** The EMV payload of a QR code; null for gateways that have none. */
  readonly qris: string | null
  readonly instructions: string | null
  readonly problem: DepositProblem | null
  readonly paidAmount: Amount | null
  readonly paidCurrency: string | null
  /** The credited amount; null if nothing was credited yet. */
  readonly credited: Amount | null
  /** The amount that an operator credited in addition, for an overpayment. */
  readonly surplus: Amount | null
  /** Paid, but the gateway is still waiting until the payment is final. */
  readonly confirming: boolean
  readonly refund: RefundState | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly paidAt: Date | null
  readonly refundedAt: Date | null
}

/** The state at a given time: an ended window counts even before the sweep. */
export const stateAt = (deposit: Deposit, now: Date): DepositState =>
  deposit.state === 'pending' && !deposit.confirming && deposit.expiresAt <= now
    ? 'expired'
    : deposit.state

/** The total that was credited for it. */
export const creditedIn = (deposit: Deposit): Amount =>
  (deposit.credited ?? 0n) + (deposit.surplus ?? 0n)

/** What its gateway charges on top of the amount. */
export const feeIn = (deposit: Deposit): Amount => deposit.total - deposit.amount

/** The effect of a report on a deposit. */
export type Verdict =
  | { readonly move: 'none' }
  | { readonly move: 'note'; readonly confirming: boolean }
  | { readonly move: 'expire' | 'fail' }
  | { readonly move: 'review'; readonly problem: 'late' | 'partial' | 'wrong_currency' }
  | { readonly move: 'credit'; readonly problem: 'over' | null }
  /** It was credited before, and more money has arrived since. */
  | { readonly move: 'flag' }

/**
 * Decides what to do with a gateway's report. Received money belongs to the customer: a deposit that was paid
 * as requested is credited, even after its window, unless the gateway's exchange rate has expired. Any other
 * payment waits for an operator.
 * @param keepsLate whether a payment after the window waits for an operator
 */
export function verdictOn(
  deposit: Deposit,
  report: Report,
  { now, keepsLate }: { readonly now: Date; readonly keepsLate: boolean },
): Verdict {
  if (deposit.state === 'refunded') return { move: 'none' }
  if (deposit.state === 'success') return isMoreThanKnown(deposit, report)
  const waits = deposit.state === 'pending' && stateAt(deposit, now) === 'pending'
  const part = (report.paid ?? 0n) > 0n
  switch (report.status) {
    case 'paid':
      return verdictOnPaid(deposit, report, keepsLate && (report.late ?? !waits))
    case 'waiting':
      if (part && deposit.state !== 'pending') return { move: 'review', problem: 'partial' }
      return deposit.state === 'pending' ? noted(deposit, report) : { move: 'none' }
    case 'expired':
      if (part) return { move: 'review', problem: 'partial' }
      return deposit.state === 'pending' ? { move: 'expire' } : { move: 'none' }
    case 'failed':
      return deposit.state === 'pending' ? { move: 'fail' } : { move: 'none' }
  }
}

function verdictOnPaid(deposit: Deposit, report: Report, late: boolean): Verdict {
  const paid = report.paid ?? 0n
  if (report.currency !== deposit.currency) return { move: 'review', problem: 'wrong_currency' }
  if (paid < deposit.total) return { move: 'review', problem: 'partial' }
  if (late) return { move: 'review', problem: 'late' }
  return { move: 'credit', problem: paid > deposit.total ? 'over' : null }
}

function isMoreThanKnown(deposit: Deposit, report: Report): Verdict {
  const isMore =
    report.status === 'paid' &&
    report.currency === deposit.paidCurrency &&
    (report.paid ?? 0n) > (deposit.paidAmount ?? 0n)
  return { move: isMore ? 'flag' : 'none' }
}

function noted(deposit: Deposit, report: Report): Verdict {
  const confirming = report.confirming === true
  const isNews =
    confirming !== deposit.confirming || (report.paid ?? 0n) !== (deposit.paidAmount ?? 0n)
  return isNews ? { move: 'note', confirming } : { move: 'none' }
}
