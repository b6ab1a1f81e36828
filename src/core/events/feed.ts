// Following an account's events without a gap: first the missed ones, then new ones as they are committed.
import type { Database } from '../../db/database.ts'
import {
  type EventFilter,
  type EventRow,
  type EventTail,
  eventsBetween,
  isAfter,
  type Place,
} from './tail.ts'

export type Following = EventFilter & {
  /** The last event that was seen; null: start now. */
  readonly after: Place | null
  /** Gets events in order, never one twice. The next batch comes after its promise resolves; it must not
   * reject. */
  readonly deliver: (events: readonly EventRow[]) => void | Promise<void>
}

export type Feed = {
  /** Follows until stopped. @returns `caughtUp`, which rejects if the missed events cannot be read */
  follow(following: Following): { readonly caughtUp: Promise<void>; stop(): void }
  /** The number of followers on this node, of one account or of all. */
  count(accountId?: number): number
}

const eventsAPage = 500

type Follower = Following & {
  /** Events that were committed while it still catches up. */
  waiting: EventRow[] | null
  stopped: boolean
}

/** The followers of a node, which share its tail. */
export function eventFeed(db: Database, tail: EventTail): Feed {
  const byAccount = new Map<number, Set<Follower>>()
  let all = 0
  let unlisten: (() => void) | null = null
  /** Batches are delivered one at a time, so that each follower's events stay in order. */
  let sending: Promise<unknown> = Promise.resolve()

  const hear = (events: readonly EventRow[]) => {
    const byFollower = new Map<Follower, EventRow[]>()
    for (const event of events)
      for (const follower of byAccount.get(event.accountId) ?? [])
        if (isWanted(follower, event)) {
          const list = byFollower.get(follower)
          if (list) list.push(event)
          else byFollower.set(follower, [event])
        }
    if (byFollower.size === 0) return
    sending = sending.then(() =>
      Promise.all([...byFollower].map(([follower, wanted]) => hand(follower, wanted))),
    )
  }
  const leave = (follower: Follower) => {
    if (follower.stopped) return
    follower.stopped = true
    all--
    const set = byAccount.get(follower.accountId)
    set?.delete(follower)
    if (set?.size === 0) byAccount.delete(follower.accountId)
    if (all > 0) return
    unlisten?.()
    unlisten = null
  }
  return {
    follow(following) {
      const follower: Follower = { ...following, waiting: [], stopped: false }
      const set = byAccount.get(following.accountId) ?? new Set()
      byAccount.set(following.accountId, set.add(follower))
      all++
      unlisten ??= tail.listen(hear, true)
      const caughtUp = catchUp(db, tail, follower).catch((error: unknown) => {
        leave(follower)
        throw error
      })
      return { caughtUp, stop: () => leave(follower) }
    },
    count: (accountId) => (accountId === undefined ? all : (byAccount.get(accountId)?.size ?? 0)),
  }
}

const isWanted = (follower: Follower, event: EventRow) =>
  (follower.types === null || follower.types.has(event.type)) &&
  (follower.orderId === null || follower.orderId === event.orderId)

async function hand(follower: Follower, events: readonly EventRow[]) {
  if (follower.stopped) return
  if (follower.waiting) follower.waiting.push(...events)
  else await follower.deliver(events)
}

/** Reads what was committed up to the tail's position; later events are buffered meanwhile. */
async function catchUp(db: Database, tail: EventTail, follower: Follower) {
  const upTo = await tail.started()
  let seen = follower.after ?? upTo
  while (isAfter(upTo, seen) && !follower.stopped) {
    const page = await eventsBetween(db, follower, seen, upTo, eventsAPage)
    if (page.length > 0) await follower.deliver(page)
    const last = page.at(-1)
    if (!last || page.length < eventsAPage) break
    seen = last
  }
  const known = isAfter(upTo, seen) ? upTo : seen
  while (follower.waiting && follower.waiting.length > 0 && !follower.stopped) {
    const kept = follower.waiting.filter(
      (event) => follower.after === null || isAfter(event, known),
    )
    follower.waiting = []
    if (kept.length > 0) await follower.deliver(kept)
  }
  follower.waiting = null
}
