// Deliveries of webhooks, as work for the engine: the queue is filled from the outbox, due deliveries are
// sent, and what receivers answer is recorded.
import type { App } from '../app.ts'
import { claim, dueQueues, type Queue } from '../core/webhooks/claims.ts'
import type { Attempt, Claimed } from '../core/webhooks/delivery.ts'
import { hasActiveEndpoint, queueEvents } from '../core/webhooks/queue.ts'
import { reportAttempts } from '../core/webhooks/report.ts'
import { gather } from '../db/gather.ts'
import type { Ended, Lane, Work } from '../engine/work.ts'
import { attemptOf, ownFault } from './attempt.ts'
import type { PushForms } from './form.ts'
import { openSender, type Sender } from './sender.ts'

/** How many deliveries may be under way. */
export type Slots = {
  readonly all: number
  /** The maximum for events other than codes. */
  readonly slow: number
  readonly ofAccount: number
  readonly ofHost: number
}

/** More per host than it has connections, so that none of these is idle. */
const usualSlots: Slots = { all: 768, slow: 576, ofAccount: 32, ofHost: 192 }
const pollMs = 100
const reportsABatch = 200

export type PushOptions = { readonly sender?: Sender; readonly slots?: Slots }

type QueueLane = Lane & { readonly queue: Queue }

export function pushWork(app: App, forms: PushForms, options: PushOptions = {}): Work<QueueLane> {
  const sender = options.sender ?? openSender({ network: app.webhooks.network })
  const slots = options.slots ?? usualSlots
  const report = gather<Attempt, void>({
    name: 'webhook reports',
    maxBatch: reportsABatch,
    maxRunning: 2,
    run: async (attempts) => {
      await reportAttempts(app.db, app.now(), app.settings().webhook_failing_days, attempts)
      return attempts.map(() => undefined)
    },
  })
  const deliver = async (delivery: Claimed): Promise<Ended> => {
    const attempt = await attemptOf(app, forms, sender, delivery)
    const { outcome } = attempt
    app.webhooks.attempts.add(outcome, attempt.durationMs / 1000)
    return { outcome, answered: hasAnswered(attempt), record: () => report(attempt) }
  }
  return {
    ...{ calls: 'endpoints', kinds: ['webhooks'], trouble: 'webhook queue' },
    ...{ most: slots.all, pollMs, idleMs: pollMs, hearsEvents: true },
    fill: () => queueAll(app),
    isWanted: () => hasActiveEndpoint(app.db),
    lanes: async (now) => (await dueQueues(app.db, now)).map((queue) => laneOf(queue, slots)),
    async claim(now, wanted, begin) {
      const counts = wanted.map(({ lane: { queue }, count }) => ({ ...queue, count }))
      const lanes = new Map(wanted.map(({ lane }) => [nameOf(lane.queue), lane]))
      for (const delivery of await claim(app.db, now, counts))
        begin({
          lane: lanes.get(nameOf({ ...delivery, endpointId: delivery.endpoint.id })) as Lane,
          who: 'webhook deliveries',
          call: () => deliver(delivery),
        })
    },
    close: () => sender.close(),
  }
}

const nameOf = ({ endpointId, fast }: Pick<Queue, 'endpointId' | 'fast'>) => `${endpointId} ${fast}`

/** The lane of a queue. Its breaker is that of the account's host. */
export function laneOf(queue: Queue, slots: Slots): QueueLane {
  const { accountId, fast, dueAt } = queue
  const { host } = new URL(queue.url)
  return {
    ...{ queue, kind: 'webhooks', owner: accountId, isFast: fast, count: null, dueAt },
    places: [
      ...(fast ? [] : [['slow', slots.slow] as const]),
      [`account ${accountId}`, slots.ofAccount],
      [`host ${host}`, slots.ofHost],
    ],
    ...{ target: `${accountId} ${host}`, isGuarded: true },
  }
}

/** @returns null if it was not sent */
function hasAnswered({ status, error }: Attempt): boolean | null {
  if (status !== null) return true
  return error === null || error === ownFault ? null : false
}

/** @returns the number of deliveries added to the queue */
async function queueAll(app: App): Promise<number> {
  for (let all = 0; ; ) {
    const { queued, isMore } = await queueEvents(app.db, app.now())
    all += queued
    if (!isMore) return all
  }
}
