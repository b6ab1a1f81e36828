// The node's single reader of the outbox: it tells all listeners on the node what was committed on any node.
import type { Database, Queryable } from '../../db/database.ts'
import { forSelf } from '../../db/shares.ts'

export type EventRow = {
  readonly epoch: number
  readonly xid: string
  readonly id: bigint
  readonly accountId: number
  readonly type: string
  readonly orderId: bigint | null
  readonly data: Readonly<Record<string, unknown>>
  readonly createdAt: Date
}

/** A reader's position: everything up to here was seen. The epoch is that of the cluster's history
 * (epoch.ts), within which transaction ids give an order. */
export type Place = { readonly epoch: number; readonly xid: string; readonly id: bigint }

const placeOf = ({ epoch, xid, id }: Place): Place => ({ epoch, xid, id })

/** Whether a position comes after another. */
export function isAfter(a: Place, b: Place): boolean {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch
  if (a.xid === b.xid) return a.id > b.id
  return BigInt(a.xid) > BigInt(b.xid)
}

// @NOTE sort by `e.xid`, not by the text column of the same name: as text, 1000 comes before 999
const columns = `e.epoch, e.xid::text as xid, e.id, e.account_id as "accountId", e.type,
  e.order_id as "orderId", e.data, e.created_at as "createdAt"`

/**
 * True for events that nothing can come before any more: those older than the oldest open transaction, and
 * all of earlier epochs. An epoch begins only after all transactions that wrote events of the one before have
 * ended.
 */
export const isSettled = `(e.epoch < (select max(epoch) from event_epochs)
  or e.xid < pg_snapshot_xmin(pg_current_snapshot()))`

/** Events after a position, up to the oldest open transaction, which could still insert before later ones. */
export function eventsAfter(db: Queryable, place: Place, limit: number): Promise<EventRow[]> {
  return db.query<EventRow>(
    `select ${columns} from events e
      where (e.epoch, e.xid, e.id) > ($1::int, $2::text::xid8, $3::bigint) and ${isSettled}
      order by e.epoch, e.xid, e.id limit $4`,
    [place.epoch, place.xid, place.id, limit],
  )
}

/** A filter of an account's events. */
export type EventFilter = {
  readonly accountId: number
  /** Null: all types. */
  readonly types: ReadonlySet<string> | null
  /** Null: all orders, and events of no order. */
  readonly orderId: bigint | null
}

/** The events that pass a filter, between two positions, the second included. */
export function eventsBetween(
  db: Queryable,
  { accountId, types, orderId }: EventFilter,
  after: Place,
  upTo: Place,
  limit: number,
): Promise<EventRow[]> {
  // @NOTE two statements, so that each uses its index: one plan for both would read all the account's events
  const ofOrder = orderId === null ? '' : 'and e.order_id = $10'
  return db.query<EventRow>(
    `select ${columns} from events e
      where e.account_id = $1 and (e.epoch, e.xid, e.id) > ($2::int, $3::text::xid8, $4::bigint)
        and (e.epoch, e.xid, e.id) <= ($5::int, $6::text::xid8, $7::bigint)
        and ($9::text[] is null or e.type = any($9)) ${ofOrder}
      order by e.epoch, e.xid, e.id limit $8`,
    [
      ...[accountId, after.epoch, after.xid, after.id, upTo.epoch, upTo.xid, upTo.id, limit],
      types === null ? null : [...types],
      ...(orderId === null ? [] : [orderId]),
    ],
  )
}

/** The position from which everything that commits from now on is seen. */
async function currentPlace(db: Queryable): Promise<Place> {
  const [row] = await db.query<{ epoch: number; xid: string }>(
    `select (select max(epoch) from event_epochs) as epoch,
            pg_snapshot_xmin(pg_current_snapshot())::text as xid`,
  )
  return { ...(row as { epoch: number; xid: string }), id: 0n }
}

const eventsARead = 1_000
/** The interval between reads after this node's own commits. */
const gapMs = 2
/** Reads after the last commit: an older open transaction may hide it for a moment. */
const laterMs = [2, 5, 10, 20]

export type EventTail = {
  /** Gets all events in order, from the tail's position on, until the returned function is called.
   * @param isEager whether it wants this node's own commits at once */
  listen(listener: (events: readonly EventRow[]) => void, isEager?: boolean): () => void
  /** The tail's position, once it is known. Await it after `listen`. */
  started(): Promise<Place>
  /** Reads what was committed. Cheap if nobody listens. */
  poll(): Promise<void>
  /** This node has just committed something: read soon if there is an eager listener. */
  nudge(): void
  close(): void
}

export function eventTail(db: Database): EventTail {
  const listeners = new Map<(events: readonly EventRow[]) => void, boolean>()
  let place: Place | null = null
  let placing: Promise<void> | null = null
  let reading: Promise<number> | null = null

  const start = async () => {
    placing ??= currentPlace(db)
      .then((current) => {
        place ??= current
      })
      .finally(() => {
        placing = null
      })
    await placing
  }
  const read = async (): Promise<number> => {
    if (listeners.size === 0) {
      place = null
      return 0
    }
    if (place === null) await start()
    if (place === null) return 0
    const events = await eventsAfter(db, place, eventsARead)
    const last = events.at(-1)
    if (!last) return 0
    place = placeOf(last)
    for (const listener of [...listeners.keys()]) listener(events)
    return events.length
  }
  const poll = (): Promise<number> => {
    reading ??= read().finally(() => {
      reading = null
    })
    return reading
  }
  // @NOTE a read in progress may have begun before the commit in question
  const looks = promptLooks(async () => {
    await reading
    await poll()
  })
  return {
    listen(listener, isEager = false) {
      // @NOTE a listener works for itself, not for whoever made the tail read
      const own = forSelf(listener)
      listeners.set(own, isEager)
      return () => listeners.delete(own)
    },
    async started() {
      if (place === null) await start()
      return place ?? currentPlace(db)
    },
    async poll() {
      while ((await poll()) === eventsARead);
    },
    nudge() {
      if ([...listeners.values()].includes(true)) looks.begin()
    },
    close: () => looks.stop(),
  }
}

/**
 * Reads soon after each commit of this node, at most every other millisecond; then a few times more, for
 * events that an older open transaction has hidden.
 */
function promptLooks(look: () => Promise<unknown>) {
  let planned: NodeJS.Timeout | NodeJS.Immediate | null = null
  let isLooking = false
  let isNews = false
  let isStopped = false
  let later = 0
  let lastAt = Number.NEGATIVE_INFINITY
  const unplan = () => {
    clearTimeout(planned as NodeJS.Timeout)
    clearImmediate(planned as NodeJS.Immediate)
    planned = null
  }
  const plan = (waitMs: number) => {
    unplan()
    if (!isStopped) planned = waitMs < 1 ? setImmediate(go) : setTimeout(go, waitMs)
  }
  const planSoon = () => plan(lastAt + gapMs - performance.now())
  const go = async () => {
    planned = null
    isLooking = true
    isNews = false
    lastAt = performance.now()
    // @NOTE if one fails, the node's regular read follows and reports the error
    await look().catch(() => undefined)
    isLooking = false
    const waitMs = laterMs[later++]
    if (isNews) planSoon()
    else if (waitMs !== undefined) plan(waitMs)
  }
  return {
    begin() {
      isNews = true
      later = 0
      if (!isLooking) planSoon()
    },
    stop() {
      isStopped = true
      unplan()
    },
  }
}
