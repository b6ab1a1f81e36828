// Readers whose position is stored in the database: each event is processed once, on any node.
import type { Database, Tx } from '../../db/database.ts'
import { type EventRow, eventsAfter, isSettled, type Place } from './tail.ts'

/**
 * Reads events from the reader's position, and moves the position in the transaction that processes them:
 * both happen or neither. Of several nodes, one does it.
 * @param use gets at least one event, in order
 * @returns what `use` returned (null if there were no events), and whether there may be more
 */
export async function readOn<T>(
  db: Database,
  reader: string,
  eventsATurn: number,
  use: (tx: Tx, events: readonly EventRow[]) => Promise<T>,
): Promise<{ readonly used: T | null; readonly isMore: boolean }> {
  if (!(await isNewsThere(db, reader))) return { used: null, isMore: false }
  return db.begin(async (tx) => {
    const place = await lockReader(tx, reader)
    const events = await eventsAfter(tx, place, eventsATurn)
    const last = events.at(-1)
    if (!last) return { used: null, isMore: false }
    const used = await use(tx, events)
    await tx.query('update event_readers set epoch = $2, xid = $3::xid8, id = $4 where name = $1', [
      reader,
      last.epoch,
      last.xid,
      last.id,
    ])
    return { used, isMore: events.length === eventsATurn }
  })
}

async function isNewsThere(db: Database, reader: string): Promise<boolean> {
  const [row] = await db.query<{ isNews: boolean }>(
    `select exists (
        select from events e
         where (e.epoch, e.xid, e.id) > (r.epoch, r.xid, r.id) and ${isSettled})
        as "isNews"
       from event_readers r where r.name = $1`,
    [reader],
  )
  if (!row) throw missing(reader)
  return row.isNews
}

async function lockReader(tx: Tx, reader: string): Promise<Place> {
  const [row] = await tx.query<Place>(
    'select epoch, xid::text as xid, id from event_readers where name = $1 for update',
    [reader],
  )
  if (!row) throw missing(reader)
  return row
}

const missing = (reader: string) => new Error(`there is no reader of events called ${reader}`)
