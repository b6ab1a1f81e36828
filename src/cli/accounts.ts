// `numlet accounts`: customers, their money and their limits.
import type { Command } from 'commander'
import { revocationKnown } from '../core/accounts/access.ts'
import { balanceOf, getAccount, listAccounts } from '../core/accounts/accounts.ts'
import { readLimits } from '../core/accounts/limits.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import * as operating from '../core/operating/accounts.ts'
import { addLeaving } from './account-leaving.ts'
import * as read from './arguments.ts'
import { accountOf, rowOf } from './ids.ts'
import {
  act,
  printList,
  printThing,
  type Reasoned,
  reasonedAct,
  type Shown,
  verb,
} from './output.ts'
import { type Session, withSession } from './session.ts'

const whichAccount = 'The account: its id, number or e-mail address'

export function addAccounts(noun: Command): void {
  addMoney(noun)
  addLeaving(noun)
  verb(noun, 'list', 'List accounts with their balances, oldest first')
    .option('--after <account>', 'Only accounts after this one (id or number)', read.idOf('acc'))
    .option('--limit <count>', 'Number of accounts to list', read.limit, 1_000)
    .action(list)
  verb(noun, 'show', 'Show one account')
    .argument('<account>', whichAccount, read.account)
    .action((text: string, shown: Shown) => withSession((session) => show(session, text, shown)))
  act(noun, 'set', 'Change the name or the e-mail address of an account')
    .argument('<account>', whichAccount, read.account)
    .option('--name <name>', 'New name')
    .option('--email <address>', 'New e-mail address')
    .action(set)
  act(noun, 'suspend', 'Suspend an account: it can buy nothing and use no key')
    .argument('<account>', whichAccount, read.account)
    .action((text: string, wanted: Reasoned) => suspend(text, true, wanted))
  act(noun, 'resume', 'Lift the suspension of an account')
    .argument('<account>', whichAccount, read.account)
    .action((text: string, wanted: Reasoned) => suspend(text, false, wanted))
  act(noun, 'limit', 'Set limits of an account; limits that are not named stay')
    .argument('<account>', whichAccount, read.account)
    .option('--open <n|default>', 'Maximum number of open orders', read.countOrDefault)
    .option('--day <n|default>', 'Maximum number of orders in a UTC day', read.countOrDefault)
    .option(
      '--cancelled <percent|default>',
      'Maximum share of the day’s orders that may be cancelled',
      read.percentOrDefault,
    )
    .action(limit)
}

function addMoney(noun: Command) {
  act(noun, 'create', 'Create an account with a first API key; the key is shown only now')
    .requiredOption('--email <address>', 'E-mail address of the owner')
    .option('--name <name>', 'Name of the account')
    .option('--currency <code>', 'Currency of the account', read.currencyCode, 'USD')
    .option('--credit <amount>', 'Initial balance', read.amount)
    .action(create)
  act(noun, 'credit', 'Add money to an account, once for each reference')
    .requiredOption('--account <account>', whichAccount, read.account)
    .requiredOption('--amount <amount>', 'Amount, in the account’s currency', read.amount)
    .requiredOption('--reference <text>', 'What it is for; a reference credits only once')
    .action(credit)
  reasonedAct(noun, 'debit', 'Take money from an account, once for each reference')
    .requiredOption('--account <account>', whichAccount, read.account)
    .requiredOption('--amount <amount>', 'Amount, in the account’s currency', read.amount)
    .requiredOption('--reference <text>', 'What it is for; a reference debits only once')
    .action(debit)
}

type Creation = Reasoned & { email: string; name?: string; currency: string; credit?: Amount }

function create(wanted: Creation) {
  return withSession(async ({ db, ids, by, now }) => {
    const made = await operating.openAccount(db, now(), by(wanted.reason), wanted)
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

type Adjustment = Reasoned & { account: string; amount: Amount; reference: string }

function credit(wanted: Adjustment) {
  return withSession(async (session) => {
    const { db, by, now } = session
    const accountId = await accountOf(session, wanted.account)
    const { decimals } = await getAccount(db, accountId)
    const { amount, reference } = wanted
    const order = { accountId, amount, reference }
    const result = await operating.credit(db, now(), by(wanted.reason), order)
    printThing(wanted, {
      credited: result.credited,
      balance: formatAmount(result.balance, decimals),
      currency: result.currency,
    })
  })
}

function debit(wanted: Adjustment) {
  return withSession(async (session) => {
    const { db, by, now } = session
    const accountId = await accountOf(session, wanted.account)
    const { amount, reference } = wanted
    const order = { accountId, amount, reference }
    const result = await operating.debit(db, now(), by(wanted.reason), order)
    printThing(wanted, {
      debited: result.moved,
      balance: formatAmount(result.balance, result.decimals),
      currency: result.currency,
    })
  })
}

type Listing = Shown & { after?: string; limit: number }

function list(wanted: Listing) {
  return withSession(async ({ db, ids }) => {
    const after = wanted.after === undefined ? undefined : rowOf(ids, 'acc', wanted.after)
    const accounts = await listAccounts(db, { after, limit: wanted.limit })
    printList(
      wanted,
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

async function show(session: Session, text: string, shown: Shown) {
  const { db, ids } = session
  const id = await accountOf(session, text)
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
    closed_at: account.closedAt,
    erased_at: account.erasedAt,
  })
}

function set(text: string, wanted: Reasoned & { name?: string; email?: string }) {
  return withSession(async (session) => {
    const id = await accountOf(session, text)
    const { name, email } = wanted
    await operating.change(session.db, session.by(wanted.reason), id, { name, email })
    await show(session, String(id), wanted)
  })
}

function suspend(text: string, suspended: boolean, wanted: Reasoned) {
  return withSession(async (session) => {
    const id = await accountOf(session, text)
    await operating.suspend(session.db, session.by(wanted.reason), id, suspended)
    await revocationKnown()
    await show(session, String(id), wanted)
  })
}

type Limits = Reasoned & {
  open?: read.OrDefault
  day?: read.OrDefault
  cancelled?: read.OrDefault
}

function limit(text: string, wanted: Limits) {
  return withSession(async (session) => {
    const id = await accountOf(session, text)
    await operating.limit(session.db, session.by(wanted.reason), id, {
      maxOpenOrders: limitOf(wanted.open),
      maxOrdersADay: limitOf(wanted.day),
      maxCancelledPercent: limitOf(wanted.cancelled),
    })
    await show(session, String(id), wanted)
  })
}

/** @NOTE `undefined` if an option is not given: that limit stays */
const limitOf = (wanted: read.OrDefault | undefined) => (wanted === 'default' ? null : wanted)
