// What an operator does with deposits: seeing them, approving, settling, giving back.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { credit, debit } from '../ledger/ledger.ts'
import { transferIdFor } from '../ledger/transfer-id.ts'
import type { Amount } from '../money.ts'
import { creditedIn, type Deposit, type DepositState } from './deposit.ts'
import type { GatewayKind } from './gateway.ts'
import { type DepositRow, depositColumns, lockDeposit, tellOfDeposits, toDeposit } from './rows.ts'
import { creditDeposit, referenceOf } from './settling.ts'

/** What a gateway is like, by its name; null: there is none of that name. */
export type KindOf = (gateway: string) => GatewayKind | null

/** Deposits of all accounts, newest first.
 * @param wanted.problems only those that an operator must decide, or that failed to be refunded */
export async function listAllDeposits(
  db: Queryable,
  wanted: {
    readonly accountId: number | null
    readonly state: DepositState | null
    readonly problems: boolean
    readonly limit: number
  },
): Promise<Deposit[]> {
  const rows = await db.query<DepositRow>(
    `select ${depositColumns} from deposits d
      where ($1::int is null or d.account_id = $1) and ($2::text is null or d.state = $2)
        and (not $3 or d.state = 'review' or d.problem = 'over' or d.refund in ('owed', 'refused'))
      order by d.id desc limit $4`,
    [wanted.accountId, wanted.state, wanted.problems, wanted.limit],
  )
  return rows.map(toDeposit)
}

/** What a gateway told of a deposit, in the order in which it first did. */
export type NoticeSeen = {
  readonly kind: string
  readonly times: number
  readonly firstAt: Date
  readonly lastAt: Date
}

const noticesShown = 100

export function noticesOf(db: Queryable, id: bigint): Promise<NoticeSeen[]> {
  return db.query<NoticeSeen>(
    `select kind, times, first_at as "firstAt", last_at as "lastAt" from deposit_notices
      where deposit_id = $1 order by first_at limit ${noticesShown}`,
    [id],
  )
}

/**
 * Credits a deposit that was paid by transfer, on an operator's word. Safe to repeat.
 * @param wanted.amount what came, where it is not what was asked
 * @throws deposit_not_found, invalid_request where it is not one to be approved
 */
export function approveDeposit(
  db: Database,
  now: Date,
  kindOf: KindOf,
  wanted: { readonly id: bigint; readonly amount: Amount | null },
): Promise<{ deposit: Deposit; changed: boolean }> {
  return db.begin(async (tx) => {
    const deposit = await lockDeposit(tx, { id: wanted.id })
    if (deposit.state === 'success') {
      if (wanted.amount !== null && wanted.amount !== creditedIn(deposit))
        throw refusal('It was approved before, for another amount.')
      return { deposit, changed: false }
    }
    if (kindOf(deposit.gateway)?.way !== 'transfer')
      throw refusal(`${deposit.gateway} tells by itself what was paid: nothing is to be approved.`)
    if (!['pending', 'expired', 'failed'].includes(deposit.state))
      throw refusal(`A deposit that is ${deposit.state} is not approved.`)
    const amount = wanted.amount ?? deposit.amount
    if (wanted.amount !== null) await assertNamed(tx, amount, deposit.currency)
    const credited = await creditDeposit(tx, now, deposit, {
      amount,
      paidAmount: amount,
      paidCurrency: deposit.currency,
      problem: null,
    })
    return { deposit: credited, changed: true }
  })
}

/**
 * Decides a deposit that was paid otherwise than asked: credits what came, or what the operator says. One
 * that was credited and paid beyond that has the rest credited.
 * @param wanted.amount in the account's currency; must be given where another currency came
 * @throws deposit_not_found, invalid_request where nothing is to be decided
 */
export function settleDeposit(
  db: Database,
  now: Date,
  wanted: { readonly id: bigint; readonly amount: Amount | null },
): Promise<{ deposit: Deposit; credited: Amount }> {
  return db.begin(async (tx) => {
    const deposit = await lockDeposit(tx, { id: wanted.id })
    if (deposit.state === 'success' && deposit.problem === 'over')
      return creditSurplus(tx, now, deposit, wanted.amount)
    if (deposit.state !== 'review')
      throw refusal(`A deposit that is ${deposit.state} has nothing to be settled.`)
    const came = deposit.paidCurrency === deposit.currency ? deposit.paidAmount : null
    if (wanted.amount === null && came === null)
      throw refusal(
        `What came is no ${deposit.currency}: name the amount that it is worth to the account.`,
      )
    if (wanted.amount !== null) await assertNamed(tx, wanted.amount, deposit.currency)
    const amount = wanted.amount ?? (await wholeAmount(tx, came as Amount, deposit.currency))
    const settled = await creditDeposit(tx, now, deposit, {
      amount,
      paidAmount: deposit.paidAmount ?? amount,
      paidCurrency: deposit.paidCurrency ?? deposit.currency,
      problem: null,
    })
    return { deposit: settled, credited: amount }
  })
}

