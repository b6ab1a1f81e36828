// A customer's maximum price for a service, used if a purchase does not name one.
import type { Database, Queryable } from '../../db/database.ts'
import { claimKey, type Once, type Repeated } from '../idempotency/idempotency.ts'
import type { Amount } from '../money.ts'

export type MaxPrice = {
  readonly id: number
  readonly serviceId: number
  /** In the account's currency. */
  readonly price: Amount
  readonly createdAt: Date
}

const columns = 'id, service_id as "serviceId", price, created_at as "createdAt"'

/** Lists an account's maximum prices, oldest first. There is at most one per service. */
export function listMaxPrices(db: Queryable, accountId: number): Promise<MaxPrice[]> {
  return db.query<MaxPrice>(
    `select ${columns} from max_prices where account_id = $1 order by id limit 10000`,
    [accountId],
  )
}

/** @returns null if the account has not set one for the service */
export async function maxPriceFor(
  db: Queryable,
  accountId: number,
  serviceId: number,
): Promise<Amount | null> {
  const [row] = await db.query<{ price: Amount }>(
    'select price from max_prices where account_id = $1 and service_id = $2',
    [accountId, serviceId],
  )
  return row?.price ?? null
}

/** Creates or updates a maximum price. */
export function setMaxPrice(
  db: Database,
  now: Date,
  wanted: {
    readonly accountId: number
    readonly serviceId: number
    readonly price: Amount
    readonly once: Once | null
  },
): Promise<MaxPrice | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, wanted.accountId, wanted.once))) return { repeated: true }
    const [row] = await tx.query<MaxPrice>(
      `insert into max_prices (account_id, service_id, price, created_at) values ($1, $2, $3, $4)
       on conflict (account_id, service_id) do update set price = excluded.price
       returning ${columns}`,
      [wanted.accountId, wanted.serviceId, wanted.price, now],
    )
    return row as MaxPrice
  })
}

/** Deletes a maximum price. Safe to repeat. @returns whether it existed */
export async function deleteMaxPrice(
  db: Database,
  accountId: number,
  serviceId: number,
): Promise<boolean> {
  const rows = await db.once(
    'delete from max_prices where account_id = $1 and service_id = $2 returning id',
    [accountId, serviceId],
  )
  return rows.length > 0
}
