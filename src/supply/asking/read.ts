// Reading what has become of a supplier's numbers: all in one list where it has one, the others one by one.
import type { DueNumber } from '../../core/supply/polls.ts'
import type { NumberReading, NumberState } from '../../core/supply/verdict.ts'
import { converse } from '../conversation.ts'
import type { OrderReading, UpstreamOrder, UpstreamState } from '../upstream.ts'
import { type Peer, sender } from './peer.ts'

const listTimeoutMs = 10_000
const readTimeoutMs = 5_000
/** Numbers that are read one by one at the same time. */
const readAtOnce = 5

/** Reads numbers that are due, stores their messages, and records their states. */
export async function readNumbers(peer: Peer, due: readonly DueNumber[]): Promise<void> {
  const listed = due.length > 1 ? await listOf(peer) : new Map<string, UpstreamOrder>()
  const read: bigint[] = []
  const alone: DueNumber[] = []
  for (const number of due) {
    const order = listed.get(number.ref)
    // What ends is read by itself: a list may show it late.
    if (order === undefined || isOver(order.state)) alone.push(number)
    else if (await recordOrder(peer, number, order)) read.push(number.allocationId)
  }
  for (let at = 0; at < alone.length; at += readAtOnce)
    await Promise.all(
      alone.slice(at, at + readAtOnce).map(async (number) => {
        const reading = await readOne(peer, number.ref)
        if (await recordOne(peer, number, reading)) read.push(number.allocationId)
      }),
    )
  await peer.app.supply.restReadings(read)
}

const isOver = (state: UpstreamState) => state === 'refunded' || state === 'charged'

async function listOf(peer: Peer): Promise<ReadonlyMap<string, UpstreamOrder>> {
  const talk = peer.upstream.listOrders(peer.settings)
  if (talk === null) return new Map()
  const reading = await converse(talk, sender(peer, listTimeoutMs))
  const orders = reading.kind === 'list' ? reading.list.orders : []
  return new Map(orders.map((order) => [order.ref, order]))
}

export const readOne = (peer: Peer, ref: string): Promise<OrderReading> =>
  converse(peer.upstream.readOrder(peer.settings, ref), sender(peer, readTimeoutMs))

/** @returns whether the supplier has said something */
async function recordOne(peer: Peer, number: DueNumber, reading: OrderReading): Promise<boolean> {
  if (reading.kind === 'order') return recordOrder(peer, number, reading.order)
  if (reading.kind !== 'silent') return false
  await peer.app.supply.recordReading(number.allocationId, { state: 'silent', cost: null })
  return true
}

/** Messages are stored first: a number that is over may have had its code. */
async function recordOrder(peer: Peer, number: DueNumber, order: UpstreamOrder): Promise<boolean> {
  const { app, supplier, upstream } = peer
  const { allocationId, orderId, phone, serviceId, resendEpoch, messages } = number
  const fresh = upstream.messagesOf(order, { resendEpoch, count: messages })
  if (phone !== null)
    await app.supply.receive(
      fresh.map(({ ref, text, code, sender: from }) => ({
        ...{ supplierId: supplier.id, ref, orderId, serviceId, phone, text, code, sender: from },
      })),
    )
  await app.supply.recordReading(allocationId, toReading(order))
  return true
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
