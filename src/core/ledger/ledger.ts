// The ledger: double-entry, immutable transfers, holds that end once. It does not know orders.
//
// hold   customer -> escrow     reserves money
// post   escrow   -> revenue    earns it (all or a part; `release` returns the rest)
// void   escrow   -> customer   returns it
// refund revenue  -> customer   returns what was posted
// credit adjustments or deposits -> customer; debit the other way
//
// Customers' wallets are locked in the order of their ids: after orders, before stock.
import type { Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { type Amount, maxAmount } from '../money.ts'
import { transferIdFor } from './transfer-id.ts'

const ledgerAccountKinds = ['escrow', 'revenue', 'deposits', 'adjustments'] as const
export type PlatformAccount = (typeof ledgerAccountKinds)[number]

/** A hold to end, with what its owner recorded of it. */
export type Hold = {
  readonly holdId: string
  readonly accountId: number
  readonly currency: string
  readonly amount: Amount
  readonly orderId?: bigint
}

/** Creates the platform's own accounts of a currency. Safe to repeat. */
export async function openCurrency(tx: Tx, currency: string): Promise<void> {
  await tx.query(
    `insert into ledger_accounts (kind, currency) select unnest($1::text[]), $2 on conflict do nothing`,
    [ledgerAccountKinds, currency],
  )
}

/** Creates a customer's wallet. Safe to repeat. */
export async function openWallet(tx: Tx, accountId: number, currency: string): Promise<void> {
  await openCurrency(tx, currency)
  await tx.query(
    `insert into ledger_accounts (kind, account_id, currency) values ('customer', $1, $2)
     on conflict do nothing`,
    [accountId, currency],
  )
}

export type Movement = {
  readonly id: string
  readonly accountId: number
  readonly currency: string
  readonly amount: Amount
  readonly now: Date
  readonly reference?: string
}

/** The result of a movement: whether money moved this time, and the resulting balance. */
export type Moved = { readonly moved: boolean; readonly balance: Amount }

/** Credits a customer from a platform account. The same id credits once. */
export function credit(
  tx: Tx,
  movement: Movement & { readonly from: PlatformAccount; readonly kind: 'credit' | 'deposit' },
): Promise<Moved> {
  return moveOnce(tx, movement, { kind: movement.kind, platform: movement.from, isIn: true })
}

/** Debits a customer to a platform account. The same id debits once.
 * @throws insufficient_balance */
export function debit(
  tx: Tx,
  movement: Movement & { readonly to: PlatformAccount },
): Promise<Moved> {
  return moveOnce(tx, movement, { kind: 'debit', platform: movement.to, isIn: false })
}

/** A customer's wallet: accounts have one in their currency. */
export type Wallet = { readonly accountId: number; readonly currency: string }

/** A hold to make. The same id holds once. */
export type NewHold = Pick<Hold, 'holdId' | 'amount' | 'orderId'>

/** Holds amounts of one wallet, all or none. Holds that were made before are skipped.
 * @returns the ids of the holds that were made now, and the resulting balance
 * @throws insufficient_balance if the balance is lower than the total */
export async function holdAll(
  tx: Tx,
  now: Date,
  wallet: Wallet,
  holds: readonly NewHold[],
): Promise<{ readonly held: readonly string[]; readonly balance: Amount }> {
  for (const { amount } of holds) assertAmount(amount)
  const [result] = await tx.query<{ held: string[]; balance: Amount }>(
    `select held, balance_after as balance from hold_all(p_now => $1, p_account => $2,
       p_currency => $3, p_hold => $4, p_order => $5, p_amount => $6)`,
    [
      now,
      wallet.accountId,
      wallet.currency,
      holds.map((one) => one.holdId),
      holds.map((one) => one.orderId ?? null),
      holds.map((one) => one.amount),
    ],
  )
  if (!result) throw noSuchAccount()
  if (result.balance < 0n) throw insufficient()
  return result
}

/** Takes payments at once: holds the amounts, and posts the holds. The same id pays once.
 * @throws insufficient_balance if the balance is lower than the total */
export async function payNow(
  tx: Tx,
  now: Date,
  wallet: Wallet,
  holds: readonly NewHold[],
): Promise<void> {
  const { held } = await holdAll(tx, now, wallet, holds)
  const made = holds.filter((one) => held.includes(one.holdId))
  const posted = await postAll(
    tx,
    now,
    made.map((one) => ({ ...wallet, ...one })),
  )
  if (posted.length !== made.length) throw new Error('a hold ended before it was posted')
}

/** Moves money between a customer and a platform account, once per id. */
async function moveOnce(
  tx: Tx,
  movement: Movement,
  way: { readonly kind: string; readonly platform: PlatformAccount; readonly isIn: boolean },
): Promise<Moved> {
  const { id, accountId, currency, amount } = movement
  assertAmount(amount)
  const balance = await lockWallet(tx, accountId, currency)
  const [earlier] = await tx.query('select 1 as yes from transfers where id = $1', [id])
  if (earlier) return { moved: false, balance }
  const after = way.isIn ? balance + amount : balance - amount
  if (after < 0n) throw insufficient()
  await tx.query(
    `insert into transfers (id, kind, debit_id, credit_id, amount, currency, account_id,
       balance_after, reference, created_at)
     select $1, $2, case when $3 then p.id else w.id end, case when $3 then w.id else p.id end, $4, $5, $6,
            $7, $8, $9
       from ledger_accounts p, ledger_accounts w
      where p.kind = $10 and p.account_id is null and p.currency = $5
        and w.kind = 'customer' and w.account_id = $6 and w.currency = $5`,
    [
      id,
      way.kind,
      way.isIn,
      amount,
      currency,
      accountId,
      after,
      movement.reference ?? '',
      movement.now,
      way.platform,
    ],
  )
  await setBalance(tx, accountId, currency, after)
  return { moved: true, balance: after }
}

/** Posts a hold: `amount` of it (default: all) is earned, and the rest is returned to the customer.
 * @returns false if the hold was ended before: nothing moved */
export async function post(tx: Tx, now: Date, held: Hold, amount: Amount = held.amount) {
  if (amount < 0n || amount > held.amount) throw new RangeError('a post cannot exceed its hold')
  // @NOTE lock the wallet before ending the hold, as a void does: otherwise the two can deadlock
  if (amount < held.amount) await lockWallet(tx, held.accountId, held.currency)
  const posted = await postAll(tx, now, [{ ...held, amount }])
  if (posted.length === 0) return false
  if (amount < held.amount)
    await giveBack(tx, now, 'release', [{ ...held, amount: held.amount - amount }])
  return true
}

/** Posts holds, each with its amount. Holds that ended before are skipped.
 * @returns the ids of the holds that were posted now */
async function postAll(tx: Tx, now: Date, holds: readonly Hold[]): Promise<string[]> {
  const rows = await tx.query<{ hold_id: string }>(
    `select hold_id from post_holds(p_now => $1, p_post => $2, p_hold => $3, p_order => $4,
       p_account => $5, p_currency => $6, p_amount => $7) as hold_id`,
    [
      now,
      holds.map((one) => transferIdFor('post', one.holdId)),
      holds.map((one) => one.holdId),
      holds.map((one) => one.orderId ?? null),
      holds.map((one) => one.accountId),
      holds.map((one) => one.currency),
      holds.map((one) => one.amount),
    ],
  )
  return rows.map((row) => row.hold_id)
}

/** Voids or releases holds: the money is returned to the customers. Holds that ended before are skipped.
 * @returns the ids of the holds that were ended now */
export function voidHolds(tx: Tx, now: Date, holds: readonly Hold[]): Promise<string[]> {
  return giveBack(tx, now, 'void', holds)
}

/** How a hold has ended already. @NOTE literal, so that the plan of a prepared statement can use the indexes
 * of ends, which are partial: with a parameter it reads all transfers, or is planned anew each time */
const endedBy = {
  void: `t.kind in ('post', 'void')`,
  release: `t.kind = 'release'`,
} as const

async function giveBack(
  tx: Tx,
  now: Date,
  kind: 'void' | 'release',
  holds: readonly Hold[],
): Promise<string[]> {
  if (holds.length === 0) return []
  await lockWallets(
    tx,
    holds.map((one) => one.accountId),
  )
  const ended = await tx.query<{ hold_id: string }>(
    `with given as (
       insert into transfers (id, kind, debit_id, credit_id, amount, currency, hold_id, account_id,
         balance_after, order_id, created_at)
       select h.id, $1, e.id, w.id, h.amount, h.currency, h.hold_id, h.account_id,
              w.balance + sum(h.amount) over (partition by w.id order by h.place), h.order_id, $2
         from unnest($3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::bigint[], $8::bigint[])
              with ordinality as h(id, hold_id, account_id, currency, amount, order_id, place)
         join ledger_accounts w on w.kind = 'customer' and w.account_id = h.account_id
          and w.currency = h.currency
         join ledger_accounts e on e.kind = 'escrow' and e.account_id is null
          and e.currency = h.currency
        where not exists (select from transfers t
                           where t.hold_id = h.hold_id and ${endedBy[kind]})
        order by h.place
       on conflict do nothing
       returning hold_id, account_id, currency, amount
     ), paid as (
       update ledger_accounts w set balance = w.balance + g.amount
         from (select account_id, currency, sum(amount)::bigint as amount from given group by 1, 2) g
        where w.kind = 'customer' and w.account_id = g.account_id and w.currency = g.currency
     )
     select hold_id from given`,
    [
      kind,
      now,
      holds.map((one) => transferIdFor(kind, one.holdId)),
      holds.map((one) => one.holdId),
      holds.map((one) => one.accountId),
      holds.map((one) => one.currency),
      holds.map((one) => one.amount),
      holds.map((one) => one.orderId ?? null),
    ],
  )
  return ended.map((row) => row.hold_id)
}

/** Refunds what was posted, all of it. Holds that were refunded before are skipped.
 * @returns the ids of the holds that were refunded now */
export async function refundHolds(tx: Tx, now: Date, holds: readonly Hold[]): Promise<string[]> {
  const refunded: string[] = []
  for (const held of [...holds].sort((a, b) => a.accountId - b.accountId)) {
    const balance = await lockWallet(tx, held.accountId, held.currency)
    const rows = await tx.query(
      `insert into transfers (id, kind, debit_id, credit_id, amount, currency, hold_id, account_id,
         balance_after, order_id, created_at)
       select $1, 'refund', p.credit_id, h.debit_id, p.amount, p.currency, h.id, h.account_id,
              $3, h.order_id, $4
         from transfers h join transfers p on p.hold_id = h.id and p.kind = 'post'
        where h.id = $2
       on conflict do nothing returning 1 as yes`,
      [transferIdFor('refund', held.holdId), held.holdId, balance + held.amount, now],
    )
    if (rows.length === 0) continue
    await setBalance(tx, held.accountId, held.currency, balance + held.amount)
    refunded.push(held.holdId)
  }
  return refunded
}

/** A customer's available balance. */
export async function balanceOf(db: Queryable, accountId: number): Promise<Amount> {
  const [wallet] = await db.query<{ balance: Amount }>(
    `select w.balance from ledger_accounts w join accounts a on a.id = w.account_id
      and a.currency = w.currency where w.kind = 'customer' and w.account_id = $1`,
    [accountId],
  )
  return wallet?.balance ?? 0n
}

/** Locks the wallets of accounts until the transaction ends. Their counts of orders change only under it. */
export async function lockWallets(tx: Tx, accountIds: readonly number[]): Promise<void> {
  await tx.query(
    `select 1 from ledger_accounts where kind = 'customer' and account_id = any($1)
      order by id for no key update`,
    [accountIds],
  )
}

async function lockWallet(tx: Tx, accountId: number, currency: string): Promise<Amount> {
  const [wallet] = await tx.query<{ balance: Amount }>(
    `select balance from ledger_accounts where kind = 'customer' and account_id = $1
        and currency = $2 for no key update`,
    [accountId, currency],
  )
  if (!wallet) throw noSuchAccount()
  return wallet.balance
}

async function setBalance(tx: Tx, accountId: number, currency: string, balance: Amount) {
  await tx.query(
    `update ledger_accounts set balance = $3
      where kind = 'customer' and account_id = $1 and currency = $2`,
    [accountId, currency, balance],
  )
}

const noSuchAccount = () => new DomainError('not_found', 'There is no such account.')

const insufficient = () =>
  new DomainError('insufficient_balance', 'The balance is lower than the amount.')

function assertAmount(amount: Amount) {
  if (amount < 0n || amount > maxAmount) throw new RangeError('the amount is out of range')
}
