// `numlet deposits`: list, show, approve, settle and refund deposits.
import type { Command } from 'commander'
import {
  creditedIn,
  type Deposit,
  type DepositState,
  depositStates,
} from '../core/deposits/deposit.ts'
import { listAllDeposits, noticesOf } from '../core/deposits/operator-actions.ts'
import { readDeposit } from '../core/deposits/rows.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import * as operating from '../core/operating/deposits.ts'
import type { By } from '../core/operator-log.ts'
import { gatewayKindOf } from '../payments/kinds.ts'
import * as read from './arguments.ts'
import { accountOf, bigRowOf, naming } from './ids.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { type Session, withSession } from './session.ts'

const depositId = read.idOf('dep')
const whichDeposit = 'The deposit: its id or number'

export function addDeposits(noun: Command): void {
  verb(noun, 'list', 'List deposits, newest first')
    .option('--account <account>', 'Only of this account (id, number or e-mail)', read.account)
    .option('--state <state>', `Only in this state: ${depositStates.join(', ')}`, stateNamed)
    .option('--problems', 'Only those that wait for your decision')
    .option('--limit <count>', 'Number of deposits to list', read.limit, 100)
    .action(list)
  verb(noun, 'show', 'Show one deposit with the notices of its gateway')
    .argument('<deposit>', whichDeposit, depositId)
    .action((id: string, shown: Shown) => withSession((session) => show(session, id, shown)))
  act(noun, 'approve', 'Credit a bank transfer that has arrived')
    .argument('<deposit>', whichDeposit, depositId)
    .option('--amount <amount>', 'Amount that arrived, if it differs', read.amount)
    .action(approve)
  act(noun, 'settle', 'Credit a payment that was late, partial, too high or in another currency')
    .argument('<deposit>', whichDeposit, depositId)
    .option(
      '--amount <amount>',
      'Amount to credit, in the account’s currency (default: what arrived)',
      read.amount,
    )
    .action(settle)
  act(noun, 'refund', 'Take a deposit back from the balance and refund the payer')
    .argument('<deposit>', whichDeposit, depositId)
    .option('--by-hand', 'You refund the payer yourself; the gateway is not asked')
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
    const { db } = session
    const deposits = await listAllDeposits(db, {
      accountId: wanted.account === undefined ? null : await accountOf(session, wanted.account),
      state: wanted.state ?? null,
      problems: wanted.problems === true,
      limit: wanted.limit,
    })
    const write = await writerFor(session)
    printList(wanted, deposits.map(write.line))
  })
}

async function show(session: Session, text: string, shown: Shown) {
  const deposit = await naming(
    'dep',
    text,
    readDeposit(session.db, { id: bigRowOf(session.ids, 'dep', text) }),
  )
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

function approve(text: string, wanted: Reasoned & { amount?: Amount }) {
  return decide(text, wanted, ({ db, now }, by, id) =>
    operating.approve(db, now(), by, gatewayKindOf, { id, amount: wanted.amount ?? null }),
  )
}

function settle(text: string, wanted: Reasoned & { amount?: Amount }) {
  return decide(text, wanted, ({ db, now }, by, id) =>
    operating.settle(db, now(), by, { id, amount: wanted.amount ?? null }),
  )
}

function refund(text: string, wanted: Reasoned & { byHand?: true }) {
  return decide(text, wanted, ({ db, now }, by, id) =>
    operating.refund(db, now(), by, gatewayKindOf, { id, byHand: wanted.byHand === true }),
  )
}

/** Carries out an operator's decision and shows the deposit afterwards. */
function decide(
  text: string,
  wanted: Reasoned,
  work: (session: Session, by: By, id: bigint) => Promise<void>,
): Promise<void> {
  return withSession(async (session) => {
    const id = bigRowOf(session.ids, 'dep', text)
    await naming('dep', text, work(session, session.by(wanted.reason), id))
    await show(session, text, wanted)
  })
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
