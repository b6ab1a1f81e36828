// Messages that came over a connection whose protocol has no ids. A supplier sends a message again if it has
// not read our acknowledgement. So an arrival is remembered until the supplier has shown that it has, and an
// equal message on another connection is the same one. After that, an equal message is another one.
import { randomUUID } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'

/** What came, in the form in which it is recognised. */
export type NewArrival = {
  readonly supplierId: number
  /** The connection. */
  readonly session: string
  /** SHA-256 of everything that tells it from others. */
  readonly digest: Buffer
}

export type Arrival = {
  readonly id: string
  /** When it came for the first time. */
  readonly firstAt: Date
}

const arrivalsACall = 200
const rowsASweep = 1_000

/** Remembers what came, gathered. A connection must not do this twice for the same digest at a time. */
export function arrivalKeeper(db: Database): (now: Date, one: NewArrival) => Promise<Arrival> {
  const keep = gather<{ now: Date; one: NewArrival }, Arrival>({
    name: 'arrivals',
    maxBatch: arrivalsACall,
    maxRunning: 2,
    run: (batch) => keepTogether(db, batch),
  })
  return (now, one) => keep({ now, one })
}

async function keepTogether(
  db: Database,
  batch: readonly { readonly now: Date; readonly one: NewArrival }[],
): Promise<Arrival[]> {
  const rows = await db.once<{ place: bigint; id: string; arrived_at: Date }>(
    `with came as (
       select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::bytea[], $5::timestamptz[])
                with ordinality as c(id, supplier_id, session, digest, arrived_at, place)
     ), again as (
       update supplier_arrivals a set session = c.session
         from (select came.place, came.session,
                      (select k.id from supplier_arrivals k
                        where k.supplier_id = came.supplier_id and k.digest = came.digest
                          and k.session <> came.session
                        order by k.arrived_at, k.id limit 1) as known
                 from came) c
        where a.id = c.known
       returning c.place, a.id, a.arrived_at
     ), first as (
       insert into supplier_arrivals (id, supplier_id, session, digest, arrived_at)
       select id, supplier_id, session, digest, arrived_at from came
        where place not in (select place from again)
       returning id
     )
     select place, id, arrived_at from again
     union all
     select c.place, c.id, c.arrived_at from came c join first f on f.id = c.id
     order by place`,
    [
      batch.map(() => randomUUID()),
      batch.map(({ one }) => one.supplierId),
      batch.map(({ one }) => one.session),
      batch.map(({ one }) => one.digest),
      batch.map(({ now }) => now),
    ],
  )
  return rows.map((row) => ({ id: row.id, firstAt: row.arrived_at }))
}

/** Forgets arrivals whose acknowledgement the supplier has read, unless they came again elsewhere. */
export async function settleArrivals(
  db: Database,
  session: string,
  ids: readonly string[],
): Promise<void> {
  await db.once('delete from supplier_arrivals where id = any($1) and session = $2', [ids, session])
}

/** Forgets what came before a time. @returns the number of arrivals; a full batch (1,000) means that there
 * may be more */
export async function forgetArrivals(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `delete from supplier_arrivals where id in (
       select id from supplier_arrivals where arrived_at < $1
        limit ${rowsASweep} for update skip locked) returning id`,
    [before],
  )
  return rows.length
}
