// What an account used: its orders by when they were bought, and what it paid by when the money moved.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export const groupings = ['day', 'key', 'service', 'country'] as const
export type Grouping = (typeof groupings)[number]

export type UsageWanted = {
  readonly accountId: number
  /** From the beginning of the first day to the end of the last (UTC). */
  readonly since: Date
  readonly until: Date
  readonly by: Grouping
}

export type Usage = {
  /** A day, or the number of a key or a service, or a country; null: none. */
  readonly group: string | null
  readonly orders: number
  /** Those that wait for a code: a number for codes, or an inbox. */
  readonly open: number
  /** Those that had a code or a mail, among numbers for codes and inboxes. */
  readonly withCode: number
  /** Those that ended without one. */
  readonly withoutCode: number
  readonly spent: Amount
}

/** What orders, as `o`, are grouped by; for a day by the time of what is counted. */
const groupOf = (by: Grouping, at: string) =>
  ({
    day: `(${at} at time zone 'UTC')::date::text`,
    key: 'o.key_id::text',
    service: 'o.service_id::text',
    country: 'o.country',
  })[by]

/** Usage by group; groups without orders and payments are left out. */
export async function readUsage(db: Queryable, wanted: UsageWanted): Promise<Usage[]> {
  const { accountId, since, until, by } = wanted
  const [id, seq] = await Promise.all([
    placeBefore(db, 'orders', accountId, since),
    placeBefore(db, 'transfers', accountId, since),
  ])
  return db.query<Usage>(
    `with bought as (
       select ${groupOf(by, 'o.created_at')} as "group", count(*)::int as orders,
              count(*) filter (where o.state in ('allocating', 'waiting'))::int as open,
              count(*) filter (where o.kind in ('activation', 'email') and o.received_at is not null)::int
                as with_code,
              count(*) filter (where o.kind in ('activation', 'email') and o.received_at is null
                and o.state not in ('allocating', 'waiting'))::int as without_code
         from orders o
        where o.account_id = $1 and o.id >= $5 and o.created_at >= $2 and o.created_at < $3 group by 1),
     paid as (
       select ${groupOf(by, 't.created_at')} as "group",
              sum(case t.kind when 'post' then t.amount else -t.amount end)::bigint as spent
         from transfers t left join orders o on o.id = t.order_id
        where t.account_id = $1 and t.seq >= $4 and t.created_at >= $2 and t.created_at < $3
          and t.kind in ('post', 'refund')
        group by 1)
     select coalesce(b."group", p."group") as "group", coalesce(b.orders, 0) as orders,
            coalesce(b.open, 0) as open, coalesce(b.with_code, 0) as "withCode",
            coalesce(b.without_code, 0) as "withoutCode", coalesce(p.spent, 0)::bigint as spent
       from bought b full join paid p
         on coalesce(b."group", '') = coalesce(p."group", '')
      order by 1`,
    [accountId, since, until, seq, id],
  )
}

/** Transactions may end in another order than they began in. */
const marginMs = 10 * 60 * 1000

/** What an account has a row of for each, in the order of time or nearly so. */
const placesIn = { orders: 'id', transfers: 'seq' } as const

/** A place in the account's orders or transfers with none of a time before it, found by halving: no index has
 * the time. */
async function placeBefore(
  db: Queryable,
  table: keyof typeof placesIn,
  accountId: number,
  since: Date,
): Promise<bigint> {
  type Row = { readonly place: bigint; readonly at: Date }
  const from = `select ${placesIn[table]} as place, created_at as at from ${table} where account_id = $1`
  const [last] = await db.query<Row>(`${from} order by ${placesIn[table]} desc limit 1`, [
    accountId,
  ])
  const bound = since.getTime() - marginMs
  let [low, high] = [0n, last?.place ?? 0n]
  while (low < high) {
    const middle = (low + high) / 2n
    const [found] = await db.query<Row>(
      `${from} and ${placesIn[table]} >= $2 order by ${placesIn[table]} limit 1`,
      [accountId, middle],
    )
    if (found && found.at.getTime() < bound) low = found.place + 1n
    else high = middle
  }
  return low
}
