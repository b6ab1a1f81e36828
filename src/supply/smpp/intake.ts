// What comes over one connection: read, stored once, and remembered until the SMSC has read that it is.
import type { App } from '../../app.ts'
import type { Arrival } from '../../core/inbound/arrivals.ts'
import { countOutcome, type DeliveryOutcome } from '../../core/inbound/session-counts.ts'
import type { Supplier } from '../../core/inventory/suppliers.ts'
import type { InboundMessage } from '../supplier.ts'
import type { StatusName } from './codec/statuses.ts'
import type { DefaultAlphabet } from './text/coding.ts'
import { type Delivery, digestOf, readDelivery } from './text/incoming.ts'

/** How a delivery is answered. */
export type Verdict = {
  readonly status: StatusName
  readonly outcome: DeliveryOutcome
  /** What the SMSC may forget once it reads the answer. */
  readonly stored?: { readonly key: string; readonly arrival: Arrival }
}

export type Intake = {
  /** Stores what was delivered. Never fails. */
  take(delivery: Delivery): Promise<Verdict>
  /** Is told of the answer that was sent. */
  answered(verdict: Verdict): void
  /** Is told of a PDU that could not be read. */
  malformed(): void
  /** Arrivals whose acknowledgement was sent, and not yet read for sure. They are handed out once. */
  unconfirmed(): string[]
  /** Is told that the SMSC has read the acknowledgements of these. */
  confirmed(arrivals: readonly string[]): Promise<void>
}

type Parts = {
  readonly app: App
  readonly supplier: Supplier
  /** The connection, by a name of its own. */
  readonly session: string
  readonly usualAlphabet: DefaultAlphabet
  /** Deliveries that may be at work, those included whose answer was too late. */
  readonly maxWorks: number
}

/** How many messages that could not be stored are recognised when they come again on the same connection. */
const maxUnacknowledged = 1_000

export const deferred: Verdict = { status: 'ESME_RX_T_APPN', outcome: 'deferred' }
const throttled: Verdict = { status: 'ESME_RTHROTTLED', outcome: 'throttled' }

export function smppIntake({ app, supplier, session, usualAlphabet, maxWorks }: Parts): Intake {
  const count = app.sessions.counts.of(supplier.name)
  const works = new Map<string, Promise<Arrival | null>>()
  const unacknowledged = new Map<string, Arrival>()
  let answered: string[] = []
  /** @NOTE a message that could not be stored, or may have been, keeps its arrival: it is the same one when
   * it comes again */
  const arrivalOf = async (key: string, digest: Buffer): Promise<Arrival> => {
    const known = unacknowledged.get(key)
    if (known) return known
    const arrival = await app.inbound.arrive(app.now(), {
      ...{ supplierId: supplier.id, session, digest },
    })
    if (unacknowledged.size >= maxUnacknowledged)
      unacknowledged.delete(unacknowledged.keys().next().value as string)
    unacknowledged.set(key, arrival)
    return arrival
  }
  const store = async (key: string, digest: Buffer, message: InboundMessage) => {
    const arrival = message.ref === null ? await arrivalOf(key, digest) : null
    await app.inbound.receive(app.now(), supplier.id, message, arrival)
    return arrival
  }
  /** One that comes again while the first is being stored waits for the same work. */
  const storeOnce = (delivery: Delivery, message: InboundMessage) => {
    const digest = digestOf(delivery)
    const key = `${message.ref ?? ''} ${digest.toString('base64')}`
    const work = works.get(key) ?? store(key, digest, message).finally(() => works.delete(key))
    works.set(key, work)
    return work.then((arrival) => (arrival === null ? {} : { stored: { key, arrival } }))
  }
  return {
    async take(delivery) {
      try {
        const incoming = readDelivery(delivery, usualAlphabet)
        if (incoming.kind === 'receipt') return { status: 'ESME_ROK', outcome: 'receipt' }
        if (incoming.kind === 'no-text') return { status: 'ESME_ROK', outcome: 'no_text' }
        if (works.size >= maxWorks) return throttled
        const known = await app.suppliers.named(supplier.name)
        if (known?.state === 'off') return deferred
        const outcome = incoming.message.part === undefined ? 'message' : 'part'
        const stored = await storeOnce(delivery, incoming.message)
        app.troubles.worked('messages by SMPP')
        return { status: 'ESME_ROK', outcome, ...stored }
      } catch (error) {
        app.troubles.caught('messages by SMPP', error, { isIncident: true })
        return deferred
      }
    },
    answered({ outcome, status, stored }) {
      countOutcome(count, outcome)
      if (status !== 'ESME_ROK' || !stored) return
      unacknowledged.delete(stored.key)
      answered.push(stored.arrival.id)
    },
    malformed: () => void countOutcome(count, 'malformed'),
    unconfirmed() {
      const arrivals = answered
      answered = []
      return arrivals
    },
    async confirmed(arrivals) {
      if (arrivals.length > 0) await app.inbound.settle(session, arrivals)
    },
  }
}
