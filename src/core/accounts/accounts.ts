// Accounts: the customers. Each account has one currency and one wallet, which never change.
import type { Database, Queryable } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { DomainError } from '../error.ts'
import { balanceOf, openWallet } from '../ledger/ledger.ts'
import type { Amount } from '../money.ts'

export type Account = {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly currency: string
  readonly decimals: number
  readonly state: 'active' | 'suspended'
  readonly createdAt: Date
  /** When it was closed for good. */
  readonly closedAt: Date | null
  /** When everything personal in it was deleted. */
  readonly erasedAt: Date | null
}

type AccountRow = {
  id: number
  email: string
  name: string
  currency: string
  decimals: number
  state: 'active' | 'suspended'
  created_at: Date
  closed_at: Date | null
  erased_at: Date | null
}

const columns = `a.id, a.email, a.name, a.currency, c.decimals, a.state, a.created_at,
  a.closed_at, a.erased_at`

/** Creates an account with an empty wallet.
 * @throws invalid_request if the address is taken or invalid, or the currency is unknown */
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
        throw invalid('currency', `There is no exchange rate for the currency ${account.currency}.`)
      assertEmail(account.email)
      const [row] = await tx.query<{ id: number }>(
        'insert into accounts (email, name, currency) values ($1, $2, $3) returning id',
        [account.email, account.name ?? '', account.currency],
      )
      await openWallet(tx, (row as { id: number }).id, account.currency)
      return getAccount(tx, (row as { id: number }).id)
    })
    .catch((error: unknown) => {
      throw emailTaken(error)
    })
}

function assertEmail(email: string) {
  if (!/^[^\s@]{1,64}@[^\s@]{1,189}$/.test(email))
    throw invalid('email', `${email} is not a valid email address.`)
}

/** Maps a failed write of an account to its error. */
const emailTaken = (error: unknown) =>
  isUniqueViolation(error, 'accounts_email')
    ? invalid('email', 'An account with this email address already exists.')
    : error

/** Updates an account's name or email address; omitted fields stay unchanged.
 * @throws not_found, invalid_request */
export async function changeAccount(
  db: Database,
  id: number,
  change: { readonly name?: string | undefined; readonly email?: string | undefined },
): Promise<Account> {
  if (change.email !== undefined) assertEmail(change.email)
  if (change.name !== undefined && !/^[^\p{Cc}]{0,200}$/u.test(change.name))
    throw invalid('name', 'The name must be one line of at most 200 characters.')
  await db
    .once(
      'update accounts set name = coalesce($2, name), email = coalesce($3, email) where id = $1',
      [id, change.name ?? null, change.email ?? null],
    )
    .catch((error: unknown) => {
      throw emailTaken(error)
    })
  return getAccount(db, id)
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

/** The id of the account with an email address, ignoring case; null if there is none. */
export async function accountByEmail(db: Queryable, email: string): Promise<number | null> {
  const [row] = await db.query<{ id: number }>(
    'select id from accounts where lower(email) = lower($1)',
    [email],
  )
  return row?.id ?? null
}

/** Lists accounts with their balances, oldest first.
 * @param page.after the id of the last account of the previous page */
export async function listAccounts(
  db: Queryable,
  page: { readonly after?: number | undefined; readonly limit: number },
): Promise<(Account & { balance: Amount })[]> {
  const rows = await db.query<AccountRow & { balance: Amount }>(
    `select ${columns}, w.balance from accounts a
       join currencies c on c.code = a.currency
       join ledger_accounts w on w.account_id = a.id and w.currency = a.currency
      where a.id > $1 order by a.id limit $2`,
    [page.after ?? 0, page.limit],
  )
  return rows.map((row) => ({ ...toAccount(row), balance: row.balance }))
}

export { balanceOf }

/** @throws not_found, invalid_request if it is closed */
export async function suspendAccount(db: Database, id: number, suspended: boolean): Promise<void> {
  const rows = await db.once(
    `update accounts set state = $2 where id = $1 and ($2 = 'suspended' or closed_at is null)
     returning id`,
    [id, suspended ? 'suspended' : 'active'],
  )
  if (rows.length > 0) return
  const { closedAt } = await getAccount(db, id)
  if (closedAt !== null)
    throw new DomainError('invalid_request', 'The account is closed for good. Create another one.')
}

export type AccountLimits = {
  readonly maxOpenOrders: number | null
  readonly maxOrdersADay: number | null
  readonly maxCancelledPercent: number | null
}

/** Sets an account's limits; null uses the platform's default. @throws not_found */
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
    closedAt: row.closed_at,
    erasedAt: row.erased_at,
  }
}

export const invalid = (pointer: string, detail: string) =>
  new DomainError('invalid_request', detail, { fields: [{ pointer: `/${pointer}`, detail }] })
