// Waiting for an order's next change: the long poll.
import type { EventTail } from './tail.ts'

export type WaitEnd = 'changed' | 'over'

export type OrderWatch = {
  /** Resolves at the order's next change, which may be one that was already seen; or, if the wait is over, at
   * the timeout, the signal or the close. */
  next(orderId: bigint, timeoutMs: number, signal: AbortSignal): Promise<WaitEnd>
  /** Resolves once changes committed by others are seen, too. If the order is read after this, while
   * waiting for its next change, no change is missed. */
  listening(): Promise<void>
  /** Reports a change that this node has committed, at once. */
  changed(orderId: bigint): void
  /** The number of open waits. */
  count(): number
  /** Called when the node is about to stop, with the time that is left, and again when it stops. */
  onClose(listener: (leftMs: number) => void): void
  /** The node stops in a while: ends all waits, spread over this time, and the later ones within it. */
  closeWithin(ms: number): void
  /** Ends all waits. */
  close(): void
}

export function orderWatch(tail: EventTail): OrderWatch {
  const waiting = new Map<bigint, Set<(why: WaitEnd) => void>>()
  const closing: ((leftMs: number) => void)[] = []
  let endsAt = Number.POSITIVE_INFINITY
  let unlisten: (() => void) | null = null
  const wake = (orderId: bigint) => {
    for (const end of waiting.get(orderId) ?? []) end('changed')
  }
  const hear = () => {
    unlisten ??= tail.listen((events) => {
      for (const event of events) if (event.orderId !== null) wake(event.orderId)
    })
  }
  const leave = (orderId: bigint, set: Set<unknown>) => {
    if (set.size === 0 && waiting.get(orderId) === set) waiting.delete(orderId)
    if (waiting.size > 0 || unlisten === null) return
    unlisten()
    unlisten = null
  }
  return {
    async listening() {
      await tail.started()
    },
    changed(orderId) {
      wake(orderId)
      tail.nudge()
    },
    next(orderId, timeoutMs, signal) {
      return new Promise((resolve) => {
        const set = waiting.get(orderId) ?? new Set()
        waiting.set(orderId, set)
        hear()
        const end = (why: WaitEnd) => {
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
          set.delete(end)
          leave(orderId, set)
          resolve(why)
        }
        const giveUp = () => end('over')
        const leftMs = Math.max(0, endsAt - performance.now())
        const timer = setTimeout(giveUp, Math.min(timeoutMs, leftMs))
        signal.addEventListener('abort', giveUp)
        set.add(end)
        if (signal.aborted || leftMs === 0) giveUp()
      })
    },
    count: () => [...waiting.values()].reduce((sum, set) => sum + set.size, 0),
    onClose: (listener) => void closing.push(listener),
    closeWithin(ms) {
      endsAt = performance.now() + ms
      for (const listener of closing) listener(ms)
      // @NOTE spread, so that the callers do not come to the other nodes all at once
      const open = [...waiting.values()].flatMap((set) => [...set])
      for (const end of open) setTimeout(end, Math.random() * ms, 'over').unref()
    },
    close() {
      endsAt = 0
      for (const listener of closing.splice(0)) listener(0)
      for (const set of waiting.values()) for (const end of set) end('over')
    },
  }
}
