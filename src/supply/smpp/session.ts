// A bound connection: stores what is delivered, and acknowledges it once it is stored.
import { setTimeout as pause } from 'node:timers/promises'
import type { Pdu } from './codec/pdu.ts'
import { statusCode } from './codec/statuses.ts'
import type { Connection, Handlers } from './connection.ts'
import { deferred, type Intake } from './intake.ts'
import type { Delivery } from './text/incoming.ts'

export type SessionTimes = {
  /** Between two questions whether the SMSC is still there. */
  readonly enquireMs: number
  /** For an answer to one. */
  readonly enquireTimeoutMs: number
  /** What is not stored by then is to come again. SMSCs wait for a minute. */
  readonly answerMs: number
  /** How long the end of a session waits for what is being stored. */
  readonly drainMs: number
  readonly unbindMs: number
}

export const sessionTimes: SessionTimes = {
  enquireMs: 15_000,
  enquireTimeoutMs: 30_000,
  answerMs: 20_000,
  drainMs: 6_000,
  unbindMs: 2_000,
}

export type Session = Handlers & {
  /** Begins with a connection that is bound, and paused. */
  begin(connection: Connection): void
  /** Takes nothing more, acknowledges what is stored, and unbinds. */
  stop(reason: string): Promise<void>
}

type Parts = {
  readonly intake: Intake
  /** Deliveries that may wait for their acknowledgement. */
  readonly window: number
  readonly times: SessionTimes
  /** Told how many wait. */
  readonly waiting: (count: number) => void
}

export function smppSession({ intake, window, times, waiting }: Parts): Session {
  let connection: Connection | null = null
  let isStopping = false
  const running = new Set<Promise<void>>()
  /** @NOTE reading stops at the window, so that what can wait in the SMSC is not refused */
  const deliver = (on: Connection, delivery: Delivery) => {
    const work = answer(on, intake, delivery, times.answerMs).finally(() => {
      running.delete(work)
      waiting(running.size)
      if (running.size < window && !isStopping) on.resume()
    })
    running.add(work)
    waiting(running.size)
    if (running.size >= window) on.pause()
  }
  const idle = () => within(Promise.all(running), times.drainMs)
  const otherSideLeaves = async (on: Connection, sequence: number) => {
    isStopping = true
    await idle()
    on.respond({ command: 'unbind_resp', sequence })
    on.finish('the SMSC ended the session (unbind)')
  }
  return {
    request(pdu) {
      const on = connection
      if (!on) return
      const { command, sequence } = pdu
      if (command === 'enquire_link') on.respond({ command: 'enquire_link_resp', sequence })
      else if (command === 'unbind') void otherSideLeaves(on, sequence)
      else if (isDelivery(pdu)) {
        // What comes after our unbind stays with the SMSC.
        if (!isStopping) deliver(on, pdu)
      } else if (command !== 'alert_notification' && command !== 'outbind')
        on.respond({ command: 'generic_nack', sequence, status: statusCode('ESME_RINVBNDSTS') })
    },
    unreadable: () => intake.malformed(),
    begin(bound) {
      connection = bound
      bound.resume()
      void watch(bound, intake, times)
    },
    async stop(reason) {
      const on = connection
      if (!on) return
      isStopping = true
      on.pause()
      await idle()
      on.resume()
      await unbind(on, intake, times)
      on.finish(reason)
    },
  }
}

const isDelivery = (pdu: Pdu): pdu is Delivery =>
  pdu.command === 'deliver_sm' || pdu.command === 'data_sm'

/** Waits for work, but not for ever. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController()
  await Promise.race([work, pause(ms, null, { signal: over.signal }).catch(() => null)])
  over.abort()
}

/** Acknowledges a delivery when it is stored, or says that it is to come again. */
async function answer(on: Connection, intake: Intake, delivery: Delivery, ms: number) {
  let verdict = deferred
  await within(
    intake.take(delivery).then((one) => {
      verdict = one
    }),
    ms,
  )
  const { command, sequence } = delivery
  on.respond({ command: `${command}_resp`, sequence, status: statusCode(verdict.status) })
  intake.answered(verdict)
}

/** Asks now and then whether the SMSC is there. Its answer also shows that it has read what was sent
 * before. */
async function watch(on: Connection, intake: Intake, times: SessionTimes): Promise<void> {
  const over = new AbortController()
  void on.ended.then(() => over.abort())
  const rest = () => pause(times.enquireMs, true, { signal: over.signal }).catch(() => false)
  while (await rest()) {
    const arrivals = intake.unconfirmed()
    const askedAt = performance.now()
    try {
      await on.request({ command: 'enquire_link' }, times.enquireTimeoutMs)
      await intake.confirmed(arrivals)
    } catch {
      // Either the arrivals are forgotten later, or the SMSC is silent.
      if (on.isPaused() || on.heardAt() > askedAt) continue
      on.cut('the SMSC does not answer (enquire_link)')
    }
  }
}

async function unbind(on: Connection, intake: Intake, times: SessionTimes): Promise<void> {
  const arrivals = intake.unconfirmed()
  try {
    await on.request({ command: 'unbind' }, times.unbindMs)
    await intake.confirmed(arrivals)
  } catch {
    // The SMSC has gone already. What it has not read it sends again, and that is recognised.
  }
}
