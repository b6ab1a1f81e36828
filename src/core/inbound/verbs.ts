// What comes in by vendors' webhooks: stored, read, received as messages, and forgotten. A request is stored
// before anything looks into it, so that no acknowledged message is ever lost.
import { hash } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import type { Settings } from '../inventory/setting.ts'
import { type Configurable, openedSettings } from '../inventory/supplier-settings.ts'
import type { Supplier, Suppliers } from '../inventory/suppliers.ts'
import type { Receive } from '../messages/receive.ts'
import { clean, maxSenderLength, maxTextLength } from '../messages/store.ts'
import type { SecretKeeper } from '../vault/secret-keeper.ts'
import type { SupplierActivity } from './activity.ts'
import { type Arrival, arrivalKeeper, type NewArrival, settleArrivals } from './arrivals.ts'
import { addPart, claimSplits, handOut } from './parts.ts'
import type { InboundMessage, Reading } from './reading.ts'
import {
  type ClaimedRequest,
  claimDue,
  type KeptRequest,
  type RequestParts,
  requestDropper,
  requestKeeper,
  setAside,
} from './requests.ts'

/** How a kind of supplier reads its requests. */
export type Reader = Configurable & {
  read(request: RequestParts, settings: Settings): Reading
}

/** What became of a request. `later`: it is stored, and a job will read it. */
const outcomes = ['accepted', 'ignored', 'unreadable', 'refused', 'later'] as const
export type InboundOutcome = (typeof outcomes)[number]

export type InboundCount = {
  readonly supplier: string
  readonly outcome: InboundOutcome
  count: number
}

export type InboundRequests = {
  /** The settings of a supplier, opened. Fails if a secret's key is missing. */
  settingsOf(kind: Configurable, supplier: Supplier): Promise<Settings>
  /** Stores a request whose signature is right, and reads it. Once this has resolved, its messages are
   * stored, or a job will see to it. */
  take(now: Date, supplier: Supplier, request: RequestParts): Promise<InboundOutcome>
  /** Counts a request whose signature is missing or wrong. */
  refuse(now: Date, supplier: Supplier): void
  /** Remembers a message of a connection whose protocol has no ids, until it is settled. */
  arrive(now: Date, arrival: NewArrival): Promise<Arrival>
  /** Forgets arrivals of a connection whose acknowledgement the supplier has read. */
  settle(session: string, ids: readonly string[]): Promise<void>
  /** Stores a message, or a part of one. It may be acknowledged once this has resolved. Safe to repeat with
   * the same arrival; a message with an id of its own needs none. */
  receive(
    now: Date,
    supplierId: number,
    message: InboundMessage,
    arrival: Arrival | null,
  ): Promise<void>
  /** Reads requests that a dead process has left. @returns the number of them */
  finish(now: Date): Promise<number>
  /** Hands out messages in parts that are whole, or have waited long enough. @returns the number of them */
  handOutDue(now: Date): Promise<number>
  /** What this node has done, for the metrics. */
  counts(): Iterable<InboundCount>
}

/** After so many tries, some hours, a request is set aside. */
const maxTries = 8
const maxRefLength = 200
const maxPhoneLength = 40
const maxReferenceLength = 200
/** The header of a part has one byte for it. */
const maxParts = 255

type Parts = {
  readonly db: Database
  readonly receive: Receive
  readonly suppliers: Suppliers
  readonly keeper: SecretKeeper
  readonly activity: SupplierActivity
  /** The reader of a kind; undefined if it has none. */
  readonly readerOf: (kind: string) => Reader | undefined
  /** Told of errors that a job will make good. */
  readonly failed: (error: unknown) => void
}

/** Composes the verbs of this folder. */
export function inboundVerbs(parts: Parts): InboundRequests {
  const { db, keeper, activity, failed } = parts
  const store = requestKeeper(db)
  const work = requestWorker(parts)
  const counts = new Map<string, InboundCount>()
  const count = (supplier: string, outcome: InboundOutcome) => {
    const name = `${supplier} ${outcome}`
    const one = counts.get(name) ?? { supplier, outcome, count: 0 }
    one.count++
    counts.set(name, one)
    return outcome
  }
  /** Runs work that a job repeats if it fails. */
  const attempt = (run: Promise<InboundOutcome>) =>
    run.catch((error: unknown): InboundOutcome => {
      failed(error)
      return 'later'
    })
  return {
    settingsOf: (kind, supplier) => openedSettings(kind, supplier, keeper),
    async take(now, supplier, request) {
      const id = await store(supplier.id, request)
      const kept = { ...request, id, supplierId: supplier.id }
      return count(supplier.name, await attempt(work(now, supplier, kept)))
    },
    refuse(now, supplier) {
      activity.refused(supplier.id, now)
      count(supplier.name, 'refused')
    },
    arrive: arrivalKeeper(db),
    settle: (session, ids) => settleArrivals(db, session, ids),
    async receive(now, supplierId, message, arrival) {
      const source = { supplierId, fallbackRef: arrival && `arrival ${arrival.id}` }
      const whole = await receiveOne(parts, now, { ...source, firstAt: arrival?.firstAt }, message)
      // It is stored already: what fails here is made good by a job.
      if (whole !== null) await handOut(db, now, parts.receive, whole).catch(failed)
    },
    async finish(now) {
      const claimed = await claimDue(db, now)
      for (const request of claimed) {
        const outcome = await attempt(finishOne(parts, work, now, request))
        if (outcome !== 'later') count(request.supplierName, outcome)
      }
      return claimed.length
    },
    async handOutDue(now) {
      const due = await claimSplits(db, now)
      for (const id of due) await handOut(db, now, parts.receive, id).catch(failed)
      return due.length
    },
    counts: () => counts.values(),
  }
}

