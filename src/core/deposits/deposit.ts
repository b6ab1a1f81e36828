// What a deposit is: its states, what becomes of it when its gateway reports. No I/O in this file.
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

/** What is unusual about a deposit. `over` may stand beside a success, `refused` beside a failure; the others
 * keep it in review. */
export const depositProblems = ['late', 'partial', 'over', 'wrong_currency', 'refused'] as const
export type DepositProblem = (typeof depositProblems)[number]

/** How the money went back: still to be sent, sent by the gateway, paid by the operator's own hand, or
 * refused by the gateway and so to be paid by hand. */
export type RefundState = 'owed' | 'sent' | 'by_hand' | 'refused'

export type Deposit = {
  readonly id: bigint
  readonly accountId: number
  readonly gateway: string
  readonly state: DepositState
  /** What was asked for, and is credited once exactly that was paid. */
  readonly amount: Amount
  /** What is to be paid, fees in. */
  readonly total: Amount
  readonly currency: string
  /** By which its gateway knows it, and what a payer writes on a transfer. */
  readonly reference: string
  /** What the customer wrote on it. */
  readonly annotations: Annotations
  /** Opens the payer's page: whoever has it may see the deposit, and pay it. */
  readonly payToken: string
  /** What the link to the payer's page begins with. */
  readonly origin: string
  /** The gateway's own name for it; null while there is no invoice yet. */
  readonly gatewayRef: string | null
  /** The gateway's own page; null of gateways that have none. */
  readonly checkoutUrl: string | null
  /** A QR code's EMV payload; null of gateways that give none. */
  readonly qris: string | null
  readonly instructions: string | null
  readonly problem: DepositProblem | null
  readonly paidAmount: Amount | null
  readonly paidCurrency: string | null
  /** What its one credit was; null while there was none. */
  readonly credited: Amount | null
  /** What an operator credited beside that, of money that was paid beyond what was asked. */
  readonly surplus: Amount | null
  /** Paid, and the gateway waits until it is beyond recall. */
  readonly confirming: boolean
  readonly refund: RefundState | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly paidAt: Date | null
  readonly refundedAt: Date | null
}

/** Its state at a time: the window's end holds whether it was swept or not. */
export const stateAt = (deposit: Deposit, now: Date): DepositState =>
  deposit.state === 'pending' && !deposit.confirming && deposit.expiresAt <= now
    ? 'expired'
    : deposit.state

/** All that the customer was credited for it. */
export const creditedIn = (deposit: Deposit): Amount =>
  (deposit.credited ?? 0n) + (deposit.surplus ?? 0n)

/** What a report makes of a deposit. */
export type Verdict =
  | { readonly move: 'none' }
  | { readonly move: 'note'; readonly confirming: boolean }
  | { readonly move: 'expire' | 'fail' }
  | { readonly move: 'review'; readonly problem: 'late' | 'partial' | 'wrong_currency' }
  | { readonly move: 'credit'; readonly problem: 'over' | null }
  /** It was credited before, and more has come since. */
  | { readonly move: 'flag' }

/**
 * What is to be done when the gateway says how a deposit stands. Money that is there is the customer's: a
 * deposit that was paid as asked is credited, also after its window, unless the gateway's rate held no
 * longer; whatever else was paid is kept for an operator.
 * @param keepsLate whether money that comes after the window waits for an operator
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
