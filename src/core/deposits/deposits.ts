// What can be done with a deposit. One verb, one transaction; the money moves once.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { randomText } from '../accounts/key.ts'
import { DomainError } from '../error.ts'
import { emitMany } from '../events/events.ts'
import { claimKey, noteOrders, type Once, type Repeated } from '../idempotency/idempotency.ts'
import { credit } from '../ledger/ledger.ts'
import { transferIdFor } from '../ledger/transfer-id.ts'
import { type Amount, maxAmount } from '../money.ts'
import { type Deposit, depositWindowS, type Gateway, stateAt } from './deposit.ts'

const payTokenLength = 32
const expiredASweep = 500

export type NewDeposit = {
  readonly accountId: number
  readonly gateway: string
  /** In the account's currency. */
  readonly amount: Amount
  readonly once: Once | null
}

/** A deposit, and whether it was this call that changed it. */
export type DepositOutcome = { readonly deposit: Deposit; readonly changed: boolean }

/**
 * Begins a deposit: nothing is credited before it is paid.
 * @param open the gateways that can be used
 * @throws not_found where the gateway is none of them, invalid_request where the amount is none
 */
export function openDeposit(
  db: Database,
  now: Date,
  open: readonly Gateway[],
  wanted: NewDeposit,
): Promise<Deposit | Repeated> {
  return db.begin(async (tx) => {
    if (!(open as readonly string[]).includes(wanted.gateway))
      throw new DomainError('not_found', 'There is no such way to pay here.')
    const { currency, unit } = await currencyOf(tx, wanted.accountId)
    assertAmount(wanted.amount, unit)
    if (!(await claimKey(tx, now, wanted.accountId, wanted.once))) return { repeated: true }
    const [row] = await tx.query<DepositRow>(
      `insert into deposits as d (account_id, gateway, amount, total, currency, pay_token, created_at,
         expires_at)
       values ($1, $2, $3, $3, $4, $5, $6, $7) returning ${columns}`,
      [
        wanted.accountId,
        wanted.gateway,
        wanted.amount,
        currency,
        randomText(payTokenLength),
        now,
        new Date(now.getTime() + depositWindowS * 1000),
      ],
    )
    const deposit = toDeposit(row as DepositRow)
    await noteOrders(tx, wanted.accountId, wanted.once, [deposit.id])
    return deposit
  })
}

/** A deposit of this account. @throws deposit_not_found */
export async function findDeposit(
  db: Queryable,
  wanted: { readonly accountId: number; readonly id: bigint },
): Promise<Deposit> {
  const [row] = await db.query<DepositRow>(
    `select ${columns} from deposits d where d.id = $1 and d.account_id = $2`,
    [wanted.id, wanted.accountId],
  )
  if (!row) throw depositNotFound()
  return toDeposit(row)
}

/** The deposit that a payer's page is about. @throws deposit_not_found */
export async function findByPayToken(db: Queryable, payToken: string): Promise<Deposit> {
  const [row] = await db.query<DepositRow>(
    `select ${columns} from deposits d where d.pay_token = $1`,
    [payToken],
  )
  if (!row) throw depositNotFound()
  return toDeposit(row)
}

/**
 * A gateway says that it was paid: the account is credited, once. Also after the window, for money that is
 * there is the customer's. Safe to repeat.
 * @throws deposit_not_found
 */
export function settleDeposit(db: Database, now: Date, id: bigint): Promise<DepositOutcome> {
  return db.begin(async (tx) => settle(tx, now, await lock(tx, 'd.id = $1', id)))
}

/**
 * Pays a deposit of the sandbox inside its window. Safe to repeat.
 * @param open the gateways that can be used
 * @throws deposit_not_found, also for a deposit of another gateway
 */
export function payInSandbox(
  db: Database,
  now: Date,
  open: readonly Gateway[],
  payToken: string,
): Promise<DepositOutcome> {
  return db.begin(async (tx) => {
    const deposit = await lock(tx, 'd.pay_token = $1', payToken)
    if (deposit.gateway !== 'sandbox' || !open.includes('sandbox')) throw depositNotFound()
    if (stateAt(deposit, now) !== 'pending') return { deposit, changed: false }
    return settle(tx, now, deposit)
  })
}

/** Ends the deposits whose window is over. @returns how many; a full sweep (500) means there may be more */
export async function expireDeposits(db: Database, now: Date): Promise<number> {
  const rows = await db.once(
    `with due as (
       select id from deposits where state = 'pending' and expires_at <= $1
        order by expires_at limit $2 for no key update skip locked
     )
     update deposits d set state = 'expired' from due where d.id = due.id returning 1 as yes`,
    [now, expiredASweep],
  )
  return rows.length
}

async function settle(tx: Tx, now: Date, deposit: Deposit): Promise<DepositOutcome> {
  if (deposit.state === 'success') return { deposit, changed: false }
  await credit(tx, {
    id: transferIdFor('deposit', deposit.id),
    kind: 'deposit',
    from: 'deposits',
    accountId: deposit.accountId,
    currency: deposit.currency,
    amount: deposit.amount,
    reference: `deposit ${deposit.id} by ${deposit.gateway}`,
    now,
  })
  const [row] = await tx.query<DepositRow>(
    `update deposits d set state = 'success', paid_at = $2 where d.id = $1 returning ${columns}`,
    [deposit.id, now],
  )
  await emitMany(tx, now, [
    {
      accountId: deposit.accountId,
      type: 'deposit.success',
      data: { deposit_id: Number(deposit.id) },
    },
  ])
  return { deposit: toDeposit(row as DepositRow), changed: true }
}

async function lock(
  tx: Tx,
  which: 'd.id = $1' | 'd.pay_token = $1',
  value: bigint | string,
): Promise<Deposit> {
  const [row] = await tx.query<DepositRow>(
    `select ${columns} from deposits d where ${which} for no key update`,
    [value],
  )
  if (!row) throw depositNotFound()
  return toDeposit(row)
}

async function currencyOf(tx: Tx, accountId: number): Promise<{ currency: string; unit: Amount }> {
  const [row] = await tx.query<{ currency: string; unit: Amount }>(
    `select a.currency, smallest_unit(c.decimals) as unit
       from accounts a join currencies c on c.code = a.currency where a.id = $1`,
    [accountId],
  )
  if (!row) throw new DomainError('not_found', 'There is no such account.')
  return row
}

function assertAmount(amount: Amount, unit: Amount) {
  if (amount > 0n && amount <= maxAmount && amount % unit === 0n) return
  const detail = 'must be more than nothing, and have no more decimals than the currency'
  throw new DomainError('invalid_request', `The amount ${detail}.`, {
    fields: [{ pointer: '/amount', detail }],
  })
}

export const depositNotFound = () =>
  new DomainError('deposit_not_found', 'There is no such deposit.')

type DepositRow = {
  id: bigint
  account_id: number
  gateway: string
  state: Deposit['state']
  amount: Amount
  total: Amount
  currency: string
  pay_token: string
  qris: string | null
  created_at: Date
  expires_at: Date
  paid_at: Date | null
}

const columns = `d.id, d.account_id, d.gateway, d.state, d.amount, d.total, d.currency, d.pay_token, d.qris,
  d.created_at, d.expires_at, d.paid_at`

function toDeposit(row: DepositRow): Deposit {
  return {
    id: row.id,
    accountId: row.account_id,
    gateway: row.gateway,
    state: row.state,
    amount: row.amount,
    total: row.total,
    currency: row.currency,
    payToken: row.pay_token,
    qris: row.qris,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    paidAt: row.paid_at,
  }
}
