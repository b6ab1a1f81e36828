// Operators' verbs on deposits.
import type { Database } from '../../db/database.ts'
import { creditedIn, type Deposit } from '../deposits/deposit.ts'
import {
  approveDeposit,
  type KindOf,
  refundDeposit,
  settleDeposit,
} from '../deposits/operator-actions.ts'
import { type Amount, formatAmount } from '../money.ts'
import { type By, type LogEntry, logged } from '../operator-log.ts'

type Decision = { readonly id: bigint; readonly amount: Amount | null }

/** Credits a received bank transfer. @throws the errors of `approveDeposit` */
export async function approve(
  db: Database,
  now: Date,
  by: By,
  kindOf: KindOf,
  wanted: Decision,
): Promise<void> {
  await logged(
    db,
    by,
    (within) => approveDeposit(within, now, kindOf, wanted),
    ({ deposit, changed }) =>
      changed ? entry('deposit.approve', deposit, creditedIn(deposit)) : null,
  )
}

/** Credits a deposit that was not paid as requested. @throws the errors of `settleDeposit` */
export async function settle(db: Database, now: Date, by: By, wanted: Decision): Promise<void> {
  await logged(
    db,
    by,
    (within) => settleDeposit(within, now, wanted),
    ({ deposit, credited }) => entry('deposit.settle', deposit, credited),
  )
}

/** Refunds a deposit from the balance. @throws the errors of `refundDeposit` */
export async function refund(
  db: Database,
  now: Date,
  by: By,
  kindOf: KindOf,
  wanted: { readonly id: bigint; readonly byHand: boolean },
): Promise<void> {
  await logged(
    db,
    by,
    (within) => refundDeposit(within, now, kindOf, wanted),
    ({ deposit, changed, taken }) => (changed ? entry('deposit.refund', deposit, taken) : null),
  )
}

function entry(action: string, deposit: Deposit, amount: Amount): LogEntry {
  return {
    action,
    subject: { type: 'deposit', id: deposit.id },
    accountId: deposit.accountId,
    detail: {
      amount: formatAmount(amount, 0),
      currency: deposit.currency,
      after: { state: deposit.state },
      ...(deposit.refund === null ? {} : { refund: deposit.refund }),
    },
  }
}
