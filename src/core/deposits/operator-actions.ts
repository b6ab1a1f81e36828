// Operators' verbs on deposits: list, approve, settle, refund.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { credit, debit } from '../ledger/ledger.ts'
import { transferIdFor } from '../ledger/transfer-id.ts'
import type { Amount } from '../money.ts'
import { creditedIn, type Deposit, type DepositState, feeIn } from './deposit.ts'
import type { GatewayKind } from './gateway.ts'
import { type DepositRow, depositColumns, lockDeposit, tellOfDeposits, toDeposit } from './rows.ts'
import { creditDeposit, referenceOf } from './settling.ts'

/** A gateway's features by its name; null if there is no gateway of that name. */
export type KindOf = (gateway: string) => GatewayKind | null

/** Lists deposits of all accounts, newest first.
 * @param wanted.problems only those that wait for an operator's decision, or whose refund failed */
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

/** Lists a gateway's notices about a deposit in the order of their first arrival. */
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
 * Credits a deposit that was paid by bank transfer, on an operator's word. Safe to repeat.
 * @param wanted.amount the received amount, if it differs from the requested one
 * @throws deposit_not_found, invalid_request if the deposit cannot be approved
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
        throw refusal('The deposit was already approved for another amount.')
      return { deposit, changed: false }
    }
    if (kindOf(deposit.gateway)?.way !== 'transfer')
      throw refusal(`${deposit.gateway} reports payments itself; its deposits need no approval.`)
    if (!['pending', 'expired', 'failed'].includes(deposit.state))
      throw refusal(`A deposit in the state ${deposit.state} cannot be approved.`)
    const amount = wanted.amount ?? deposit.amount
    if (wanted.amount !== null) await assertNamed(tx, amount, deposit.currency)
    const credited = await creditDeposit(tx, now, deposit, {
      amount,
      paidAmount: wanted.amount ?? deposit.total,
      paidCurrency: deposit.currency,
      problem: null,
    })
    return { deposit: credited, changed: true }
  })
}

/**
 * Decides a deposit that was not paid as requested: credits the received amount without the fee, or the
 * amount that the operator gives. If it was credited and overpaid, the surplus is credited.
 * @param wanted.amount in the account's currency; required if another currency was received
 * @throws deposit_not_found, invalid_request if there is nothing to decide
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
      throw refusal(`A deposit in the state ${deposit.state} has nothing to settle.`)
    const came =
      deposit.paidCurrency === deposit.currency ? (deposit.paidAmount ?? 0n) - feeIn(deposit) : null
    if (wanted.amount === null && came === null)
      throw refusal(
        `The payment was not in ${deposit.currency}: give the amount to credit to the account.`,
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
  const rest = (deposit.paidAmount ?? 0n) - creditedIn(deposit) - feeIn(deposit)
  if (deposit.surplus !== null || rest <= 0n)
    throw refusal('The surplus was already credited. Use numlet accounts credit to credit more.')
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
 * Refunds a deposit: takes the credited amount from the balance, and a job asks the gateway to make the
 * refund. If the gateway cannot, or with `byHand`, the operator makes it manually.
 * @throws deposit_not_found, insufficient_balance if the money was spent, invalid_request if there is nothing
 * to refund
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
      throw refusal(`A deposit in the state ${deposit.state} has nothing to refund.`)
    const kind = kindOf(deposit.gateway)
    if (!kind && !wanted.byHand)
      throw refusal(
        `The gateway ${deposit.gateway} is no longer configured. The payer can only be refunded by hand.`,
      )
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

/** Records that the operator made a refund that the gateway had refused. */
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

/** Validates an amount that a person entered: it is used exactly, or refused. @throws invalid_request */
async function assertNamed(tx: Tx, amount: Amount, currency: string): Promise<void> {
  if (amount <= 0n) throw refusal('The amount must be greater than 0.')
  if (amount % (await unitOf(tx, currency)) !== 0n)
    throw refusal(`The amount has more decimals than ${currency} allows.`)
}

/** The creditable part of an amount: a converted amount may be finer than the smallest unit, and the
 * remainder stays with the platform. @throws invalid_request */
async function wholeAmount(tx: Tx, amount: Amount, currency: string): Promise<Amount> {
  const whole = amount - (amount % (await unitOf(tx, currency)))
  if (whole <= 0n) throw refusal('The amount is too small to be credited.')
  return whole
}

const refusal = (message: string) => new DomainError('invalid_request', message)
