// How many requests a supplier is sent, of all sorts: each takes its part of a second. Those that somebody
// waits for go first, and may run ahead for a while; readings take what they leave.
import type { Queryable, Tx } from '../../db/database.ts'

/** How far ahead of the supplier's rate urgent requests may run: a limit is usually one of a minute. Commands
 * stop sooner, so that many orders that end at once leave room for purchases. */
export const aheadS = { asks: 30, commands: 15 } as const
/** A supplier that has not been read for so long is read, however much else it is asked. */
export const unreadS = 30

/** The requests a second that a supplier allows; null: as many as there are. */
export type PerS = number | null

/** Counts the urgent requests that may be sent to a supplier, and lets nobody else count until the
 * transaction ends. @param most more are not wanted */
export async function roomFor(
  tx: Tx,
  now: Date,
  supplierId: number,
  urgent: { readonly perS: PerS; readonly aheadS: number; readonly most: number },
): Promise<number> {
  const { perS, most } = urgent
  if (perS === null || most === 0) return most
  await tx.query(
    `insert into supplier_pace (supplier_id, urgent_until, all_until) values ($1, $2, $2)
     on conflict do nothing`,
    [supplierId, now],
  )
  const [row] = await tx.query<{ urgent_until: Date }>(
    'select urgent_until from supplier_pace where supplier_id = $1 for no key update',
    [supplierId],
  )
  const takenS = Math.max(0, ((row?.urgent_until ?? now).getTime() - now.getTime()) / 1000)
  // However few a second are allowed, one is when none are under way.
  const room = Math.max(Math.floor((urgent.aheadS - takenS) * perS), takenS === 0 ? 1 : 0)
  return Math.min(most, room)
}

/** Counts requests to a supplier: those that are about to be sent, or more than were counted before. */
export async function countRequests(
  db: Queryable,
  now: Date,
  supplierId: number,
  sent: { readonly count: number; readonly perS: PerS; readonly isUrgent: boolean },
): Promise<void> {
  const { count, perS, isUrgent } = sent
  if (perS === null || count <= 0) return
  await db.query(
    `insert into supplier_pace as p (supplier_id, urgent_until, all_until)
     values ($1, $2::timestamptz + make_interval(secs => case when $4 then $3::float8 else 0 end),
             $2::timestamptz + make_interval(secs => $3::float8))
     on conflict (supplier_id) do update
        set all_until = greatest(p.all_until, $2) + make_interval(secs => $3::float8),
            urgent_until = case when $4 then greatest(p.urgent_until, $2)
              + make_interval(secs => $3::float8) else p.urgent_until end`,
    [supplierId, now, count / perS, isUrgent],
  )
}
