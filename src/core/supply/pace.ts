// How many requests a supplier is sent, of all sorts: each takes its part of a second. Those that somebody
// waits for go first, and may run ahead for a while; readings take what they leave. Look-ups and commands
// have a share of their own, so that no rush of purchases keeps a cancel waiting.
import type { Queryable, Tx } from '../../db/database.ts'

/** How far ahead of the supplier's rate urgent requests may run: a limit is usually one of a minute. Commands
 * stop sooner, so that many orders that end at once leave room for purchases. */
export const aheadS = { asks: 30, look_ups: 30, commands: 15 } as const
/** What part of the rate look-ups have, and commands, whatever else the supplier is asked. */
const share = 1 / 4
/** A supplier that has not been read for so long is read, however much else it is asked. */
export const unreadS = 30
/** What was sent too much is forgotten after this time: readings do not wait for it longer. */
const maxDebtS = 30
const maxUrgentDebtS = 40

/** The requests a second that a supplier allows; null: as many as there are. */
export type PerS = number | null

/** What urgent requests are for. */
type Urgent = keyof typeof aheadS
/** `urgent_readings`: of numbers that a supplier has named, or whose orders are about to end. */
export type RequestSort = Urgent | 'urgent_readings' | 'readings'

const own = { asks: null, look_ups: 'look_ups_until', commands: 'commands_until' } as const

const openPace = (db: Queryable, now: Date, supplierId: number) =>
  db.query(
    `insert into supplier_pace (supplier_id, urgent_until, all_until) values ($1, $2, $2)
     on conflict do nothing`,
    [supplierId, now],
  )

/** Counts the urgent requests that may be sent to a supplier, and lets nobody else count until the
 * transaction ends. @param most more are not wanted */
export async function roomFor(
  tx: Tx,
  now: Date,
  supplierId: number,
  wanted: { readonly perS: PerS; readonly sort: Urgent; readonly most: number },
): Promise<number> {
  const { perS, sort, most } = wanted
  if (perS === null || most === 0) return most
  await openPace(tx, now, supplierId)
  const ownUntil = own[sort] ?? 'urgent_until'
  const [row] = await tx.query<{ taken: number; own: number }>(
    `select extract(epoch from greatest(urgent_until - $2, interval '0'))::float8 as taken,
            extract(epoch from greatest(${ownUntil} - $2, interval '0'))::float8 as own
       from supplier_pace where supplier_id = $1 for no key update`,
    [supplierId, now],
  )
  const { taken = 0, own: ownTaken = 0 } = row ?? {}
  const room = Math.floor((aheadS[sort] - taken) * perS)
  // However few a second are allowed, one is when none of the sort are under way.
  const least = ownTaken > 0 ? 0 : Math.max(1, Math.floor(perS * share))
  return Math.min(most, Math.max(room, least))
}

/** Counts requests to a supplier: those that are about to be sent, or more than were counted before. */
export async function countRequests(
  db: Queryable,
  now: Date,
  supplierId: number,
  sent: { readonly count: number; readonly perS: PerS; readonly sort: RequestSort },
): Promise<void> {
  const { count, perS, sort } = sent
  if (perS === null || count <= 0) return
  const takenS = count / perS
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  const urgentS = sort === 'readings' ? 0 : takenS
  const ownS = (of: Urgent) => (of === sort ? takenS / share : 0)
  await openPace(db, now, supplierId)
  await db.query(
    `update supplier_pace
        set all_until = least(greatest(all_until, $2) + make_interval(secs => $3), $7),
            urgent_until = least(greatest(urgent_until, $2) + make_interval(secs => $4), $8),
            look_ups_until = least(greatest(look_ups_until, $2) + make_interval(secs => $5), $7),
            commands_until = least(greatest(commands_until, $2) + make_interval(secs => $6), $7)
      where supplier_id = $1`,
    [
      ...[supplierId, now, takenS, urgentS, ownS('look_ups'), ownS('commands')],
      ...[later(maxDebtS), later(maxUrgentDebtS)],
    ],
  )
}
