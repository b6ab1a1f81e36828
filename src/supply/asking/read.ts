// Reading what has become of a supplier's numbers: all in one list where it has one, the others one by one.
import type { DueNumber, Sweep } from '../../core/supply/polls.ts'
import type { NumberReading, NumberState } from '../../core/supply/verdict.ts'
import type { Ended } from '../../engine/work.ts'
import { converse } from '../conversation.ts'
import type {
  ListReading,
  OrderList,
  OrderReading,
  UpstreamOrder,
  UpstreamState,
} from '../upstream.ts'
import { readingsPerS } from '../upstream-settings.ts'
import { listSender, type Peer, type Sender, sender } from './peer.ts'

/** Of a whole list: one of ten thousand orders has a hundred pages. What came in this time counts. */
const listMs = 20_000
const pageTimeoutMs = 10_000
const readTimeoutMs = 5_000
/** Numbers that are read one by one at the same time. */
const readAtOnce = 5
/** Numbers that are recorded at the same time. */
const recordAtOnce = 5
/** Nothing new is sent after this time, so that a sweep is over before its claim. */
const sweepMs = 25_000
/** As many numbers are read one by one as the supplier may be asked in this time. */
const aloneS = 15
/** How long a supplier that has too many requests is left alone unless it says otherwise. */
const busyS = 10
const maxBusyS = 600

/** What came of a sweep so far. */
type Progress = {
  readonly read: bigint[]
  readonly unread: bigint[]
  requests: number
  /** Null: the supplier has not asked to wait. */
  retryAfterS: number | null
}

/** Reads numbers that are due, stores their messages, and records their states. It sends no more requests
 * than the supplier allows for this, over time: what a sweep takes is paid for by the rest after it.
 * @param stopping leaves the rest to another node */
export async function readNumbers(peer: Peer, sweep: Sweep, stopping: AbortSignal): Promise<Ended> {
  const { claims, isUrgent, startedAt, due } = sweep
  const { app, supplier, settings } = peer
  const end = performance.now() + sweepMs
  const isOver = () => stopping.aborted || performance.now() > end
  const progress: Progress = { read: [], unread: [], requests: 0, retryAfterS: null }
  const alone = await readListed(peer, due, progress, isOver)
  const perS = readingsPerS(settings)
  const some = alone.slice(0, Math.max(1, Math.floor(perS * aloneS)))
  for (let at = 0; at < some.length; at += readAtOnce) {
    if (progress.retryAfterS !== null || isOver()) break
    await Promise.all(
      some.slice(at, at + readAtOnce).map(async (number) => {
        const reading = await readOne(peer, number.ref, progress)
        noteBusy(progress, reading)
        const isRead = await recordOne(peer, number, reading)
        progress[isRead ? 'read' : 'unread'].push(number.allocationId)
      }),
    )
  }
  const { read, unread, requests, retryAfterS } = progress
  app.measured.swept(supplier.name, requests)
  const tried = new Set([...read, ...unread])
  const left = due.map(({ allocationId }) => allocationId).filter((id) => !tried.has(id))
  await app.supply.endSweep({
    ...{ supplierId: supplier.id, claims, isUrgent, startedAt, read, unread, left },
    restS: requests / perS,
    barredS: retryAfterS ?? 0,
  })
  const isSilent = unread.length > 0 && read.length === 0 && retryAfterS === null
  return {
    outcome: retryAfterS === null ? (isSilent ? 'unread' : 'read') : 'busy',
    answered: tried.size === 0 ? null : !isSilent,
  }
}

/** Reads the numbers that the supplier's list has. @returns the others */
async function readListed(
  peer: Peer,
  due: readonly DueNumber[],
  progress: Progress,
  isOver: () => boolean,
): Promise<readonly DueNumber[]> {
  const { listRequests } = peer.upstream.features(peer.settings)
  if (due.length <= listRequests) return due
  const listed = await listOf(peer, progress)
  const alone: DueNumber[] = []
  const news: (readonly [DueNumber, UpstreamOrder])[] = []
  for (const number of due) {
    const order = listed.get(number.ref)
    // What ends is read by itself: a list may show it late.
    if (order === undefined || isEnd(order.state)) alone.push(number)
    else if (isNews(peer, number, order)) news.push([number, order])
    else progress.read.push(number.allocationId)
  }
  for (let at = 0; at < news.length && !isOver(); at += recordAtOnce)
    await Promise.all(
      news.slice(at, at + recordAtOnce).map(async ([number, order]) => {
        await recordOrder(peer, number, order)
        progress.read.push(number.allocationId)
      }),
    )
  return alone
}

