// Numbers that services pass by while they are out of sale: the cursor of a shelf skips them. When they are
// back, they return to these services, which have not used them. Requires the locks on numbers and stock.
import type { Tx } from '../../db/database.ts'

/** Notes how far each service has come on shelves. @returns the mark, for `numbers.mark_id` */
export async function markShelves(tx: Tx, shelfIds: readonly number[]): Promise<bigint> {
  const [row] = await tx.query<{ id: bigint }>(
    `with mark as materialized (select nextval('sale_mark_ids') as id),
     noted as (
       insert into sale_marks (mark_id, shelf_id, service_id, next_position)
       select m.id, st.shelf_id, st.service_id, st.next_position
         from mark m cross join stock st where st.shelf_id = any($1))
     select id from mark`,
    [shelfIds],
  )
  return (row as { id: bigint }).id
}

/**
 * Returns numbers to the services that have passed them by since their mark. A service that is newer than the
 * mark had used none of them.
 */
export async function returnPassedBy(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.query(
    `with passed as (
       select n.id, st.service_id, st.shelf_id
         from numbers n
         join stock st on st.shelf_id = n.shelf_id and st.next_position > n.position
         left join sale_marks m on m.mark_id = n.mark_id and m.shelf_id = st.shelf_id
          and m.service_id = st.service_id
        where n.id = any($1) and n.mark_id is not null and coalesce(m.next_position, 1) <= n.position
          and not exists (select from taken_ahead t where t.service_id = st.service_id
                and t.shelf_id = n.shelf_id and t.position = n.position)
     ), returned as (
       insert into returned_numbers (number_id, service_id, shelf_id)
       select id, service_id, shelf_id from passed order by random()
       on conflict (number_id, service_id) do nothing
       returning service_id, shelf_id
     )
     update stock st set remaining = st.remaining + r.numbers
       from (select service_id, shelf_id, count(*)::int as numbers from returned group by 1, 2) r
      where st.service_id = r.service_id and st.shelf_id = r.shelf_id`,
    [ids],
  )
}

/** Deletes the marks of numbers that are back, unless other numbers have them. */
export async function forgetMarks(tx: Tx, ids: readonly number[]): Promise<void> {
  const marks = await tx.query<{ id: bigint }>(
    'select distinct mark_id as id from numbers where id = any($1) and mark_id is not null',
    [ids],
  )
  if (marks.length === 0) return
  await tx.query('update numbers set mark_id = null where id = any($1)', [ids])
  await tx.query(
    `delete from sale_marks m where m.mark_id = any($1)
        and not exists (select from numbers n where n.mark_id = m.mark_id)`,
    [marks.map(({ id }) => id)],
  )
}
