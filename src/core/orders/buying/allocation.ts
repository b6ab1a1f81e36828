// Finding a number by conditions that the hot path (buy.ts) does not support: rentals, several services on
// one number, excluded prefixes. Where a supplier may be asked, it is found a source instead.
import type { Queryable, Tx } from '../../../db/database.ts'
import type { Amount } from '../../money.ts'
import type { OrderKind } from '../order.ts'
import type { Customer, Part } from './purchase.ts'
import { refusal } from './refusal.ts'
import type { Selection } from './selection.ts'

export type Taken = {
  readonly numberId: number
  readonly phone: string
  readonly shelfId: number
  readonly country: string
  readonly operatorId: number
  readonly pool: string
  /** In the order of the requested services. */
  readonly parts: readonly Part[]
}

export type Wanted = {
  readonly kind: Extract<OrderKind, 'activation' | 'rental'>
  /** One, or up to five that share the number. Empty if the selection names an offer. */
  readonly serviceIds: readonly number[]
  readonly durationS: number | null
  readonly selection: Omit<Selection, 'serviceId'>
}

type Shelf = Omit<Taken, 'numberId' | 'phone'> & { readonly total: Amount }

/** A source that can be asked for a number. */
export type Source = Omit<Taken, 'numberId' | 'phone'> & { readonly sourceId: number }

/**
 * Takes the cheapest number that fulfils all conditions from its shelf. Requires the customer's lock.
 * @throws the errors of `refusals`, and insufficient_balance
 */
export function takeNumber(tx: Tx, customer: Customer, wanted: Wanted): Promise<Taken> {
  return takeFirst(tx, customer, wanted, 'own', (shelf) => fromShelf(tx, shelf, wanted))
}

/**
 * As `takeNumber`, for one service; a shelf without such a number may have a source instead, which is taken
 * off its stock.
 */
export function takeNumberOrSource(
  tx: Tx,
  now: Date,
  customer: Customer,
  wanted: Wanted,
): Promise<Taken | Source> {
  return takeFirst(
    tx,
    customer,
    wanted,
    'any',
    async (shelf) =>
      (await fromShelf(tx, shelf, wanted)) ?? (await fromSource(tx, now, shelf, wanted)),
  )
}

async function takeFirst<T>(
  tx: Tx,
  customer: Customer,
  wanted: Wanted,
  supply: 'own' | 'any',
  take: (shelf: Omit<Shelf, 'total'>) => Promise<T | null>,
): Promise<T> {
  const shelves = await shelvesFor(tx, customer, wanted, supply)
  if (shelves.length === 0) throw refusal(await whyNothingFits(tx, wanted))
  const { maxPrice } = wanted.selection
  for (const { total, ...shelf } of shelves) {
    if (maxPrice !== null && total > maxPrice)
      throw refusal('price_above_maximum', { price: total, currency: customer.currency })
    if (total > customer.balance)
      throw refusal('insufficient_balance', { ...customer, price: total })
    const taken = await take(shelf)
    if (taken !== null) return taken
  }
  throw refusal('out_of_stock')
}

async function fromShelf(
  tx: Tx,
  shelf: Omit<Shelf, 'total'>,
  { selection }: Wanted,
): Promise<Taken | null> {
  const [number] = await tx.query<{ number_id: number; phone: string }>(
    'select number_id, phone from take_from_shelf($1, $2, $3)',
    [shelf.parts.map((part) => part.serviceId), shelf.shelfId, selection.exclude ?? []],
  )
  return number ? { ...shelf, numberId: number.number_id, phone: number.phone } : null
}

/** Requires the lock of the stock, which `take_from_shelf` takes also where there is no number. */
async function fromSource(
  tx: Tx,
  now: Date,
  shelf: Omit<Shelf, 'total'>,
  { kind }: Wanted,
): Promise<Source | null> {
  const [part] = shelf.parts
  const [source] = await tx.query<{ id: number | null }>(
    kind === 'rental'
      ? `select take_upstream_rental(p_now => $1, p_offer => o.id) as id
           from offers o join stock st on st.service_id = $2 and st.shelf_id = $3 and st.area = ''
          where o.id = $4`
      : `select take_upstream(p_now => $1, p_service => st.service_id, p_shelf => st.shelf_id) as id
           from stock st
          where st.service_id = $2 and st.shelf_id = $3 and st.upstream > 0 and st.offer_id = $4`,
    [now, part?.serviceId, shelf.shelfId, part?.offerId],
  )
  return source?.id == null ? null : { ...shelf, sourceId: source.id }
}