/** Whether a list says something that is not recorded yet. Of most numbers it does not: a sweep of thousands
 * costs as many statements as have changed. */
function isNews(peer: Peer, number: DueNumber, order: UpstreamOrder): boolean {
  const { state, cost } = order
  const isKnown = state === 'waiting' || (state === 'code' && number.isCodeBooked)
  return (
    !isKnown ||
    number.isSaidOver ||
    (cost !== null && cost !== number.cost) ||
    freshIn(peer, number, order).length > 0
  )
}

/** The messages of a number that are not stored, as far as is known before storing them. */
function freshIn({ upstream }: Peer, number: DueNumber, order: UpstreamOrder) {
  const { phone, resendEpoch, messages: count, messageRefs } = number
  if (phone === null || order.sms.length === 0) return []
  const stored = new Set(messageRefs)
  return upstream.messagesOf(order, { resendEpoch, count }).filter(({ ref }) => !stored.has(ref))
}

function noteBusy(progress: Progress, reading: OrderReading | ListReading | null): void {
  if (reading?.kind !== 'no' || reading.class !== 'busy') return
  const told = Math.min(reading.retryAfterS ?? busyS, maxBusyS)
  progress.retryAfterS = Math.max(progress.retryAfterS ?? 0, told)
}

const isEnd = (state: UpstreamState) => state === 'refunded' || state === 'charged'

const nothingListed: OrderList = { orders: [], isComplete: false }

async function listOf(peer: Peer, progress: Progress): Promise<ReadonlyMap<string, UpstreamOrder>> {
  const talk = peer.upstream.listOrders(peer.settings)
  if (talk === null) return new Map()
  const reading = await listSender(peer, { allMs: listMs, eachMs: pageTimeoutMs }, (send) =>
    converse(talk, counting(send, progress)),
  )
  const { orders, brokenOffBy = null } = reading.kind === 'list' ? reading.list : nothingListed
  noteBusy(progress, reading.kind === 'list' ? brokenOffBy : reading)
  return new Map(orders.map((order) => [order.ref, order]))
}

const counting =
  (send: Sender, progress: { requests: number }): Sender =>
  (request) => {
    progress.requests++
    return send(request)
  }

/** @param progress where its requests are counted */
export const readOne = (
  peer: Peer,
  ref: string,
  progress: { requests: number } = { requests: 0 },
): Promise<OrderReading> =>
  converse(
    peer.upstream.readOrder(peer.settings, ref),
    counting(sender(peer, readTimeoutMs), progress),
  )

/** @returns whether the supplier has said something */
async function recordOne(peer: Peer, number: DueNumber, reading: OrderReading): Promise<boolean> {
  if (reading.kind === 'order') return recordOrder(peer, number, reading.order)
  if (reading.kind !== 'silent') return false
  await peer.app.supply.recordReading(number.allocationId, { state: 'silent', cost: null })
  return true
}

/** Messages are stored first: a number that is over may have had its code. */
async function recordOrder(peer: Peer, number: DueNumber, order: UpstreamOrder): Promise<boolean> {
  await storeMessages(peer, number, order)
  await peer.app.supply.recordReading(number.allocationId, toReading(order))
  return true
}

/** Stores the messages of a number that are new. */
export async function storeMessages(
  peer: Peer,
  number: DueNumber,
  order: UpstreamOrder,
): Promise<void> {
  const { app, supplier } = peer
  const { orderId, phone, serviceId } = number
  if (phone === null) return
  await app.supply.receive(
    freshIn(peer, number, order).map(({ ref, text, code, sender: from }) => ({
      ...{ supplierId: supplier.id, ref, orderId, serviceId, phone, text, code, sender: from },
    })),
  )
}

const states: Readonly<Record<UpstreamState, NumberState>> = {
  asking: 'waiting',
  waiting: 'waiting',
  code: 'code',
  refunded: 'refunded',
  charged: 'charged',
}

export const toReading = ({ state, cost, sms }: UpstreamOrder): NumberReading => ({
  state: states[state],
  cost,
  hasMessage: sms.length > 0,
})