type Work = (now: Date, supplier: Supplier, request: KeptRequest) => Promise<InboundOutcome>

/** One that has failed too often, or has killed its process each time, is set aside. */
async function finishOne(
  { db, suppliers }: Parts,
  work: Work,
  now: Date,
  request: ClaimedRequest,
): Promise<InboundOutcome> {
  const supplier = await suppliers.named(request.supplierName)
  if (supplier && request.tries <= maxTries) return work(now, supplier, request)
  await setAside(db, request.id, 'failed', `It could not be read in ${maxTries} tries.`)
  return 'unreadable'
}

/** Reads a stored request and receives its messages. Safe to repeat: each message has a reference. */
function requestWorker(parts: Parts): Work {
  const { db, keeper, readerOf } = parts
  const drop = requestDropper(db)
  return async (now, supplier, request) => {
    const reader = readerOf(supplier.kind)
    if (!reader) throw new Error(`the kind ${supplier.kind} reads no requests`)
    const reading = reader.read(request, await openedSettings(reader, supplier, keeper))
    if (reading.kind === 'unreadable') {
      await setAside(db, request.id, 'unreadable', clean(reading.reason, 200))
      return 'unreadable'
    }
    if (reading.kind === 'messages')
      await Promise.all(
        reading.messages.map(async (message, place) => {
          // @NOTE without an id of the vendor's, the place in our request is one: reading it again changes
          // nothing
          const fallbackRef = `request ${request.id}.${place}`
          const source = { supplierId: request.supplierId, fallbackRef }
          const whole = await receiveOne(parts, now, source, message)
          if (whole !== null) await handOut(db, now, parts.receive, whole)
        }),
      )
    await drop(request.id)
    return reading.kind === 'messages' ? 'accepted' : 'ignored'
  }
}

/** Where a message comes from. */
type Source = {
  readonly supplierId: number
  /** The reference of a message without an id of the supplier's. */
  readonly fallbackRef: string | null
  readonly firstAt?: Date | undefined
}

/** Stores a message, or a part. @returns the message in parts that is whole with it, for handing out */
async function receiveOne(
  { db, receive }: Parts,
  now: Date,
  { supplierId, fallbackRef, firstAt }: Source,
  message: InboundMessage,
): Promise<bigint | null> {
  const ref = message.ref === null ? null : fitting(message.ref, maxRefLength)
  const phone = clean(message.phone, maxPhoneLength)
  const { sender, text, part } = message
  if (part === undefined || !isPart(part)) {
    const supplierRef = ref ?? fallbackRef
    const hint = { orderId: null, serviceId: null }
    await receive(now, { supplierId, supplierRef, channel: 'sms', phone, sender, text, hint })
    return null
  }
  return addPart(db, now, {
    ...{ supplierId, phone, ref },
    sender: clean(sender, maxSenderLength),
    text: text.slice(0, maxTextLength).replaceAll('\u0000', ''),
    reference: fitting(part.reference, maxReferenceLength) ?? '',
    total: part.total,
    number: part.number,
    ...(firstAt === undefined ? {} : { firstAt }),
  })
}

/** Whether the numbers of a part make sense; otherwise it is a message by itself. */
const isPart = ({ total, number }: { readonly total: number; readonly number: number }) =>
  Number.isInteger(total) &&
  Number.isInteger(number) &&
  total >= 2 &&
  total <= maxParts &&
  number >= 1 &&
  number <= total

/** A text that can be stored, and stays different from all others; null if nothing is left of it. */
function fitting(text: string, maxLength: number): string | null {
  const plain = clean(text, Number.POSITIVE_INFINITY)
  if (plain === '') return null
  return plain.length <= maxLength ? plain : `sha256 ${hash('sha256', plain)}`
}
