// The table of deposits: its rows, and how one is found and locked.
import type { Queryable, Tx } from '../../db/database.ts'
import type { Metadata } from '../annotations.ts'
import { DomainError } from '../error.ts'
import type { EventType } from '../events/catalog.ts'
import { emitMany } from '../events/events.ts'
import type { Amount } from '../money.ts'
import type { Deposit } from './deposit.ts'

export type DepositRow = {
  id: bigint
  account_id: number
  gateway: string
  state: Deposit['state']
  amount: Amount
  total: Amount
  currency: string
  reference: string
  customer_reference: string | null
  metadata: Metadata | null
  pay_token: string
  origin: string
  gateway_ref: string | null
  checkout_url: string | null
  qris: string | null
  instructions: string | null
  problem: Deposit['problem']
  paid_amount: Amount | null
  paid_currency: string | null
  credited: Amount | null
  surplus: Amount | null
  confirming: boolean
  refund: Deposit['refund']
  created_at: Date
  expires_at: Date
  paid_at: Date | null
  refunded_at: Date | null
}

/** Of `deposits d`. */
export const depositColumns = `d.id, d.account_id, d.gateway, d.state, d.amount, d.total, d.currency,
  d.reference, d.customer_reference, d.metadata, d.pay_token, d.origin, d.gateway_ref, d.checkout_url,
  d.qris, d.instructions, d.problem,
  d.paid_amount, d.paid_currency, d.credited, d.surplus, d.confirming, d.refund, d.created_at, d.expires_at,
  d.paid_at, d.refunded_at`

export function toDeposit(row: DepositRow): Deposit {
  return {
    id: row.id,
    accountId: row.account_id,
    gateway: row.gateway,
    state: row.state,
    amount: row.amount,
    total: row.total,
    currency: row.currency,
    reference: row.reference,
    annotations: { reference: row.customer_reference, metadata: row.metadata ?? {} },
    payToken: row.pay_token,
    origin: row.origin,
    gatewayRef: row.gateway_ref,
    checkoutUrl: row.checkout_url,
    qris: row.qris,
    instructions: row.instructions,
    problem: row.problem,
    paidAmount: row.paid_amount,
    paidCurrency: row.paid_currency,
    credited: row.credited,
    surplus: row.surplus,
    confirming: row.confirming,
    refund: row.refund,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    paidAt: row.paid_at,
    refundedAt: row.refunded_at,
  }
}

export const depositNotFound = () =>
  new DomainError('deposit_not_found', 'There is no such deposit.')

/** The columns that identify one deposit. */
const names = {
  id: 'd.id = $1',
  payToken: 'd.pay_token = $1',
  reference: 'd.reference = $1',
} as const

export type DepositName =
  | { readonly id: bigint }
  | { readonly payToken: string }
  | { readonly reference: string }

const nameOf = (name: DepositName) =>
  Object.entries(name)[0] as [keyof typeof names, bigint | string]

/** @throws deposit_not_found */
export async function readDeposit(db: Queryable, name: DepositName): Promise<Deposit> {
  const [by, value] = nameOf(name)
  const [row] = await db.query<DepositRow>(
    `select ${depositColumns} from deposits d where ${names[by]}`,
    [value],
  )
  if (!row) throw depositNotFound()
  return toDeposit(row)
}

/** Locks a deposit; always before its account's wallet. @throws deposit_not_found */
export async function lockDeposit(tx: Tx, name: DepositName): Promise<Deposit> {
  const [by, value] = nameOf(name)
  const [row] = await tx.query<DepositRow>(
    `select ${depositColumns} from deposits d where ${names[by]} for no key update`,
    [value],
  )
  if (!row) throw depositNotFound()
  return toDeposit(row)
}

/** A time some seconds after another. */
export const later = (time: Date, seconds: number): Date =>
  new Date(time.getTime() + seconds * 1000)

type DepositEvent = Extract<EventType, `deposit.${string}`>

/** Writes the customer's events about deposits. */
export function tellOfDeposits(
  tx: Tx,
  now: Date,
  type: DepositEvent,
  deposits: readonly Pick<Deposit, 'id' | 'accountId'>[],
): Promise<void> {
  return emitMany(
    tx,
    now,
    deposits.map(({ id, accountId }) => ({ accountId, type, data: { deposit_id: Number(id) } })),
  )
}
