// Operators' verbs on accounts. Each writes its log entry in its own transaction.
import type { Database, Tx } from '../../db/database.ts'
import {
  type Account,
  type AccountLimits,
  balanceOf,
  changeAccount,
  createAccount,
  getAccount,
  limitAccount,
  suspendAccount,
} from '../accounts/accounts.ts'
import {
  type Adjusted,
  type Adjustment,
  creditAccount,
  debitAccount,
} from '../accounts/adjustments.ts'
import { type ApiKey, createKey } from '../accounts/keys.ts'
import { readLimits } from '../accounts/limits.ts'
import { DomainError } from '../error.ts'
import { type Amount, formatAmount } from '../money.ts'
import { type By, type LogEntry, logged, needReason } from '../operator-log.ts'

const ofAccount = (id: number) => ({ subject: { type: 'account', id }, accountId: id }) as const

export type NewAccount = {
  readonly email: string
  readonly name?: string | undefined
  readonly currency: string
  /** The initial balance. */
  readonly credit?: Amount | undefined
}

/** Creates an account with a first key for its owner. @throws invalid_request */
export function openAccount(
  db: Database,
  now: Date,
  by: By,
  wanted: NewAccount,
): Promise<{ account: Account; key: string; apiKey: ApiKey }> {
  const amount = wanted.credit ?? 0n
  return logged(
    db,
    by,
    async (within) => {
      const account = await createAccount(within, wanted)
      if (amount > 0n)
        await creditAccount(within, now, {
          accountId: account.id,
          amount,
          reference: 'initial credit',
        })
      return {
        account,
        ...(await createKey(within, now, { accountId: account.id, name: 'first', by })),
      }
    },
    ({ account, apiKey }) => ({
      action: 'account.create',
      ...ofAccount(account.id),
      detail: {
        credit: formatAmount(amount, account.decimals),
        key_id: apiKey.id,
        key_reads_texts: true,
      },
    }),
  )
}

/** Credits an account. @throws the errors of `creditAccount` */
export async function credit(
  db: Database,
  now: Date,
  by: By,
  order: Adjustment,
): Promise<{ credited: boolean; balance: Amount; currency: string }> {
  const { decimals } = await getAccount(db, order.accountId)
  return logged(
    db,
    by,
    (within) => creditAccount(within, now, order),
    (done) =>
      done.credited
        ? adjusted('account.credit', order, done.balance - order.amount, done.balance, decimals)
        : null,
  )
}

/** Debits an account, at most its balance.
 * @throws the errors of `debitAccount`, and invalid_request without a reason */
export async function debit(db: Database, now: Date, by: By, order: Adjustment): Promise<Adjusted> {
  const stated = needReason(by)
  const { decimals, currency } = await getAccount(db, order.accountId)
  return logged(
    db,
    stated,
    (within, tx) =>
      debitAccount(within, now, order).catch(async (error: unknown) => {
        throw error instanceof DomainError && error.code === 'insufficient_balance'
          ? await tooLittle(tx, order, { decimals, currency })
          : error
      }),
    (done) =>
      done.moved
        ? adjusted('account.debit', order, done.balance + order.amount, done.balance, decimals)
        : null,
  )
}

async function tooLittle(
  tx: Tx,
  { accountId, amount }: Adjustment,
  { decimals, currency }: { readonly decimals: number; readonly currency: string },
) {
  const balance = formatAmount(await balanceOf(tx, accountId), decimals)
  return new DomainError(
    'insufficient_balance',
    `The account has ${balance} ${currency}; ${formatAmount(amount, decimals)} ${currency} cannot be ` +
      'debited, because a balance never falls below zero.',
  )
}

function adjusted(
  action: string,
  { accountId, amount, reference }: Adjustment,
  before: Amount,
  after: Amount,
  decimals: number,
): LogEntry {
  return {
    action,
    ...ofAccount(accountId),
    detail: {
      amount: formatAmount(amount, decimals),
      reference,
      before: { balance: formatAmount(before, decimals) },
      after: { balance: formatAmount(after, decimals) },
    },
  }
}

/** Changes an account's name or email address. @throws not_found, invalid_request */
export function change(
  db: Database,
  by: By,
  id: number,
  wanted: { readonly name?: string | undefined; readonly email?: string | undefined },
): Promise<Account> {
  if (wanted.name === undefined && wanted.email === undefined)
    throw new DomainError('invalid_request', 'Give a new name or a new email address.')
  return logged(
    db,
    by,
    async (within) => ({
      before: await getAccount(within, id),
      after: await changeAccount(within, id, wanted),
    }),
    ({ before, after }) =>
      before.name === after.name && before.email === after.email
        ? null
        : {
            action: 'account.change',
            ...ofAccount(id),
            detail: {
              before: { name: before.name, email: before.email },
              after: { name: after.name, email: after.email },
            },
          },
  ).then(({ after }) => after)
}

/** Suspends or resumes an account. Safe to repeat; await `revocationKnown` after the commit: then every node
 * knows. @throws not_found */
export function suspend(db: Database, by: By, id: number, suspended: boolean): Promise<void> {
  return logged(
    db,
    by,
    async (within) => {
      const { state } = await getAccount(within, id)
      await suspendAccount(within, id, suspended)
      return state
    },
    (before) => ({
      action: suspended ? 'account.suspend' : 'account.resume',
      ...ofAccount(id),
      detail: { before: { state: before }, after: { state: suspended ? 'suspended' : 'active' } },
    }),
  ).then(() => undefined)
}

/** New limits of an account; omitted ones stay unchanged. */
export type LimitChange = {
  readonly [Name in keyof AccountLimits]?: AccountLimits[Name] | undefined
}

/** Sets limits of an account. @throws not_found */
export function limit(db: Database, by: By, id: number, wanted: LimitChange): Promise<void> {
  return logged(
    db,
    by,
    async (within) => {
      const { openOrders: _, ...before } = await readLimits(within, id)
      const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
      const after: AccountLimits = { ...before, ...Object.fromEntries(given) }
      await limitAccount(within, id, after)
      return { before, after }
    },
    ({ before, after }) => ({
      action: 'account.limit',
      ...ofAccount(id),
      detail: { before: shownLimits(before), after: shownLimits(after) },
    }),
  ).then(() => undefined)
}

const shownLimits = (limits: AccountLimits) => ({
  max_open_orders: limits.maxOpenOrders,
  max_orders_a_day: limits.maxOrdersADay,
  max_cancelled_percent: limits.maxCancelledPercent,
})