/** Shelves with stock for every service, the cheapest first.
 * @param supply whose stock counts: our own, or that of suppliers, too */
export async function shelvesFor(
  db: Queryable,
  { rate, decimals }: Pick<Customer, 'rate' | 'decimals'>,
  wanted: Wanted,
  supply: 'own' | 'any' = 'own',
): Promise<Shelf[]> {
  const { selection } = wanted
  const rows = await db.query<{
    shelf_id: number
    service_id: number
    offer_id: number
    price: Amount
    country: string
    operator_id: number
    pool: string
  }>(
    `select st.shelf_id, st.service_id, o.id as offer_id, price_in(o.price, $1, $2) as price,
            st.country, st.operator_id, st.pool
       from offers o
       join stock st on st.service_id = o.service_id and st.country = o.country
        and st.operator_id = o.operator_id and st.pool = o.pool
       left join rental_stock rs on rs.offer_id = o.id
      where o.kind = $3 and o.active and not st.closed
        and (st.remaining > 0 or ($11 and st.area = ''
          and case o.kind when 'rental' then rs.upstream else st.upstream end > 0))
        and ($4::int[] = '{}' or o.service_id = any($4))
        and ($5::int is null or o.id = $5)
        and ($6::text is null or o.country = $6)
        and ($7::int is null or o.operator_id = $7)
        and ($8::text is null or st.area = $8)
        and case when $9::text is not null then o.pool = $9
              else $5::int is not null or not st.reserved end
        and ($10::int is null or o.duration = make_interval(secs => $10))
      order by st.shelf_id, price, o.id`,
    [
      rate,
      decimals,
      wanted.kind,
      wanted.serviceIds,
      selection.offerId,
      selection.country,
      selection.operatorId,
      selection.area,
      selection.pool,
      wanted.durationS,
      supply === 'any',
    ],
  )
  const shelves: Shelf[] = []
  for (const [shelfId, ofShelf] of Map.groupBy(rows, (row) => row.shelf_id)) {
    const [first] = ofShelf
    if (!first) continue
    const ids = wanted.serviceIds.length > 0 ? wanted.serviceIds : [first.service_id]
    const parts = ids.flatMap((id) => {
      const row = ofShelf.find((one) => one.service_id === id)
      return row ? [{ serviceId: id, offerId: row.offer_id, price: row.price }] : []
    })
    if (parts.length < ids.length) continue
    const total = parts.reduce((sum, part) => sum + part.price, 0n)
    const { country, operator_id: operatorId, pool } = first
    shelves.push({ shelfId, country, operatorId, pool, parts, total })
  }
  return shelves.sort((a, b) => Number(a.total - b.total) || a.shelfId - b.shelfId)
}

/** Why nothing was found: for several services, the first reason that is not just out of stock. */
export async function whyNothingFits(db: Queryable, wanted: Wanted): Promise<string> {
  const { selection } = wanted
  for (const serviceId of wanted.serviceIds.length > 0 ? wanted.serviceIds : [null]) {
    const [row] = await db.query<{ why: string }>(
      `select why_not_for_sale(p_kind => $1, p_service => $2, p_country => $3, p_operator => $4,
         p_pool => $5, p_offer => $6, p_duration => make_interval(secs => $7::int)) as why`,
      [
        wanted.kind,
        serviceId,
        selection.country,
        selection.operatorId,
        selection.pool,
        selection.offerId,
        wanted.durationS,
      ],
    )
    if (row && row.why !== 'out_of_stock') return row.why
  }
  return 'out_of_stock'
}

/** Leases the number to the order for each of the services, until a time. */
export async function leaseNumber(
  tx: Tx,
  now: Date,
  lease: {
    readonly orderId: bigint
    readonly accountId: number
    readonly numberId: number
    readonly shelfId: number
    readonly serviceIds: readonly number[]
    readonly until: Date
    /** Of a rental; omitted: never. */
    readonly remindAt?: Date | null
  },
): Promise<void> {
  await tx.query(
    `insert into leases (order_id, service_id, account_id, number_id, shelf_id, starts_at, until, remind_at)
     select $1, s, $2, $3, $4, $5, $6, $8 from unnest($7::int[]) as s order by s`,
    [
      lease.orderId,
      lease.accountId,
      lease.numberId,
      lease.shelfId,
      now,
      lease.until,
      lease.serviceIds,
      lease.remindAt ?? null,
    ],
  )
}
