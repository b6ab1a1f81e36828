// Numlet's own stock: numbers on shelves, and each service's position on each shelf.
import type { Database, Tx } from '../../db/database.ts'
import { settings } from '../settings.ts'

export type NumberUse = {
  readonly numberId: number
  readonly serviceId: number
  readonly shelfId: number
  readonly orderId: bigint
  /** When a rental ended: the number is kept for its customer during the grace time. */
  readonly rentedUntil: Date | null
}

/** Records numbers that may be leased again for the service after a rest, if the operator has set one.
 * Numbers of test services do not rest, because those services are bought over and over. */
export async function restNumbers(tx: Tx, now: Date, uses: readonly NumberUse[]): Promise<void> {
  if (uses.length === 0) return
  await tx.query(
    `insert into resting_numbers (number_id, service_id, shelf_id, order_id, until)
     select u.number_id, u.service_id, u.shelf_id, u.order_id,
            greatest($1::timestamptz + make_interval(days => coalesce((s.value #>> '{}')::int, 0)),
              u.rented_until + make_interval(hours => coalesce((g.value #>> '{}')::int, $7)))
       from unnest($2::int[], $3::int[], $4::int[], $5::bigint[], $6::timestamptz[])
              as u(number_id, service_id, shelf_id, order_id, rented_until)
       join services sv on sv.id = u.service_id
       left join settings s on s.name = 'reuse_after_days' and jsonb_typeof(s.value) = 'number'
        and sv.test is null
       left join settings g on g.name = 'rental_grace_hours'
      where s.name is not null or sv.test is not null
     on conflict (number_id, service_id) do update
       set until = excluded.until, order_id = excluded.order_id`,
    [
      now,
      uses.map((use) => use.numberId),
      uses.map((use) => use.serviceId),
      uses.map((use) => use.shelfId),
      uses.map((use) => use.orderId),
      uses.map((use) => use.rentedUntil),
      settings.rental_grace_hours.fallback,
    ],
  )
}

/**
 * Takes a number back for the order that had it for a service, unless somebody else could have had it since:
 * it is resting after that order, or is for sale, or was never leased again. One that is banned from the
 * service is not taken back.
 * @returns its shelf, or null
 */
export async function takeBack(
  tx: Tx,
  use: Pick<NumberUse, 'numberId' | 'serviceId' | 'orderId'>,
): Promise<number | null> {
  const [number] = await tx.query<{ shelf_id: number }>(
    `select n.shelf_id from numbers n
       join stock st on st.shelf_id = n.shelf_id and st.service_id = $2
      where n.id = $1 and n.state = 'active' for no key update of st`,
    [use.numberId, use.serviceId],
  )
  if (!number) return null
  const [row] = await tx.query<{ free: boolean }>(
    `with rested as (
       delete from resting_numbers r
        where r.number_id = $1 and r.service_id = $2 and r.order_id = $3 returning 1
     ), bought as (
       delete from returned_numbers r where r.number_id = $1 and r.service_id = $2 returning 1
     ), counted as (
       update stock st set remaining = st.remaining - 1 from bought
        where st.service_id = $2 and st.shelf_id = $4
     )
     -- It may have gone out of sale while its stock was waited for.
     select exists (select from numbers n where n.id = $1 and n.state = 'active')
        and not exists (select from leases l where l.number_id = $1 and l.service_id = $2
                         and l.ended_at is null)
        and not exists (select from failing_numbers f where f.number_id = $1 and f.service_id = $2
                         and f.banned_at is not null)
        and (exists (select from rested) or exists (select from bought)
          or not (exists (select from resting_numbers r
                           where r.number_id = $1 and r.service_id = $2)
            or exists (select from relet_numbers r
                        where r.number_id = $1 and r.service_id = $2))) as free`,
    [use.numberId, use.serviceId, use.orderId, number.shelf_id],
  )
  return row?.free ? number.shelf_id : null
}

/** Prevents a number that rests after an order from returning to sale for the order's services. */
export async function keepOffSale(tx: Tx, orderId: bigint): Promise<void> {
  await tx.query('delete from resting_numbers where order_id = $1', [orderId])
}

const numbersASweep = 1_000

/** Returns rested numbers to sale; those that are disabled rest on. @returns the number returned */
export function returnRestedNumbers(db: Database, now: Date): Promise<number> {
  return db.begin(async (tx) => {
    const rested = await tx.query<{ number_id: number; service_id: number; shelf_id: number }>(
      `select r.number_id, r.service_id, r.shelf_id from resting_numbers r
        where r.until <= $1
          and exists (select from numbers n where n.id = r.number_id and n.state = 'active')
        order by r.until limit $2 for update of r skip locked`,
      [now, numbersASweep],
    )
    return rested.length === 0 ? 0 : offerAgain(tx, rested)
  })
}

/** With the stock locked, no number of its shelves is enabled or disabled. */
async function offerAgain(
  tx: Tx,
  rows: readonly { number_id: number; service_id: number; shelf_id: number }[],
): Promise<number> {
  const columns = [
    rows.map((row) => row.number_id),
    rows.map((row) => row.service_id),
    rows.map((row) => row.shelf_id),
  ]
  await tx.query(
    `select 1 from stock st where (st.service_id, st.shelf_id) in
       (select * from unnest($1::int[], $2::int[]))
      order by st.service_id, st.shelf_id for no key update`,
    [columns[1], columns[2]],
  )
  const back = await tx.query(
    `with rested as (
       delete from resting_numbers r
        using unnest($1::int[], $2::int[], $3::int[]) as u(number_id, service_id, shelf_id)
         join numbers n on n.id = u.number_id and n.state = 'active'
        where r.number_id = u.number_id and r.service_id = u.service_id
       returning u.number_id, u.service_id, u.shelf_id
     ), back as (
       insert into returned_numbers (number_id, service_id, shelf_id)
       select number_id, service_id, shelf_id from rested order by random()
       on conflict (number_id, service_id) do nothing
       returning service_id, shelf_id
     ), counted as (
       update stock st set remaining = st.remaining + b.numbers
         from (select service_id, shelf_id, count(*)::int as numbers from back group by 1, 2) b
        where st.service_id = b.service_id and st.shelf_id = b.shelf_id)
     select 1 as yes from rested`,
    columns,
  )
  return back.length
}

/** Deletes leases that ended before a time; their orders keep what matters. An operator can still find the
 * orders of a number. @returns the number deleted */
export async function forgetLeases(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `with old as (select order_id, service_id from leases where ended_at < $1
        order by ended_at limit 5000 for update skip locked),
     gone as (
       delete from leases l using old
        where l.order_id = old.order_id and l.service_id = old.service_id
       returning l.number_id, l.order_id),
     kept as (
       insert into past_leases (number_id, order_id)
       select distinct number_id, order_id from gone order by 1, 2
       on conflict do nothing)
     select 1 as yes from gone`,
    [before],
  )
  return rows.length
}
