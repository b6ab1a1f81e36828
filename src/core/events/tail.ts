// One reader of the outbox per node: it tells those who wait that their order changed.
import type { Database, Queryable } from '../../db/database.ts'

export type EventRow = {
  readonly xid: string
  readonly id: bigint
  readonly accountId: number
  readonly type: string
  readonly orderId: bigint | null
}

/** Where a reader stands: everything up to here was seen. */
export type Place = { readonly xid: string; readonly id: bigint }

/** Events after a place, as far as no transaction that is still open could come before them. */
export async function eventsAfter(db: Queryable, place: Place, limit: number): Promise<EventRow[]> {
  const rows = await db.query<{
    xid: string
    id: bigint
    account_id: number
    type: string
    order_id: bigint | null
  }>(
    `select xid::text, id, account_id, type, order_id from events
      where (xid, id) > ($1::text::xid8, $2::bigint)
        and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by xid, id limit $3`,
    [place.xid, place.id, limit],
  )
  return rows.map((row) => ({
    xid: row.xid,
    id: row.id,
    accountId: row.account_id,
    type: row.type,
    orderId: row.order_id,
  }))
}

/** The place from which everything that commits from now on is seen. */
export async function currentPlace(db: Database): Promise<Place> {
  const [row] = await db.query<{ xid: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as xid',
  )
  return { xid: (row as { xid: string }).xid, id: 0n }
}

const eventsARead = 1_000

export type WaitEnd = 'changed' | 'over'

export type OrderWatch = {
  /** Resolves at the order's next change, which may be one that was seen before it; or, the wait being
   * over, at the timeout, the signal or the closing. */
  next(orderId: bigint, timeoutMs: number, signal: AbortSignal): Promise<WaitEnd>
  /** Resolves once the changes that others commit are seen, too: an order that is read after it, while
   * one waits for its next change, changes no more unseen. */
  listening(): Promise<void>
  /** Tells at once of a change that this node has committed. */
  changed(orderId: bigint): void
  /** Reads what others have committed. Cheap when nobody waits. */
  poll(): Promise<void>
  /** Lets everybody go. */
  close(): void
}

export function orderWatch(db: Database): OrderWatch {
  const waiting = new Map<bigint, Set<(why: WaitEnd) => void>>()
  let isClosed = false
  let place: Place | null = null
  let placing: Promise<void> | null = null
  const listening = async () => {
    if (place !== null) return
    placing ??= currentPlace(db)
      .then((current) => {
        place ??= current
      })
      .finally(() => {
        placing = null
      })
    await placing
  }
  const changed = (orderId: bigint) => {
    for (const end of waiting.get(orderId) ?? []) end('changed')
  }
  return {
    listening,
    changed,
    next(orderId, timeoutMs, signal) {
      return new Promise((resolve) => {
        const set = waiting.get(orderId) ?? new Set()
        waiting.set(orderId, set)
        const end = (why: WaitEnd) => {
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
          set.delete(end)
          if (set.size === 0 && waiting.get(orderId) === set) waiting.delete(orderId)
          resolve(why)
        }
        const giveUp = () => end('over')
        const timer = setTimeout(giveUp, timeoutMs)
        signal.addEventListener('abort', giveUp)
        set.add(end)
        if (signal.aborted || isClosed) giveUp()
      })
    },
    async poll() {
      if (waiting.size === 0) {
        place = null
        return
      }
      await listening()
      if (place === null) return
      const events = await eventsAfter(db, place, eventsARead)
      for (const event of events) if (event.orderId !== null) changed(event.orderId)
      const last = events.at(-1)
      if (last) place = { xid: last.xid, id: last.id }
    },
    close() {
      isClosed = true
      for (const set of waiting.values()) for (const end of set) end('over')
    },
  }
}
