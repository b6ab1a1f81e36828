// Activations whose numbers must not begin with some prefixes, which the hot path (buy.ts) does not support:
// one of our own, or one that a supplier is asked for. A replacement is bought so, too.
import type { Database, Tx } from '../../../db/database.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import { claimKey, noteOrders } from '../../idempotency/idempotency.ts'
import type { Order } from '../order.ts'
import { type Source, takeNumber, takeNumberOrSource } from './allocation.ts'
import type { Bought } from './buy.ts'
import { activate, idsOf } from './multi-service.ts'
import { type Customer, type Draft, lockCustomer, placeOrders } from './purchase.ts'
import type { OrderTerms, Purchase } from './selection.ts'

/** Buys numbers that begin with none of the excluded prefixes.
 * @throws the errors of a purchase */
export function buyWithExclusions(
  db: Database,
  now: Date,
  terms: OrderTerms,
  limits: DefaultLimits,
  purchase: Purchase,
): Promise<Bought> {
  const { accountId, quantity, once } = purchase
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, accountId, once))) return { repeated: true }
    const orders: Order[] = []
    for (let i = 0; i < quantity; i++)
      orders.push(...(await buyOne(tx, now, terms, limits, purchase)))
    await noteOrders(tx, accountId, once, idsOf(orders))
    return { orders }
  })
}

/** What is bought of a purchase, and how. */
export type OnePurchase = Pick<
  Purchase,
  'accountId' | 'selection' | 'annotations' | 'channel' | 'allocateS' | 'via'
>

/** Buys one number, inside a transaction. @throws the errors of a purchase */
export async function buyOne(
  tx: Tx,
  now: Date,
  terms: OrderTerms,
  limits: DefaultLimits,
  purchase: OnePurchase,
): Promise<Order[]> {
  const { accountId, selection, annotations, channel, allocateS } = purchase
  const customer = await lockCustomer(tx, now, accountId, limits, 1)
  const serviceIds = selection.serviceId === null ? [] : [selection.serviceId]
  const wanted = { kind: 'activation', serviceIds, durationS: null, selection } as const
  const taken =
    allocateS === undefined
      ? await takeNumber(tx, customer, wanted)
      : await takeNumberOrSource(tx, now, customer, wanted)
  if ('sourceId' in taken) return askFor(tx, now, terms, customer, { ...purchase, source: taken })
  const { exclude } = selection
  return activate(tx, now, terms, customer, taken, {
    isSplit: false,
    annotations,
    channel,
    exclude,
  })
}

/** Writes the order of a number that a supplier is to be asked for. */
async function askFor(
  tx: Tx,
  now: Date,
  terms: OrderTerms,
  customer: Customer,
  {
    source,
    selection,
    annotations,
    channel,
    allocateS = 0,
    via,
  }: OnePurchase & { readonly source: Source },
): Promise<Order[]> {
  const { sourceId, country, operatorId, pool, parts } = source
  const [part] = parts
  if (!part) throw new Error('a source serves nothing')
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  const draft: Draft = {
    ...{ ...part, kind: 'activation', state: 'allocating', country, operatorId, pool },
    cancelAfter: after(terms.cancelCooldownS),
    expiresAt: after(terms.activationWindowS),
    allocateBy: after(allocateS),
    ...{ annotations, channel, unwanted: selection.exclude },
  }
  const orders = await placeOrders(tx, now, customer, [draft], { post: false })
  await tx.query(
    `select plan_allocations(p_now => $1, p_order => $2, p_source => $3, p_unwanted => $4, p_via => $5)`,
    [now, idsOf(orders), [sourceId], [...(selection.exclude ?? [])], [via?.join(',') ?? null]],
  )
  return orders
}
