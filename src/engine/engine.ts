// The engine of everything that calls the world: it claims what is due, calls, and records. It has no state
// of its own: if it is killed, its claims expire, and the next one goes on.
import type { App } from '../app.ts'
import { breathMs, loopOf } from './loop.ts'
import { type SlotTable, slotTable } from './slots.ts'
import type { Ended, Lane, Piece, Work } from './work.ts'

export type Engine = {
  /** Fills queues, and begins what is due, as far as there are places. @returns how much there was to do */
  turn(): Promise<number>
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
  /** Runs until stopped. */
  start(): void
  /** Claims nothing more, and waits for what is under way. */
  stop(): Promise<void>
}

/** @param works what it does; one never waits for the other */
export function openEngine(app: App, works: readonly Work[]): Engine {
  const parts = works.map((work) => partOf(app, work))
  return {
    turn: async () =>
      (await Promise.all(parts.map((part) => part.turn()))).reduce((a, b) => a + b, 0),
    idle: async () => void (await Promise.all(parts.map((part) => part.idle()))),
    start() {
      for (const part of parts) part.start()
    },
    stop: async () => void (await Promise.all(parts.map((part) => part.stop()))),
  }
}

function partOf(app: App, work: Work): Engine {
  const table = slotTable(work.most)
  const { calls } = app.measured
  calls.silences.set(work.calls, table.silences)
  const pieces = piecesUnderWay(app, table, () => loop.wake())
  const claimDue = async (): Promise<number> => {
    if (table.isFull()) return 0
    const now = app.now()
    const lanes = await work.lanes(now)
    for (const kind of work.kinds) calls.of(kind).dueAt = oldestOf(lanes, kind)
    if (pieces.isStopping()) return 0
    const wanted = table.share(lanes, now)
    let begun = 0
    if (wanted.length > 0)
      await work.claim(now, wanted, (piece) => {
        begun++
        pieces.begin(piece)
      })
    return begun
  }
  const turn = async (): Promise<number> => {
    const filling = work.fill?.() ?? Promise.resolve(0)
    // If nothing is under way, what has just happened is sent in this turn.
    if (pieces.isIdle()) await filling
    const [begun, filled] = await Promise.all([claimDue(), filling])
    return begun + filled
  }
  let unlisten: (() => void) | null = null
  /** Learns at once of this node's commits, as long as there may be work. */
  const follow = (isWanted: boolean) => {
    if (isWanted && work.hearsEvents) unlisten ??= app.events.tail.listen(loop.wake, true)
    else {
      unlisten?.()
      unlisten = null
    }
  }
  const loop = loopOf(app, {
    ...{ trouble: work.trouble, pollMs: work.pollMs },
    async turn() {
      if ((await turn()) > 0) return breathMs
      const isWanted = (await work.isWanted?.()) ?? true
      follow(isWanted)
      return isWanted ? work.pollMs : work.idleMs
    },
  })
  return {
    turn,
    idle: pieces.idle,
    start: loop.start,
    async stop() {
      await pieces.stop(loop.stop)
      follow(false)
      work.close?.()
    },
  }
}

/** The pieces that were claimed and have not ended. @param wake when one has left its places */
function piecesUnderWay(app: App, table: SlotTable, wake: () => void) {
  const running = new Set<Promise<void>>()
  let stopping = new AbortController()
  const run = async ({ lane, who, call }: Piece): Promise<void> => {
    const count = app.measured.calls.of(lane.kind)
    count.claimed++
    count.running++
    table.take(lane)
    let ended: Ended = { outcome: 'error', answered: null }
    try {
      ended = await call(stopping.signal)
      table.judge(lane, ended, app.now())
    } catch (error) {
      app.troubles.caught(who, error, { isIncident: true })
    }
    table.leave(lane)
    count.running--
    count.ended.set(ended.outcome, (count.ended.get(ended.outcome) ?? 0) + 1)
    wake()
    // What could not be recorded is due again when its claim expires.
    await ended.record?.().catch((error) => app.troubles.caught(who, error, { isIncident: true }))
  }
  const idle = async () => {
    while (running.size > 0) await Promise.all(running)
  }
  return {
    begin(piece: Piece) {
      const one = run(piece).finally(() => running.delete(one))
      running.add(one)
    },
    isIdle: () => running.size === 0,
    idle,
    isStopping: () => stopping.signal.aborted,
    /** Has all come to an end. @param claims ends the claiming of more */
    async stop(claims: () => Promise<void>) {
      stopping.abort()
      await claims()
      await idle()
      stopping = new AbortController()
    },
  }
}

function oldestOf(lanes: readonly Lane[], kind: string): Date | null {
  const times = lanes.flatMap((lane) =>
    lane.kind === kind && lane.dueAt !== null ? [lane.dueAt.getTime()] : [],
  )
  return times.length === 0 ? null : new Date(times.reduce((a, b) => Math.min(a, b)))
}
