// The engine that delivers webhooks: it fills the queue from the outbox, claims due deliveries, sends,
// reports.
import type { App } from '../app.ts'
import { toEventId } from '../core/events/event-id.ts'
import type { Attempt, Claimed, Outcome } from '../core/webhooks/delivery.ts'
import { claim, dueQueues, hasActiveEndpoint, queueEvents } from '../core/webhooks/queue.ts'
import { reportAttempts } from '../core/webhooks/report.ts'
import { parseRetryAfter } from '../core/webhooks/retry.ts'
import { standardHeaders } from '../core/webhooks/signature.ts'
import { gather } from '../db/gather.ts'
import { retryDelayMs } from '../trouble.ts'
import { circuitBreaker } from './breaker.ts'
import type { PushForms } from './form.ts'
import { type Answer, openSender, type Sender } from './sender.ts'
import { type Slots, shareOut, type Taken } from './shares.ts'

/** Claimed deliveries: more per host than it has connections, so that none of these is idle. */
const slots: Slots = { all: 768, slow: 576, ofAccount: 32, ofHost: 192 }
const userAgent = 'Numlet-Webhooks/1'
/** The maximum delay until commits of other nodes and due deliveries are noticed. */
const pollMs = 100
/** The pause between two runs with work: deliveries that end meanwhile make room for more at once. */
const breathMs = 10
const reportsABatch = 200
const ownFault = 'not sent: an internal error of the sender'

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
  const desk = openDesk(app, options.slots ?? slots)
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
    desk.take(delivery)
    let attempt: Attempt
    try {
      attempt = await attemptOf(app, forms, sender, delivery)
    } finally {
      desk.leave(delivery)
    }
    desk.judge(attempt)
    app.webhooks.attempts.add(attempt.outcome, attempt.durationMs / 1000)
    loop.wake()
    await report(attempt)
  }
  const running = new Set<Promise<void>>()
  const turn = async (): Promise<number> => {
    const news = queueAll(app)
    // @NOTE if nothing is in progress, events that have just happened are sent in this run
    if (running.size === 0) await news
    const [taken, queued] = await Promise.all([desk.claimDue(), news])
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

/** Keeps track of the slots: who has which, and who is next. */
function openDesk(app: App, slots: Slots) {
  const breaker = circuitBreaker(slots.ofHost)
  const byAccount = new Map<number, number>()
  const byHost = new Map<string, number>()
  const byTarget = new Map<string, number>()
  let all = 0
  let slow = 0
  let lastServed = 0
  const add = ({ endpoint, fast }: Claimed, count: 1 | -1) => {
    all += count
    if (!fast) slow += count
    addTo(byAccount, endpoint.accountId, count)
    addTo(byHost, hostOf(endpoint.url), count)
    addTo(byTarget, targetOf(endpoint), count)
  }
  return {
    take: (delivery: Claimed) => add(delivery, 1),
    leave: (delivery: Claimed) => add(delivery, -1),
    judge({ delivery, status, error }: Attempt) {
      const target = targetOf(delivery.endpoint)
      if (status !== null) breaker.answered(target)
      else if (error !== null && error !== ownFault) breaker.unanswered(target, app.now().getTime())
    },
    async claimDue(): Promise<Claimed[]> {
      if (all >= slots.all) return []
      const now = app.now()
      const queues = await dueQueues(app.db, now)
      const taken: Taken = { all, slow, byAccount, byHost, byTarget }
      const allowance = (target: string) => breaker.allowance(target, now.getTime())
      const wanted = shareOut(
        queues.map((queue) => ({ ...queue, host: hostOf(queue.url), target: targetOf(queue) })),
        slots,
        taken,
        allowance,
        lastServed,
      )
      const last = wanted.at(-1)?.endpointId
      lastServed = queues.find((one) => one.endpointId === last)?.accountId ?? lastServed
      return claim(app.db, now, wanted)
    },
  }
}

function addTo<Key>(counts: Map<Key, number>, key: Key, count: number) {
  const sum = (counts.get(key) ?? 0) + count
  if (sum === 0) counts.delete(key)
  else counts.set(key, sum)
}

const hostOf = (url: string) => new URL(url).host
/** The breaker's target: an account's host. */
const targetOf = ({ accountId, url }: { readonly accountId: number; readonly url: string }) =>
  `${accountId} ${hostOf(url)}`

async function attemptOf(
  app: App,
  forms: PushForms,
  sender: Sender,
  delivery: Claimed,
): Promise<Attempt> {
  const at = app.now()
  const ended = (outcome: Outcome, answer: Answer): Attempt => ({
    delivery,
    outcome,
    at,
    durationMs: answer.durationMs,
    status: answer.status,
    error: answer.error,
    response: answer.response,
    retryAfterS: parseRetryAfter(answer.retryAfter, at),
  })
  const unsent = { status: null, response: null, retryAfter: undefined, durationMs: 0 }
  try {
    const secrets = await Promise.all(
      delivery.endpoint.secrets.map((stored) => app.webhooks.secrets.read(stored)),
    )
    const write = forms[delivery.endpoint.format]
    const letter = await write?.(app, { delivery, secret: secrets[0] as string })
    if (!letter) return ended('unspoken', { ...unsent, error: null })
    const answer = await sender.send({
      url: delivery.endpoint.url,
      body: letter.body,
      headers: {
        'content-type': 'application/json',
        'user-agent': userAgent,
        ...standardHeaders({ id: idOf(app, delivery), at, body: letter.body, secrets }),
        ...letter.headers,
      },
    })
    return ended(outcomeOf(answer), answer)
  } catch (error) {
    app.troubles.caught('webhook bodies', error, { isIncident: true })
    return ended('failed', { ...unsent, error: ownFault })
  }
}

/** The same for every attempt, and for a replay: receivers use it to detect duplicates. */
function idOf(app: App, { id, event }: Claimed): string {
  const { epoch, xid, id: eventId } = event
  if (xid !== null && eventId !== null) return toEventId({ epoch, xid, id: eventId })
  return app.ids.toToken('evt_test', id)
}

function outcomeOf({ status }: Answer): Outcome {
  if (status === 410) return 'gone'
  return status !== null && status >= 200 && status < 300 ? 'delivered' : 'failed'
}