async function creditSurplus(tx: Tx, now: Date, deposit: Deposit, wanted: Amount | null) {
  const rest = (deposit.paidAmount ?? 0n) - creditedIn(deposit)
  if (deposit.surplus !== null || rest <= 0n)
    throw refusal('Its surplus was credited before; credit more with numlet accounts credit.')
  if (wanted !== null) await assertNamed(tx, wanted, deposit.currency)
  const amount = wanted ?? (await wholeAmount(tx, rest, deposit.currency))
  await credit(tx, {
    id: transferIdFor('deposit-surplus', deposit.id),
    kind: 'credit',
    from: 'deposits',
    accountId: deposit.accountId,
    currency: deposit.currency,
    amount,
    reference: referenceOf(deposit),
    now,
  })
  const [row] = await tx.query<DepositRow>(
    `update deposits d set surplus = $2, problem = null where d.id = $1 returning ${depositColumns}`,
    [deposit.id, amount],
  )
  await tellOfDeposits(tx, now, 'deposit.surplus_credited', [deposit])
  return { deposit: toDeposit(row as DepositRow), credited: amount }
}

/**
 * Takes a deposit back: what was credited is taken from the balance, and the gateway is told to give the
 * money back, by a job; where it does not do that, or `byHand` says so, the operator does.
 * @throws deposit_not_found, insufficient_balance where the money was spent, invalid_request where there is
 * nothing to give back
 */
export function refundDeposit(
  db: Database,
  now: Date,
  kindOf: KindOf,
  wanted: { readonly id: bigint; readonly byHand: boolean },
): Promise<{ deposit: Deposit; changed: boolean; taken: Amount }> {
  return db.begin(async (tx) => {
    const deposit = await lockDeposit(tx, { id: wanted.id })
    if (deposit.state === 'refunded') return closeByHand(tx, deposit, wanted.byHand)
    if (deposit.state !== 'success' && deposit.state !== 'review')
      throw refusal(`A deposit that is ${deposit.state} has nothing to be given back.`)
    const kind = kindOf(deposit.gateway)
    if (!kind && !wanted.byHand)
      throw refusal(`There is no gateway ${deposit.gateway} any more: say --by-hand.`)
    const isSent = kind?.refunds === true && !wanted.byHand
    const taken = creditedIn(deposit)
    if (taken > 0n)
      await debit(tx, {
        id: transferIdFor('deposit-refund', deposit.id),
        to: 'deposits',
        accountId: deposit.accountId,
        currency: deposit.currency,
        amount: taken,
        reference: referenceOf(deposit),
        now,
      })
    const [row] = await tx.query<DepositRow>(
      `update deposits d set state = 'refunded', refund = $2, refunded_at = $3, check_at = $4
        where d.id = $1 returning ${depositColumns}`,
      [deposit.id, isSent ? 'owed' : 'by_hand', now, isSent ? now : null],
    )
    await tellOfDeposits(tx, now, 'deposit.refunded', [deposit])
    return { deposit: toDeposit(row as DepositRow), changed: true, taken }
  })
}

/** One that the gateway refused to give back: the operator has. */
async function closeByHand(tx: Tx, deposit: Deposit, byHand: boolean) {
  if (!byHand || deposit.refund !== 'refused') return { deposit, changed: false, taken: 0n }
  const [row] = await tx.query<DepositRow>(
    `update deposits d set refund = 'by_hand' where d.id = $1 returning ${depositColumns}`,
    [deposit.id],
  )
  return { deposit: toDeposit(row as DepositRow), changed: true, taken: 0n }
}

async function unitOf(tx: Tx, currency: string): Promise<Amount> {
  const [row] = await tx.query<{ unit: Amount }>(
    'select smallest_unit(decimals) as unit from currencies where code = $1',
    [currency],
  )
  return row?.unit ?? 1n
}

/** An amount that a person named is what it says, or nothing. @throws invalid_request */
async function assertNamed(tx: Tx, amount: Amount, currency: string): Promise<void> {
  if (amount <= 0n) throw refusal('The amount must be more than 0.')
  if (amount % (await unitOf(tx, currency)) !== 0n)
    throw refusal(`The amount is finer than the smallest coin of ${currency}.`)
}

/** What of an amount can be credited: what came by another market may be finer than any coin, and that rest
 * stays with the platform. @throws invalid_request */
async function wholeAmount(tx: Tx, amount: Amount, currency: string): Promise<Amount> {
  const whole = amount - (amount % (await unitOf(tx, currency)))
  if (whole <= 0n) throw refusal('There is nothing that could be credited.')
  return whole
}

const refusal = (message: string) => new DomainError('invalid_request', message)
