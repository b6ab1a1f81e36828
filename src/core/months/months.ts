// The partitions of orders: ranges of ids, about a month each (docs/decisions/0017-months-by-ids.md).
import type { Queryable, Tx } from '../../db/database.ts'

/** A range of ids. */
export type IdRange = {
  /** The first id; null: from the beginning. */
  readonly from: bigint | null
  /** The id after the last one; null: without an end. */
  readonly upto: bigint | null
}

export type Partition = IdRange & { readonly table: string }

/** A partition with orders. */
export type UsedPartition = Partition & {
  /** When its first order was created. All are from that calendar month (UTC), and from the first minutes of
   * the next one; or from later, if no node did its jobs at that time. */
  readonly since: Date
  /** When its last order was created. */
  readonly until: Date
  /** Whether orders are still added to it. */
  readonly isCurrent: boolean
}

/** The partitions in the order of their ids. The last one has no end. */
export async function partitionsOfOrders(db: Queryable): Promise<Partition[]> {
  const rows = await db.query<{ table: string; bound: string }>(
    `select c.relname as table, pg_get_expr(c.relpartbound, c.oid) as bound
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'orders'::regclass`,
  )
  return rows
    .map(({ table, bound }) => ({ table, ...rangeOf(bound) }))
    .sort((a, b) => ((a.from ?? firstId) < (b.from ?? firstId) ? -1 : 1))
}

const firstId = -(2n ** 63n)
/** The highest id that there can be. */
export const lastId = 2n ** 63n - 1n

/** `FOR VALUES FROM ('2097152') TO (MAXVALUE)` */
function rangeOf(bound: string): IdRange {
  const ends = [...bound.matchAll(/\('?(-?\d+|MINVALUE|MAXVALUE)'?\)/g)].map(([, end]) => end)
  const [from, upto] = ends
  if (from === undefined || upto === undefined)
    throw new Error(`a partition has an unexpected range: ${bound}`)
  return {
    from: from === 'MINVALUE' ? null : BigInt(from),
    upto: upto === 'MAXVALUE' ? null : BigInt(upto),
  }
}

export const holds = ({ from, upto }: IdRange, id: bigint) =>
  (from === null || id >= from) && (upto === null || id < upto)

/** The id of the next order. */
export async function nextOrderId(db: Queryable): Promise<bigint> {
  const [row] = await db.query<{ next: bigint }>(
    'select last_value + is_called::int as next from order_ids',
  )
  return (row as { next: bigint }).next
}

/** The partitions that have orders, oldest first. Each is the range of ids of a month. */
export async function monthsOfOrders(db: Queryable): Promise<UsedPartition[]> {
  const next = await nextOrderId(db)
  const partitions = await partitionsOfOrders(db)
  // @NOTE by the id, so that the two orders are found with the index of their partition
  const rows = await db.query<{ since: Date | null; until: Date | null }>(
    `select (select o.created_at from orders o where o.id between r.first and r.last order by o.id limit 1)
              as since,
            (select o.created_at from orders o where o.id between r.first and r.last
              order by o.id desc limit 1) as until
       from unnest($1::bigint[], $2::bigint[]) with ordinality as r(first, last, place)
      order by r.place`,
    [
      partitions.map(({ from }) => from ?? firstId),
      partitions.map(({ upto }) => (upto === null ? lastId : upto - 1n)),
    ],
  )
  return partitions.flatMap((partition, place) => {
    const { since = null, until = null } = rows[place] ?? {}
    if (since === null || until === null) return []
    return [{ ...partition, since, until, isCurrent: holds(partition, next) }]
  })
}

/** Drops a month of orders. Whoever reads or writes orders waits until the transaction ends, so call it last.
 * @throws Error if it is in use, or no longer there */
export async function dropMonth(tx: Tx, range: IdRange): Promise<void> {
  await tx.query('lock table only orders in access exclusive mode')
  const found = (await partitionsOfOrders(tx)).find(
    ({ from, upto }) => from === range.from && upto === range.upto,
  )
  if (!found) throw new Error(`there is no partition of orders from ${range.from} to ${range.upto}`)
  if (found.upto === null || (await nextOrderId(tx)) < found.upto)
    throw new Error(`${found.table} is in use`)
  await tx.query(`drop table ${found.table}`)
}

/** Makes an empty partition. */
export async function makeMonth(tx: Tx, { from, upto }: IdRange): Promise<void> {
  await tx.query(
    `create table orders_${from ?? 0n} partition of orders
       for values from (${from ?? 'minvalue'}) to (${upto ?? 'maxvalue'}) with (fillfactor = 70)`,
  )
}
