// Accounts: the customers. An account has one currency and one wallet, for ever.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { DomainError } from '../error.ts'
import { balanceOf, credit, openWallet } from '../ledger/ledger.ts'
import { transferIdFor } from '../ledger/transfer-id.ts'
import { type Amount, maxAmount } from '../money.ts'

export type Account = {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly currency: string
  readonly decimals: number
  readonly state: 'active' | 'suspended'
  readonly createdAt: Date
}

type AccountRow = {
  id: number
  email: string
  name: string
  currency: string
  decimals: number
  state: 'active' | 'suspended'
  created_at: Date
}

const columns = `a.id, a.email, a.name, a.currency, c.decimals, a.state, a.created_at`

/** Opens an account with an empty wallet.
 * @throws invalid_request when the address is taken or no address, or the currency is not known */
export function createAccount(
  db: Database,
  account: { readonly email: string; readonly name?: string; readonly currency: string },
): Promise<Account> {
  return db
    .begin(async (tx) => {
      const [known] = await tx.query('select 1 as yes from rates where currency = $1', [
        account.currency,
      ])
      if (!known)
        throw invalid('currency', `There is no rate for the currency ${account.currency}.`)
      if (!/^[^\s@]{1,64}@[^\s@]{1,189}$/.test(account.email))
        throw invalid('email', 'This is no email address.')
      const [row] = await tx.query<{ id: number }>(
        'insert into accounts (email, name, currency) values ($1, $2, $3) returning id',
        [account.email, account.name ?? '', account.currency],
      )
      await openWallet(tx, (row as { id: number }).id, account.currency)
      return getAccount(tx, (row as { id: number }).id)
    })
    .catch((error: unknown) => {
      if (isUniqueViolation(error, 'accounts_email'))
        throw invalid('email', 'There is an account with this address already.')
      throw error
    })
}

/** @throws not_found */
export async function getAccount(db: Queryable, id: number): Promise<Account> {
  const [row] = await db.query<AccountRow>(
    `select ${columns} from accounts a join currencies c on c.code = a.currency where a.id = $1`,
    [id],
  )
  if (!row) throw new DomainError('not_found', 'There is no such account.')
  return toAccount(row)
}

export async function listAccounts(db: Queryable): Promise<(Account & { balance: Amount })[]> {
  const rows = await db.query<AccountRow & { balance: Amount }>(
    `select ${columns}, w.balance from accounts a
       join currencies c on c.code = a.currency
       join ledger_accounts w on w.account_id = a.id and w.currency = a.currency
      order by a.id`,
  )
  return rows.map((row) => ({ ...toAccount(row), balance: row.balance }))
}

/** Credits an account by hand. The same reference on the same account credits once.
 * @throws not_found, invalid_request when the reference was used with another amount */
export function creditAccount(
  db: Database,
  now: Date,
  order: { readonly accountId: number; readonly amount: Amount; readonly reference: string },
): Promise<{ credited: boolean; balance: Amount; currency: string }> {
  if (order.amount <= 0n || order.amount > maxAmount)
    throw invalid('amount', 'The amount must be more than nothing and at most 100000000.')
  if (!/^[^\p{Cc}]{1,200}$/u.test(order.reference))
    throw invalid('reference', 'The reference must have 1 to 200 characters.')
  return db.begin(async (tx) => {
    const account = await getAccount(tx, order.accountId)
    const id = transferIdFor('credit', order.accountId, order.reference)
    const { moved, balance } = await credit(tx, {
      id,
      kind: 'credit',
      from: 'adjustments',
      accountId: account.id,
      currency: account.currency,
      amount: order.amount,
      reference: order.reference,
      now,
    })
    if (!moved) await assertSameAmount(tx, id, order.amount)
    return { credited: moved, balance, currency: account.currency }
  })
}

export { balanceOf }

async function assertSameAmount(tx: Tx, transferId: string, amount: Amount) {
  const [row] = await tx.query<{ amount: Amount }>('select amount from transfers where id = $1', [
    transferId,
  ])
  if (row?.amount !== amount)
    throw invalid('reference', 'This reference was used before, with another amount.')
}

/** @throws not_found */
export async function suspendAccount(db: Database, id: number, suspended: boolean): Promise<void> {
  const rows = await db.once('update accounts set state = $2 where id = $1 returning id', [
    id,
    suspended ? 'suspended' : 'active',
  ])
  if (rows.length === 0) throw new DomainError('not_found', 'There is no such account.')
}

export type AccountLimits = {
  readonly maxOpenOrders: number | null
  readonly maxOrdersADay: number | null
  readonly maxCancelledPercent: number | null
}

/** Sets an account's own limits; null takes the platform's default. @throws not_found */
export async function limitAccount(db: Database, id: number, limits: AccountLimits): Promise<void> {
  const rows = await db.once(
    `update accounts set max_open_orders = $2, max_orders_a_day = $3, max_cancelled_percent = $4
      where id = $1 returning id`,
    [id, limits.maxOpenOrders, limits.maxOrdersADay, limits.maxCancelledPercent],
  )
  if (rows.length === 0) throw new DomainError('not_found', 'There is no such account.')
}

function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    currency: row.currency,
    decimals: row.decimals,
    state: row.state,
    createdAt: row.created_at,
  }
}

const invalid = (pointer: string, detail: string) =>
  new DomainError('invalid_request', detail, { fields: [{ pointer: `/${pointer}`, detail }] })
