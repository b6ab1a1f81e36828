// Applies the price list of a supplier: offers, their prices, and the products that serve them.
import type { Tx } from '../../db/database.ts'
import { readCatalog } from '../catalog/catalog.ts'
import { type NewOffer, notePricing, putOffers } from '../catalog/set-offers.ts'
import { DomainError } from '../error.ts'
import { readSettings } from '../settings.ts'
import {
  offersOfPool,
  openOperators,
  type PoolOffer,
  type ProductOnSale,
  productsOnSale,
  rateOf,
  takeOffSale,
} from './catalogue.ts'
import { listMarginRules } from './margin-rules.ts'
import { type Named, named } from './names.ts'
import { keyOf, type OfferPlace, type Preview, type Priced, previewOf } from './preview.ts'
import type { PriceLine } from './product.ts'
import { acceptRate } from './rate-moves.ts'
import { putSources, restock } from './sources.ts'

/** A price list as a supplier gave it. */
export type PriceList = {
  readonly lines: readonly PriceLine[]
  /** The dialect of its names; null: our own. */
  readonly names: string | null
  /** What its costs are in. */
  readonly currency: string
  /** When it was asked for: what was sold since is not in its stock. */
  readonly readAt: Date
}

export type Sync = {
  readonly supplier: string
  /** Null: the pool that it had, at first one of its own name. */
  readonly pool: string | null
  readonly list: PriceList
}

export type Synced = Preview<ProductOnSale> & {
  readonly supplier: string
  readonly pool: string
  readonly unknown: Named['unknown']
}

type SupplierRow = {
  readonly id: number
  readonly name: string
  readonly pool: string | null
  readonly listedAt: Date | null
}

/** What applying a price list would change, as it is at this moment. @throws not_found, invalid_request */
export async function previewSync(tx: Tx, sync: Sync): Promise<Synced> {
  const supplier = await supplierOf(tx, sync.supplier, '')
  return (await compared(tx, supplier, sync)).synced
}

/**
 * Applies a price list. Safe to repeat. Another list of the same supplier waits; prices of existing orders
 * never change.
 * @throws not_found, invalid_request if a list that was read later is applied already
 */
export async function applySync(tx: Tx, now: Date, sync: Sync): Promise<Synced> {
  const supplier = await supplierOf(tx, sync.supplier, 'for no key update')
  if (supplier.listedAt !== null && supplier.listedAt > sync.list.readAt)
    throw new DomainError(
      'invalid_request',
      `A newer price list of ${supplier.name} was applied meanwhile. Nothing was changed.`,
    )
  // Suppliers that share a pool, and price files, change the same offers: one after the other.
  await tx.query('lock table offers in share row exclusive mode')
  const { synced, offers } = await compared(tx, supplier, sync)
  await openPool(tx, supplier, sync, synced.pool)
  const after = [...synced.added, ...synced.changed.map((one) => one.after), ...synced.same]
  // Answers of suppliers lock a source, and then its stock.
  await tx.query(`select 1 from sources where supplier_id = $1 order by id for no key update`, [
    supplier.id,
  ])
  await putPrices(tx, supplier.id, synced.pool, { after, offers })
  await putProducts(tx, now, supplier.id, { after, pool: synced.pool, readAt: sync.list.readAt })
  return synced
}

async function supplierOf(
  tx: Tx,
  name: string,
  lock: '' | 'for no key update',
): Promise<SupplierRow> {
  const [row] = await tx.query<SupplierRow>(
    `select id, name, pool, listed_at as "listedAt" from suppliers where name = $1 ${lock}`,
    [name],
  )
  if (!row) throw new DomainError('not_found', `There is no supplier ${name}.`)
  return row
}

type Compared = { readonly synced: Synced; readonly offers: ReadonlyMap<string, PoolOffer> }

