// A plain model of orders whose numbers are another Numlet's: what a customer has and has paid, whatever gets
// lost between the two.
import { hasLateCode, type Order } from '../../src/core/orders/order.ts'
import { price } from '../supply/upstream/market.ts'

export type ModelOrder = {
  readonly id: bigint
  state: 'allocating' | 'waiting' | 'received' | 'finished' | 'cancelled' | 'expired' | 'failed'
  code: string | null
  messages: number
  hasLateCode: boolean
  isClaimed: boolean
  /** When it was bought, and when it ends. */
  readonly boughtMs: number
  expiresMs: number
}

/** A difference that is there: by its kind and its order. */
export type ModelDifference = `${'wrong_charge' | 'refund_missing'} ${bigint}`

const openStates = ['allocating', 'waiting', 'received']

export class UpstreamModel {
  readonly orders: ModelOrder[] = []
  /** One for each request: an order may have several. */
  readonly differences: ModelDifference[] = []
  readonly #credit: bigint
  readonly accountId: number
  constructor(accountId: number, credit: bigint) {
    this.accountId = accountId
    this.#credit = credit
  }

  /** What is left of the money: open orders hold their price, codes have cost it. */
  get balance(): bigint {
    const paid = this.orders.reduce((sum, order) => {
      const holds = openStates.includes(order.state) || order.state === 'finished'
      return sum + (holds ? 1n : 0n) + (order.isClaimed ? 1n : 0n)
    }, 0n)
    return this.#credit - paid * price
  }

  bought(id: bigint, nowMs: number): ModelOrder {
    const order: ModelOrder = {
      ...{ id, state: 'allocating', code: null, messages: 0, hasLateCode: false },
      ...{ isClaimed: false, boughtMs: nowMs, expiresMs: Number.POSITIVE_INFINITY },
    }
    this.orders.push(order)
    return order
  }

  /** An order gets its number, if it still waits for one. */
  allocate(order: ModelOrder, expiresAt: Date): void {
    if (order.state !== 'allocating') return
    order.state = 'waiting'
    order.expiresMs = expiresAt.getTime()
  }

  receive(order: ModelOrder, code: string): void {
    order.state = 'received'
    order.code = code
    order.messages++
  }

  /** Ends what is over by its time. */
  sweep(nowMs: number): void {
    for (const order of this.orders) {
      const isLate = nowMs - order.boughtMs >= 15_000
      if (order.state === 'allocating' && isLate) order.state = 'failed'
      if (order.expiresMs > nowMs) continue
      if (order.state === 'waiting') order.state = 'expired'
      if (order.state === 'received') order.state = 'finished'
    }
  }

  /** What each order shows, the newest first. */
  shown(): unknown[] {
    return this.orders
      .map((one) => [one.id, one.state, one.code, one.messages, one.hasLateCode, one.isClaimed])
      .reverse()
  }
}

/** What the program shows of an order. */
export const shownOf = (order: Order, now: Date): unknown => [
  ...[order.id, order.state, order.code, order.messageCount],
  ...[hasLateCode(order, now), order.claimedAt !== null],
]
