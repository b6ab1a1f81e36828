// `numlet accounts`: opened, credited, suspended, limited.
import type { Command } from 'commander'
import { settle } from '../core/accounts/access.ts'
import {
  type AccountLimits,
  balanceOf,
  createAccount,
  creditAccount,
  getAccount,
  limitAccount,
  listAccounts,
  suspendAccount,
} from '../core/accounts/accounts.ts'
import { createKey } from '../core/accounts/keys.ts'
import { readLimits } from '../core/accounts/limits.ts'
import { logged } from '../core/audit/log.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { rowOf } from './ids.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { type Session, withSession } from './session.ts'

const accountId = read.idOf('acc')

export function addAccounts(noun: Command): void {
  verb(noun, 'create', 'open an account, with a key')
    .requiredOption('--email <address>', 'where its owner is reached')
    .option('--name <name>', 'what to call it')
    .option('--currency <code>', 'the one currency of its money', read.currencyCode, 'USD')
    .option('--credit <amount>', 'money to begin with', read.amount)
    .action(create)
  verb(noun, 'credit', 'give an account money, once for each reference')
    .requiredOption('--account <id>', 'which account', accountId)
    .requiredOption('--amount <amount>', 'how much, in its currency', read.amount)
    .requiredOption('--reference <text>', 'what for: the same reference never credits twice')
    .action(credit)
  verb(noun, 'list', 'all accounts and their balances').action(list)
  verb(noun, 'show', 'one account')
    .argument('<id>', 'which account', accountId)
    .action((id: string, shown: Shown) => withSession((session) => show(session, id, shown)))
  verb(noun, 'suspend', 'let an account buy nothing more and use no key')
    .argument('<id>', 'which account', accountId)
    .action((id: string, shown: Shown) => suspend(id, true, shown))
  verb(noun, 'resume', 'undo a suspension')
    .argument('<id>', 'which account', accountId)
    .action((id: string, shown: Shown) => suspend(id, false, shown))
  verb(noun, 'limit', 'set an account’s own limits; what is not named stays')
    .argument('<id>', 'which account', accountId)
    .option('--open <n|default>', 'orders open at once', read.countOrDefault)
    .option('--day <n|default>', 'orders in a UTC day', read.countOrDefault)
    .option('--cancelled <percent|default>', 'share it may cancel', read.percentOrDefault)
    .action(limit)
}

type Creation = Shown & { email: string; name?: string; currency: string; credit?: Amount }

function create(wanted: Creation) {
  return withSession(async ({ db, ids }) => {
    const made = await logged(
      db,
      async (tx) => {
        const account = await createAccount(tx, wanted)
        if (wanted.credit)
          await creditAccount(tx, new Date(), {
            accountId: account.id,
            amount: wanted.credit,
            reference: 'initial credit',
          })
        return { account, ...(await createKey(tx, { accountId: account.id, name: 'first' })) }
      },
      ({ account }) => ({
        actor,
        action: 'account.create',
        accountId: account.id,
        detail: { credit: formatAmount(wanted.credit ?? 0n, account.decimals) },
      }),
    )
    printThing(wanted, {
      account_id: ids.toToken('acc', made.account.id),
      key: made.key,
      key_id: ids.toToken('key', made.apiKey.id),
      email: made.account.email,
      currency: made.account.currency,
      balance: formatAmount(wanted.credit ?? 0n, made.account.decimals),
    })
  })
}

function credit(wanted: Shown & { account: string; amount: Amount; reference: string }) {
  return withSession(async ({ db, ids }) => {
    const id = rowOf(ids, 'acc', wanted.account)
    const { decimals } = await getAccount(db, id)
    const { amount, reference } = wanted
    const result = await logged(
      db,
      (tx) => creditAccount(tx, new Date(), { accountId: id, amount, reference }),
      ({ credited }) =>
        credited
          ? {
              actor,
              action: 'account.credit',
              accountId: id,
              detail: { amount: formatAmount(amount, decimals), reference },
            }
          : null,
    )
    printThing(wanted, {
      credited: result.credited,
      balance: formatAmount(result.balance, decimals),
      currency: result.currency,
    })
  })
}

function list(shown: Shown) {
  return withSession(async ({ db, ids }) => {
    const accounts = await listAccounts(db)
    printList(
      shown,
      accounts.map((account) => ({
        account_id: ids.toToken('acc', account.id),
        email: account.email,
        name: account.name,
        state: account.state,
        balance: formatAmount(account.balance, account.decimals),
        currency: account.currency,
        created_at: account.createdAt,
      })),
    )
  })
}

async function show({ db, ids }: Session, text: string, shown: Shown) {
  const id = rowOf(ids, 'acc', text)
  const account = await getAccount(db, id)
  const limits = await readLimits(db, id)
  printThing(shown, {
    account_id: ids.toToken('acc', id),
    email: account.email,
    name: account.name,
    state: account.state,
    balance: formatAmount(await balanceOf(db, id), account.decimals),
    currency: account.currency,
    open_orders: limits.openOrders,
    max_open_orders: limits.maxOpenOrders,
    max_orders_a_day: limits.maxOrdersADay,
    max_cancelled_percent: limits.maxCancelledPercent,
    created_at: account.createdAt,
  })
}

function suspend(text: string, suspended: boolean, shown: Shown) {
  return withSession(async (session) => {
    const accountId = rowOf(session.ids, 'acc', text)
    await logged(
      session.db,
      (tx) => suspendAccount(tx, accountId, suspended),
      () => ({ actor, action: suspended ? 'account.suspend' : 'account.resume', accountId }),
    )
    await settle()
    await show(session, text, shown)
  })
}

type Limits = Shown & {
  open?: read.OrDefault
  day?: read.OrDefault
  cancelled?: read.OrDefault
}

function limit(text: string, wanted: Limits) {
  return withSession(async (session) => {
    const accountId = rowOf(session.ids, 'acc', text)
    await logged(
      session.db,
      async (tx) => {
        const now = await readLimits(tx, accountId)
        const limits: AccountLimits = {
          maxOpenOrders: changed(now.maxOpenOrders, wanted.open),
          maxOrdersADay: changed(now.maxOrdersADay, wanted.day),
          maxCancelledPercent: changed(now.maxCancelledPercent, wanted.cancelled),
        }
        await limitAccount(tx, accountId, limits)
        return limits
      },
      (limits) => ({
        actor,
        action: 'account.limit',
        accountId,
        detail: {
          max_open_orders: limits.maxOpenOrders,
          max_orders_a_day: limits.maxOrdersADay,
          max_cancelled_percent: limits.maxCancelledPercent,
        },
      }),
    )
    await show(session, text, wanted)
  })
}

function changed(now: number | null, wanted: read.OrDefault | undefined): number | null {
  if (wanted === undefined) return now
  return wanted === 'default' ? null : wanted
}