async function compared(tx: Tx, supplier: SupplierRow, { pool, list }: Sync): Promise<Compared> {
  const wanted = await poolOf(tx, supplier, pool)
  const { lines, unknown } = named(await readCatalog(tx), list.names, list.lines)
  const offers = await offersOfPool(tx, wanted, supplier.id)
  const listed = {
    ...{ lines, supplierId: supplier.id, rate: await rateOf(tx, list.currency) },
    rules: await listMarginRules(tx, supplier.id),
    leastMarginPercent: (await readSettings(tx)).least_margin_percent,
    fixedPrice: (place: OfferPlace) => {
      const offer = offers.get(keyOf(place))
      return offer?.isFixed ? offer.price : undefined
    },
  }
  // A product that serves another offer from now on is new there, and leaves the one that it served.
  const places = new Map(lines.map((one) => [one.product, keyOf(one)]))
  const [kept, moved]: [ProductOnSale[], ProductOnSale[]] = [[], []]
  for (const one of await productsOnSale(tx, supplier.id)) {
    const place = places.get(one.product)
    const stays = place === undefined || (place === keyOf(one) && one.pool === wanted)
    ;(stays ? kept : moved).push(one)
  }
  const preview = previewOf(listed, kept)
  const withdrawn = [...preview.withdrawn, ...moved]
  const synced = { ...preview, withdrawn, supplier: supplier.name, pool: wanted, unknown }
  return { synced, offers }
}

const maxPoolLength = 20

/** The pool of a supplier's products. @throws invalid_request if it must be chosen */
async function poolOf(tx: Tx, supplier: SupplierRow, wanted: string | null): Promise<string> {
  if (wanted !== null && !/^[a-z0-9_-]{1,20}$/.test(wanted))
    throw new DomainError(
      'invalid_request',
      'The id of a pool must have at most 20 characters: lower-case letters, digits, - and _.',
    )
  const known = wanted ?? supplier.pool
  if (known !== null) return known
  const own = supplier.name.slice(0, maxPoolLength)
  if (own === supplier.name) return own
  const [taken] = await tx.query('select 1 as yes from pools where id = $1', [own])
  if (!taken) return own
  throw new DomainError(
    'invalid_request',
    `There is a pool ${own} already. Choose one for ${supplier.name} with --pool.`,
  )
}

async function openPool(
  tx: Tx,
  { id, name }: SupplierRow,
  { list }: Sync,
  pool: string,
): Promise<void> {
  await tx.query('insert into pools (id, name) values ($1, $1) on conflict do nothing', [pool])
  await tx.query(
    `update suppliers set pool = $2, listed_at = $3, currency = $4
      where id = $1 and (pool, listed_at, currency) is distinct from ($2, $3, $4)`,
    [id, pool, list.readAt, list.currency],
  )
  await acceptRate(tx, name)
}

/** Makes the offers of products, and changes prices that the supplier's rules make. */
async function putPrices(
  tx: Tx,
  supplierId: number,
  pool: string,
  { after, offers }: Pick<Compared, 'offers'> & { readonly after: readonly Priced[] },
): Promise<void> {
  const wanted = [...new Map(after.map((one) => [keyOf(one), one])).values()].filter((one) => {
    const offer = offers.get(keyOf(one))
    return offer === undefined || (!offer.isFixed && offer.price !== one.price)
  })
  if (wanted.length === 0) return
  await openOperators(tx, wanted)
  const operators = await tx.query<{ id: number; country: string; slug: string }>(
    'select id, country, slug from operators where country = any($1)',
    [[...new Set(wanted.map((one) => one.country))]],
  )
  const ids = new Map(operators.map(({ id, country, slug }) => [`${country} ${slug}`, id]))
  const priced: NewOffer[] = wanted.map(({ serviceId, country, operator, durationS, price }) => ({
    ...{
      kind: durationS > 0 ? 'rental' : 'activation',
      serviceId,
      country,
      pool,
      price,
      durationS,
    },
    operatorId: ids.get(`${country} ${operator}`) as number,
  }))
  await putOffers(tx, priced)
  await notePricing(tx, supplierId, priced)
}

/** Puts the products on sale, with the stock that the supplier shows, and takes all others off sale. */
async function putProducts(
  tx: Tx,
  now: Date,
  supplierId: number,
  on: { readonly after: readonly Priced[]; readonly pool: string; readonly readAt: Date },
): Promise<void> {
  const { after, pool, readAt } = on
  const offers = await offersOfPool(tx, pool, supplierId)
  const sources = after.map((one) => ({
    ...{ supplierId, product: one.product, cost: one.cost, stock: one.stock },
    offerId: (offers.get(keyOf(one)) as PoolOffer).id,
  }))
  const left = await takeOffSale(tx, supplierId, {
    offerIds: sources.map((one) => one.offerId),
    products: sources.map((one) => one.product),
  })
  await putSources(tx, now, sources, readAt)
  const served = new Set(sources.map((one) => one.offerId))
  await restock(
    tx,
    now,
    left.filter((id) => !served.has(id)),
  )
}
