// Finding the order of a request without an answer in the list of its supplier.
import type { ClaimedLookUp } from '../../core/supply/asks.ts'
import { productOf } from '../../core/supply/product.ts'
import { adopt } from '../adoption.ts'
import type { AskVerdict, OrderList, UpstreamOrder } from '../upstream.ts'
import type { Peer } from './peer.ts'
import { record } from './record.ts'

/** Records what a list tells of a request: its order, that it was not bought, or nothing yet. */
export async function findInList(
  peer: Peer,
  lookUp: ClaimedLookUp,
  list: OrderList,
): Promise<void> {
  const own = list.orders.find(
    (one) => one.requestKey === lookUp.requestKey || one.ref === lookUp.ref,
  )
  if (own !== undefined) return record(peer, lookUp, numberOf(own))
  const showsKeys = list.orders.every((one) => one.requestKey !== null)
  const isSure = showsKeys || (await adoptAll(peer, lookUp, list))
  // One that was adopted is not open any more: what is said of it here changes nothing.
  const isAbsent = isSure && list.isComplete && lookUp.isOver
  const why = 'the list does not have it'
  await record(peer, lookUp, isAbsent ? { kind: 'no', class: 'absent' } : { kind: 'unknown', why })
}

/** Gives the orders of a list without our keys to the requests that they may belong to.
 * @returns whether what is left of these was not bought */
async function adoptAll(peer: Peer, lookUp: ClaimedLookUp, list: OrderList): Promise<boolean> {
  const { app, supplier } = peer
  const shown = list.orders.filter((one) => one.requestKey === null)
  const lost = await app.supply.readLost(
    supplier.id,
    shown.map(({ ref }) => ref),
  )
  const product = productOf(lookUp.product)
  const isAlike = (text: string) => {
    const { service, country } = productOf(text)
    return service === product.service && country === product.country
  }
  const requests = lost.requests.filter((one) => isAlike(one.product))
  const known = new Set(lost.known)
  const adoption = adopt(
    {
      product,
      asks: requests.map((one) => ({ id: one, highestBefore: one.highestBefore })),
      isAskUnderWay: lost.underWay.some(isAlike),
    },
    shown,
    (ref) => known.has(ref),
  )
  if (adoption.kind === 'foreign')
    await app.supply.noteForeign(
      supplier.id,
      adoption.orders.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n),
    )
  if (adoption.kind !== 'adopted') return false
  for (const { id, order } of adoption.pairs) await record(peer, id, numberOf(order))
  return true
}

function numberOf({ ref, phone, cost, endsAt, product }: UpstreamOrder): AskVerdict {
  if (phone === null) return { kind: 'unknown', why: 'it is still asking others', ref }
  const operator = product.operator ?? null
  return { kind: 'number', ref, phone, operator, cost, currency: null, endsAt, cancelAfter: null }
}
