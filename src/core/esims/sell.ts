// Selling eSIMs, and reading sold ones. A code is sold once, and nobody can read it before it is sold.
import type { Database, Tx } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import type { Annotations } from '../annotations.ts'
import { DomainError } from '../error.ts'
import { claimKey, noteOrders, type Once } from '../idempotency/idempotency.ts'
import type { Amount } from '../money.ts'
import type { Bought } from '../orders/buying/buy.ts'
import { type Customer, lockCustomer, placeOrders } from '../orders/buying/purchase.ts'
import { refusal } from '../orders/buying/refusal.ts'
import { maxQuantity, type Order } from '../orders/order.ts'
import type { VaultSource } from '../vault/keys.ts'
import type { Vault } from '../vault/vault.ts'
import type { Esim } from './esim.ts'
import { planNotFound } from './plans.ts'
import { type SealedRow, toSealed } from './stock.ts'

export type EsimPurchase = {
  readonly accountId: number
  /** The plan's offer. */
  readonly offerId: number
  /** The number of eSIMs, all or none; default 1. */
  readonly quantity?: number
  /** The maximum price of one, in the account's currency. */
  readonly maxPrice?: Amount | null
  readonly annotations?: Annotations | undefined
  readonly once: Once | null
}

export type SellEsim = (now: Date, purchase: EsimPurchase) => Promise<Bought>
export type ReadEsim = (order: Pick<Order, 'id'>) => Promise<Esim>

const dayMs = 86_400_000

/**
 * Sells codes: the order is paid and finished at once.
 *
 * The returned function throws plan_not_found, country_closed, out_of_stock, price_above_maximum,
 * insufficient_balance, account_suspended, the account's limits, invalid_request for a quantity that is
 * not 1 to 20, and unavailable if there is no encryption key.
 */
export function esimSeller(
  db: Database,
  vaults: VaultSource,
  limits: () => DefaultLimits,
): SellEsim {
  return async (now, purchase) => {
    const { accountId, offerId, quantity = 1, maxPrice = null, once, annotations } = purchase
    if (quantity < 1 || quantity > maxQuantity)
      throw new DomainError('invalid_request', `The quantity must be 1 to ${maxQuantity}.`, {
        fields: [{ pointer: '/quantity', detail: `must be 1 to ${maxQuantity}` }],
      })
    const vault = await needVault(vaults)
    return db.begin(async (tx) => {
      if (!(await claimKey(tx, now, accountId, once))) return { repeated: true }
      const customer = await lockCustomer(tx, now, accountId, limits(), quantity)
      const plan = await lockPlan(tx, customer, offerId)
      if (plan.remaining < quantity)
        throw new DomainError('out_of_stock', 'This plan is out of stock.')
      if (maxPrice !== null && plan.price > maxPrice)
        throw refusal('price_above_maximum', { price: plan.price, currency: customer.currency })
      const draft = {
        kind: 'esim' as const,
        state: 'finished' as const,
        country: plan.country,
        offerId,
        price: plan.price,
        cancelAfter: now,
        expiresAt: new Date(now.getTime() + plan.validityDays * dayMs),
        annotations,
      }
      const drafts = Array.from({ length: quantity }, () => draft)
      const orders = await placeOrders(tx, now, customer, drafts, { post: true })
      await takeCodes(tx, now, vault, plan, orders)
      await noteOrders(
        tx,
        accountId,
        once,
        orders.map((order) => order.id),
      )
      return { orders }
    })
  }
}

async function needVault(vaults: VaultSource): Promise<Vault> {
  const vault = await vaults.open()
  if (!vault)
    throw new DomainError('unavailable', 'eSIMs need an encryption key, and this server has none.')
  return vault
}

type LockedPlan = {
  id: number
  sold: number
  remaining: number
  country: string | null
  price: Amount
  validityDays: number
}

async function lockPlan(tx: Tx, customer: Customer, offerId: number): Promise<LockedPlan> {
  const [plan] = await tx.query<LockedPlan & { active: boolean; closed: boolean }>(
    `select p.id, p.sold, p.remaining, o.country, o.active, coalesce(c.closed, false) as closed,
            p.validity_days as "validityDays", price_in(o.price, $2, $3) as price
       from esim_plans p
       join offers o on o.id = p.offer_id
       left join countries c on c.code = o.country
      where p.offer_id = $1 for no key update of p`,
    [offerId, customer.rate, customer.decimals],
  )
  if (!plan?.active) throw planNotFound()
  if (plan.closed) throw refusal('country_closed')
  return plan
}

/** Assigns the next codes to orders, one each. Requires the plan's lock. */
async function takeCodes(
  tx: Tx,
  now: Date,
  vault: Vault,
  plan: LockedPlan,
  orders: readonly Order[],
) {
  await tx.query('update esim_plans set sold = sold + $2 where id = $1', [plan.id, orders.length])
  const codes = await tx.query<SealedRow>(
    `update esim_codes c set order_id = o.id, sold_at = $2
       from unnest($3::bigint[]) with ordinality as o(id, place)
      where c.plan_id = $1 and c.position = $4 + o.place and c.order_id is null
      returning c.plan_id, c.position, c.key_id, c.fingerprint, c.sealed`,
    [plan.id, now, orders.map((order) => order.id), plan.sold],
  )
  if (codes.length !== orders.length)
    throw new Error(`plan ${plan.id} has fewer codes than it counts`)
  // @NOTE a code that cannot be decrypted is not sold: the sale is rolled back, and nothing is paid
  for (const code of codes) vault.open(toSealed(code))
}

/** Reads the eSIMs of orders of kind `esim`; concurrent reads are combined into one query. The returned
 * function throws unavailable if there is no encryption key. */
export function esimReader(db: Database, vaults: VaultSource): ReadEsim {
  type Row = SealedRow & { order_id: bigint; name: string; data_gb: number; validity_days: number }
  const find = gather<bigint, Row | undefined>({
    maxBatch: 500,
    maxRunning: 2,
    run: async (orderIds) => {
      const rows = await db.query<Row>(
        `select c.order_id, c.plan_id, c.position, c.key_id, c.fingerprint, c.sealed, p.name,
                p.data_gb::float8 as data_gb, p.validity_days
           from esim_codes c join esim_plans p on p.id = c.plan_id where c.order_id = any($1)`,
        [orderIds],
      )
      const byOrder = new Map(rows.map((row) => [row.order_id, row]))
      return orderIds.map((id) => byOrder.get(id))
    },
  })
  return async (order) => {
    const row = await find(order.id)
    if (!row) throw new Error(`order ${order.id} has no eSIM`)
    return {
      activationCode: (await needVault(vaults)).open(toSealed(row)),
      planName: row.name,
      dataGb: row.data_gb,
      validityDays: row.validity_days,
    }
  }
}
