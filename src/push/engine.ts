// The engine that delivers webhooks: it fills the queue from the outbox, claims due deliveries, sends,
// reports.
import type { App } from '../app.ts'
import type { Attempt, Claimed } from '../core/webhooks/delivery.ts'
import { hasActiveEndpoint, queueEvents } from '../core/webhooks/queue.ts'
import { reportAttempts } from '../core/webhooks/report.ts'
import { gather } from '../db/gather.ts'
import { retryDelayMs } from '../trouble.ts'
import { attemptOf } from './attempt.ts'
import type { PushForms } from './form.ts'
import { openSender, type Sender } from './sender.ts'
import type { Slots } from './shares.ts'
import { slotTable } from './slot-table.ts'

/** Claimed deliveries: more per host than it has connections, so that none of these is idle. */
const slots: Slots = { all: 768, slow: 576, ofAccount: 32, ofHost: 192 }
/** The maximum delay until commits of other nodes and due deliveries are noticed. */
const pollMs = 100
/** The pause between two runs with work: deliveries that end meanwhile make room for more at once. */
const breathMs = 10
const reportsABatch = 200

export type Engine = {
  /** Queues new events and begins to send due deliveries, as far as there are slots.
   * @returns how much there was to do: the deliveries that it queued and claimed */
  turn(): Promise<number>
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>
  /** Runs until stopped. */
  start(): void
  /** Waits until current attempts have ended. */
  stop(): Promise<void>
}

export type EngineOptions = {
  readonly sender?: Sender
  readonly slots?: Slots
}

export function pushEngine(app: App, forms: PushForms, options: EngineOptions = {}): Engine {
  const sender = options.sender ?? openSender({ network: app.webhooks.network })
  const table = slotTable(app, options.slots ?? slots)
  const report = gather<Attempt, void>({
    name: 'webhook reports',
    maxBatch: reportsABatch,
    maxRunning: 2,
    run: async (attempts) => {
      await reportAttempts(app.db, app.now(), app.settings().webhook_failing_days, attempts)
      return attempts.map(() => undefined)
    },
  })
  const deliver = async (delivery: Claimed): Promise<void> => {
    table.take(delivery)
    let attempt: Attempt
    try {
      attempt = await attemptOf(app, forms, sender, delivery)
    } finally {
      table.leave(delivery)
    }
    table.judge(attempt)
    app.webhooks.attempts.add(attempt.outcome, attempt.durationMs / 1000)
    loop.wake()
    await report(attempt)
  }
  const running = new Set<Promise<void>>()
  const turn = async (): Promise<number> => {
    const news = queueAll(app)
    // @NOTE if nothing is in progress, events that have just happened are sent in this run
    if (running.size === 0) await news
    const [taken, queued] = await Promise.all([table.claimDue(), news])
    for (const delivery of taken) {
      // @NOTE a delivery that could not be reported is due again when its claim expires
      const work = deliver(delivery)
        .catch((error: unknown) =>
          app.troubles.caught('webhook deliveries', error, { isIncident: true }),
        )
        .finally(() => running.delete(work))
      running.add(work)
    }
    return taken.length + queued
  }
  const loop = wakingLoop(app, turn)
  return {
    turn,
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
    start: loop.start,
    async stop() {
      await loop.stop()
      await this.idle()
      sender.close()
    },
  }
}

/** @returns the number of deliveries added to the queue */
async function queueAll(app: App): Promise<number> {
  for (let all = 0; ; ) {
    const { queued, isMore } = await queueEvents(app.db, app.now())
    all += queued
    if (!isMore) return all
  }
}

/** Runs until stopped: when woken, and at short intervals. */
function wakingLoop(app: App, turn: () => Promise<number>) {
  let isStopped = true
  let isWanted = false
  let failures = 0
  let running: Promise<void> | null = null
  let unlisten: (() => void) | null = null
  let resting: { timer: NodeJS.Timeout; mayBeWoken: boolean } | null = null
  /** Learns at once of this node's commits, as long as there is an active endpoint. */
  const follow = async () => {
    if (await hasActiveEndpoint(app.db)) unlisten ??= app.events.tail.listen(wake, true)
    else {
      unlisten?.()
      unlisten = null
    }
  }
  const round = async (): Promise<void> => {
    isWanted = false
    if (app.node.refusal() !== null) return rest(pollMs, false)
    try {
      if ((await turn()) > 0) isWanted = true
      else await follow()
      failures = 0
      app.troubles.worked('webhook queue')
      rest(isWanted ? breathMs : pollMs, !isWanted)
    } catch (error) {
      app.troubles.caught('webhook queue', error)
      rest(retryDelayMs(++failures, pollMs), false)
    }
  }
  const rest = (ms: number, mayBeWoken: boolean) => {
    if (!isStopped) resting = { timer: setTimeout(go, ms), mayBeWoken }
  }
  const go = () => {
    if (resting) clearTimeout(resting.timer)
    resting = null
    running = round()
  }
  const wake = () => {
    isWanted = true
    if (resting?.mayBeWoken) go()
  }
  return {
    wake,
    start() {
      isStopped = false
      go()
    },
    async stop() {
      isStopped = true
      unlisten?.()
      if (resting) clearTimeout(resting.timer)
      resting = null
      await running
    },
  }
}
