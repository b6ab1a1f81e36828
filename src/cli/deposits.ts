// `numlet deposits`: seen, approved, settled, given back.
import type { Command } from 'commander'
import { type LogEntry, logged } from '../core/audit/log.ts'
import {
  creditedIn,
  type Deposit,
  type DepositState,
  depositStates,
} from '../core/deposits/deposit.ts'
import {
  approveDeposit,
  listAllDeposits,
  noticesOf,
  refundDeposit,
  settleDeposit,
} from '../core/deposits/operating.ts'
import { readDeposit } from '../core/deposits/rows.ts'
import { DomainError } from '../core/error.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import { gatewayKindOf } from '../payments/kinds.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { rowOf } from './ids.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { type Session, withSession } from './session.ts'

const depositId = read.idOf('dep')

export function addDeposits(noun: Command): void {
  verb(noun, 'list', 'the newest deposits')
    .option('--account <id>', 'only of this account', read.idOf('acc'))
    .option('--state <state>', `only in this state: ${depositStates.join(', ')}`, stateNamed)
    .option('--problems', 'only those that wait for you')
    .option('--limit <count>', 'how many', read.limit, 100)
    .action(list)
  verb(noun, 'show', 'one deposit, and what its gateway told of it')
    .argument('<id>', 'which deposit', depositId)
    .action((id: string, shown: Shown) => withSession((session) => show(session, id, shown)))
  verb(noun, 'approve', 'credit a bank transfer that has come')
    .argument('<id>', 'which deposit', depositId)
    .option('--amount <amount>', 'what came, where it is not what was asked', read.amount)
    .action(approve)
  verb(noun, 'settle', 'credit what was paid late, in part, beyond or in another currency')
    .argument('<id>', 'which deposit', depositId)
    .option(
      '--amount <amount>',
      'how much, in the account’s currency: by default what came',
      read.amount,
    )
    .action(settle)
  verb(noun, 'refund', 'take a deposit back from the balance, and give the money back')
    .argument('<id>', 'which deposit', depositId)
    .option('--by-hand', 'you give it back yourself: the gateway is not told')
    .action(refund)
}

function stateNamed(text: string): DepositState {
  const state = depositStates.find((one) => one === text)
  if (!state) throw read.unfit(`It must be one of ${depositStates.join(', ')}.`)
  return state
}

type Listing = Shown & { account?: string; state?: DepositState; problems?: true; limit: number }

function list(wanted: Listing) {
  return withSession(async (session) => {
    const { db, ids } = session
    const deposits = await listAllDeposits(db, {
      accountId: wanted.account === undefined ? null : rowOf(ids, 'acc', wanted.account),
      state: wanted.state ?? null,
      problems: wanted.problems === true,
      limit: wanted.limit,
    })
    const write = await writerFor(session)
    printList(wanted, deposits.map(write.line))
  })
}

async function show(session: Session, text: string, shown: Shown) {
  const deposit = await readDeposit(session.db, { id: idOf(session, text) })
  const write = await writerFor(session)
  const notices = await noticesOf(session.db, deposit.id)
  printThing(shown, {
    ...write.whole(deposit),
    notices: notices.map(({ kind, times, firstAt, lastAt }) => ({
      kind,
      times,
      first_at: firstAt,
      last_at: lastAt,
    })),
  })
}

function approve(text: string, wanted: Shown & { amount?: Amount }) {
  return decide(text, wanted, async (session, id) => {
    const amount = wanted.amount ?? null
    await logged(
      session.db,
      (tx) => approveDeposit(tx, new Date(), gatewayKindOf, { id, amount }),
      ({ deposit, changed }) =>
        changed ? entry(session, 'deposit.approve', deposit, creditedIn(deposit)) : null,
    )
  })
}

function settle(text: string, wanted: Shown & { amount?: Amount }) {
  return decide(text, wanted, async (session, id) => {
    await logged(
      session.db,
      (tx) => settleDeposit(tx, new Date(), { id, amount: wanted.amount ?? null }),
      ({ deposit, credited }) => entry(session, 'deposit.settle', deposit, credited),
    )
  })
}

function refund(text: string, wanted: Shown & { byHand?: true }) {
  return decide(text, wanted, async (session, id) => {
    await logged(
      session.db,
      (tx) => refundDeposit(tx, new Date(), gatewayKindOf, { id, byHand: wanted.byHand === true }),
      ({ deposit, changed, taken }) =>
        changed ? entry(session, 'deposit.refund', deposit, taken) : null,
    )
  })
}

/** Does what an operator decided, and shows the deposit as it is then. */
function decide(
  text: string,
  shown: Shown,
  work: (session: Session, id: bigint) => Promise<void>,
): Promise<void> {
  return withSession(async (session) => {
    await work(session, idOf(session, text))
    await show(session, text, shown)
  })
}

function entry({ ids }: Session, action: string, deposit: Deposit, amount: Amount): LogEntry {
  return {
    actor,
    action,
    accountId: deposit.accountId,
    detail: {
      deposit: ids.toToken('dep', deposit.id),
      amount: formatAmount(amount, 0),
      currency: deposit.currency,
      ...(deposit.refund === null ? {} : { refund: deposit.refund }),
    },
  }
}

/** @throws deposit_not_found */
function idOf({ ids }: Session, text: string): bigint {
  const id = /^\d+$/.test(text) ? BigInt(text) : ids.fromToken('dep', text)
  if (id === null) throw new DomainError('deposit_not_found', `There is no ${text}.`)
  return id
}

async function writerFor({ db, ids }: Session) {
  const rows = await db.query<{ code: string; decimals: number }>(
    'select code, decimals from currencies',
  )
  const decimals = new Map(rows.map(({ code, decimals }) => [code, decimals]))
  const money = (amount: Amount | null, currency: string | null) =>
    amount === null ? null : formatAmount(amount, decimals.get(currency ?? '') ?? 2)
  const line = (deposit: Deposit) => ({
    deposit_id: ids.toToken('dep', deposit.id),
    account_id: ids.toToken('acc', deposit.accountId),
    gateway: deposit.gateway,
    state: deposit.state,
    problem: deposit.problem,
    amount: money(deposit.amount, deposit.currency),
    currency: deposit.currency,
    paid: money(deposit.paidAmount, deposit.paidCurrency),
    paid_currency: deposit.paidCurrency,
    credited: deposit.credited === null ? null : money(creditedIn(deposit), deposit.currency),
    refund: deposit.refund,
    reference: deposit.reference,
    created_at: deposit.createdAt,
  })
  const whole = (deposit: Deposit) => ({
    ...line(deposit),
    total: money(deposit.total, deposit.currency),
    gateway_ref: deposit.gatewayRef,
    confirming: deposit.confirming,
    expires_at: deposit.expiresAt,
    paid_at: deposit.paidAt,
    refunded_at: deposit.refundedAt,
  })
  return { line, whole }
}
