// Deadlines: orders whose window is over are ended by set-based statements, some hundreds at a time.
import type { Database } from '../../db/database.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { nextReminder, type RentalTerms } from './buying/rent.ts'
import { fail } from './end.ts'
import { type Closers, move } from './lifecycle.ts'
import { type Closing, moves } from './order.ts'
import { openRenewals } from './renewal-holds.ts'

const ordersASweep = 500

/** A rental whose customer has cancelled it in time, and of which the supplier has said nothing yet. */
const cancelledInTime =
  'o.cancel_requested_at is not null and o.message_count = 0 and o.renewals = 0'

/** Ends the orders whose time is over: expired if no code was received, otherwise finished; rentals just end,
 * unless they were cancelled in time: their price is returned, whatever the supplier has yet to say.
 * @returns the number ended; a full batch (500) means that there may be more */
export async function endOverdueOrders(db: Database, now: Date, closers: Closers): Promise<number> {
  const expired = await endSome(db, now, closers, 'expire')
  const finished = await endSome(db, now, closers, 'finish')
  const givenBack = await endSome(db, now, closers, 'giveBack', cancelledInTime)
  const ended = await endSome(db, now, closers, 'end', `not (${cancelledInTime})`)
  return expired + finished + givenBack + ended
}

/** Fails orders that have no number in time, and returns their money. Whatever their suppliers have yet to
 * say is the business of their allocations.
 * @returns the ids of those that failed; a full batch (500) means that there may be more */
export function failOverdueAllocations(
  db: Database,
  now: Date,
  closers: Closers,
): Promise<bigint[]> {
  return db.begin(async (tx) => {
    const due = await tx.query<{ id: bigint }>(
      `select o.id from orders o
        where o.state = 'allocating' and o.allocate_by <= $1
          and o.id in (select order_id from allocations
                        where state in ('planned', 'asking', 'unknown') and allocate_by <= $1)
        order by o.allocate_by limit $2 for no key update skip locked`,
      [now, ordersASweep],
    )
    return fail(tx, now, closers, { ids: due.map((row) => row.id), reason: 'no number in time' })
  })
}

/** Reminds customers whose rentals end soon, once for each of the configured times.
 * @returns the number reminded */
export async function remindOfEnds(db: Database, now: Date, terms: RentalTerms): Promise<number> {
  const own = await remindSome(db, now, terms, 'leases')
  const upstream = await remindSome(db, now, terms, 'upstream_leases')
  return own + upstream
}

function remindSome(
  db: Database,
  now: Date,
  terms: RentalTerms,
  table: 'leases' | 'upstream_leases',
): Promise<number> {
  return db.begin(async (tx) => {
    const due = await tx.query<{ id: bigint; account_id: number; expires_at: Date }>(
      `select order_id as id, account_id, until as expires_at from ${table}
        where ended_at is null and remind_at <= $1
        order by remind_at limit $2 for no key update skip locked`,
      [now, ordersASweep],
    )
    if (due.length === 0) return 0
    await tx.query(
      `update ${table} l set remind_at = d.remind_at
         from unnest($1::bigint[], $2::timestamptz[]) as d(id, remind_at) where l.order_id = d.id`,
      [due.map((one) => one.id), due.map((one) => nextReminder(terms, now, one.expires_at))],
    )
    await emitMany(
      tx,
      now,
      // If the platform was down, reminders that were due are not sent after the end.
      due
        .filter((one) => one.expires_at > now)
        .map(({ id, account_id: accountId }) => ofOrder('order.expiring', { id, accountId })),
    )
    return due.length
  })
}

/** An open order has an open lease or inbox with the same deadline, and an index of these finds it. An index
 * of open orders would need an entry with each change of an order's state. */
function endSome(
  db: Database,
  now: Date,
  closers: Closers,
  name: Closing,
  which = 'true',
): Promise<number> {
  return db.begin(async (tx) => {
    const due = await tx.query<{ id: bigint }>(
      `select o.id
         from (select order_id, until from leases where ended_at is null and until <= $2
               union all
               select order_id, until from upstream_leases where ended_at is null and until <= $2
               union all
               select order_id, until from inboxes where ended_at is null and until <= $2) due
         join orders o on o.id = due.order_id
        where o.state = any($1) and o.expires_at <= $2 and ${which}
          -- A rental that is being renewed goes on until its supplier has answered.
          and not exists (select from allocations a where a.order_id = o.id and a.${openRenewals})
        order by due.until limit $3 for no key update of o skip locked`,
      [[...moves[name].from], now, ordersASweep],
    )
    const ended = await move(
      tx,
      now,
      due.map((row) => row.id),
      name,
      closers,
    )
    return ended.length
  })
}
