// Our own stock: numbers on shelves, and how far each service has gone through each shelf.
import type { Database, Tx } from '../../db/database.ts'

export type NumberUse = {
  readonly numberId: number
  readonly serviceId: number
  readonly shelfId: number
}

/** Notes numbers that may be let again for the service after a rest, where the operator set one. */
export async function restNumbers(tx: Tx, now: Date, uses: readonly NumberUse[]): Promise<void> {
  if (uses.length === 0) return
  await tx.query(
    `insert into resting_numbers (number_id, service_id, shelf_id, until)
     select u.number_id, u.service_id, u.shelf_id,
            $1::timestamptz + make_interval(days => (s.value #>> '{}')::int)
       from unnest($2::int[], $3::int[], $4::int[]) as u(number_id, service_id, shelf_id)
       join settings s on s.name = 'reuse_after_days' and jsonb_typeof(s.value) = 'number'
     on conflict (number_id, service_id) do update set until = excluded.until`,
    [
      now,
      uses.map((use) => use.numberId),
      uses.map((use) => use.serviceId),
      uses.map((use) => use.shelfId),
    ],
  )
}

const numbersASweep = 1_000

/** Puts rested numbers back on sale. @returns how many */
export function returnRestedNumbers(db: Database, now: Date): Promise<number> {
  return db.begin(async (tx) => {
    const rested = await tx.query<{ number_id: number; service_id: number; shelf_id: number }>(
      `with due as (
         select number_id, service_id from resting_numbers where until <= $1
          order by until limit $2 for update skip locked)
       delete from resting_numbers r using due
        where r.number_id = due.number_id and r.service_id = due.service_id
       returning r.number_id, r.service_id, r.shelf_id`,
      [now, numbersASweep],
    )
    if (rested.length === 0) return 0
    await offerAgain(tx, rested)
    return rested.length
  })
}

async function offerAgain(
  tx: Tx,
  rows: readonly { number_id: number; service_id: number; shelf_id: number }[],
) {
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
  await tx.query(
    `with back as (
       insert into returned_numbers (number_id, service_id, shelf_id)
       select u.number_id, u.service_id, u.shelf_id
         from unnest($1::int[], $2::int[], $3::int[]) as u(number_id, service_id, shelf_id)
         join numbers n on n.id = u.number_id and n.state = 'active'
        order by random()
       on conflict (number_id, service_id) do nothing
       returning service_id, shelf_id)
     update stock st set remaining = st.remaining + b.numbers
       from (select service_id, shelf_id, count(*)::int as numbers from back group by 1, 2) b
      where st.service_id = b.service_id and st.shelf_id = b.shelf_id`,
    columns,
  )
}

/** Forgets leases that ended before a time; their orders remember what matters. @returns how many */
export async function forgetLeases(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `with old as (select order_id, service_id from leases where ended_at < $1
        order by ended_at limit 5000 for update skip locked)
     delete from leases l using old
      where l.order_id = old.order_id and l.service_id = old.service_id returning 1 as yes`,
    [before],
  )
  return rows.length
}
