// The products that an account has pinned, and those that it used last.
import type { Database, Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { claimKey, type Once, type Repeated } from '../idempotency/idempotency.ts'

/** What is bought by one click: a service in a country, of one pool or of any. */
export type Product = {
  readonly serviceId: number
  readonly country: string
  /** Null: any. */
  readonly pool: string | null
}

export type Pin = Product & { readonly id: number; readonly createdAt: Date }

/** Enough for a page of favourites. */
export const maxPins = 100

/** The newest orders among which the last used products are looked for. */
const lastOrders = 200

const columns = 'id, service_id as "serviceId", country, pool, created_at as "createdAt"'

/** Lists an account's pins, oldest first. */
export const listPins = (db: Queryable, accountId: number): Promise<Pin[]> =>
  db.query<Pin>(
    `select ${columns} from pinned_products where account_id = $1 order by id limit ${maxPins}`,
    [accountId],
  )

/** Pins a product. A product that is pinned already stays as it is. @throws invalid_request */
export function pinProduct(
  db: Database,
  now: Date,
  wanted: Product & { readonly accountId: number; readonly once: Once | null },
): Promise<Pin | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, wanted.accountId, wanted.once))) return { repeated: true }
    // @NOTE one at a time, so that pins made at once cannot exceed the limit together
    await tx.query('select 1 from accounts where id = $1 for no key update', [wanted.accountId])
    const pins = await listPins(tx, wanted.accountId)
    const there = pins.find(
      (pin) =>
        pin.serviceId === wanted.serviceId &&
        pin.country === wanted.country &&
        pin.pool === wanted.pool,
    )
    if (there) return there
    if (pins.length >= maxPins)
      throw new DomainError('invalid_request', `An account can have ${maxPins} pinned products.`)
    const [row] = await tx.query<Pin>(
      `insert into pinned_products (account_id, service_id, country, pool, created_at)
       values ($1, $2, $3, $4, $5) returning ${columns}`,
      [wanted.accountId, wanted.serviceId, wanted.country, wanted.pool, now],
    )
    return row as Pin
  })
}

/** Removes a pin of the account. @returns whether it existed */
export async function unpinProduct(db: Database, accountId: number, id: number): Promise<boolean> {
  const rows = await db.once(
    'delete from pinned_products where account_id = $1 and id = $2 returning id',
    [accountId, id],
  )
  return rows.length > 0
}

export type UsedProduct = Product & { readonly pool: string; readonly lastUsedAt: Date }

/** The products of an account's newest orders of numbers, the last used one first. */
export const lastUsedProducts = (
  db: Queryable,
  wanted: { readonly accountId: number; readonly limit: number },
): Promise<UsedProduct[]> =>
  db.query<UsedProduct>(
    `select o.service_id as "serviceId", o.country, o.pool, max(o.created_at) as "lastUsedAt"
       from (select * from orders where account_id = $1 order by id desc limit ${lastOrders}) o
      where o.kind in ('activation', 'rental')
      group by o.service_id, o.country, o.pool order by max(o.id) desc limit $2`,
    [wanted.accountId, wanted.limit],
  )
