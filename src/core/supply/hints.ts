// Hints: a supplier says that something has changed. Nothing of what it says is believed; the number that it
// names is read sooner.
import type { Queryable } from '../../db/database.ts'

/**
 * Has a number read as soon as possible: at once, or a second after the last time that it was. What names no
 * open number changes nothing. @returns whether it will be read
 */
export async function noteHint(
  db: Queryable,
  now: Date,
  supplierId: number,
  ref: string,
): Promise<boolean> {
  const rows = await db.query(
    `update allocations a set hinted_at = t.due, poll_at = t.due
       from (select id, case when hinted_at <= $3
                          then greatest($3::timestamptz, hinted_at + interval '1 second')
                          else $3::timestamptz end as due
               from allocations
              where supplier_id = $1 and upstream_ref = $2 and state in ('got', 'given_up')
                and last_word is null
                -- Otherwise it will be read within a second anyway.
                and (poll_at = hinted_at
                  and hinted_at <= $3::timestamptz + interval '1 second') is not true) t
      where a.id = t.id and a.last_word is null
     returning 1 as yes`,
    [supplierId, ref, now],
  )
  return rows.length > 0
}
