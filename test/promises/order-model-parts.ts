// The things in the model of orders: a shelf of numbers, and an order.
import type { Customer } from './order-model.ts'
import { windowS } from './order-model.ts'

export class ShelfModel {
  readonly id: number
  readonly country: string
  readonly operator: string
  readonly pool: string
  readonly area: string
  readonly phones: readonly string[]
  readonly prices: ReadonlyMap<number, bigint>
  readonly #free = new Map<number, Set<string>>()
  readonly #resting: { service: number; phone: string; untilMs: number }[] = []

  constructor(shelf: {
    id: number
    country: string
    operator: string
    pool: string
    area: string
    phones: readonly string[]
    prices: ReadonlyMap<number, bigint>
  }) {
    this.id = shelf.id
    this.country = shelf.country
    this.operator = shelf.operator
    this.pool = shelf.pool
    this.area = shelf.area
    this.phones = shelf.phones
    this.prices = shelf.prices
    for (const service of shelf.prices.keys()) this.#free.set(service, new Set(shelf.phones))
  }

  left = (service: number) => this.#free.get(service)?.size ?? 0

  /** @throws when the number was not to be had */
  take(service: number, phone: string) {
    if (!this.#free.get(service)?.delete(phone)) throw new Error(`${phone} was let already`)
  }

  rest(service: number, phone: string, untilMs: number) {
    this.#resting.push({ service, phone, untilMs })
  }

  /** @returns how many came back */
  putBack(nowMs: number): number {
    const due = this.#resting.filter((one) => one.untilMs <= nowMs)
    for (const one of due) {
      this.#free.get(one.service)?.add(one.phone)
      this.#resting.splice(this.#resting.indexOf(one), 1)
    }
    return due.length
  }
}

export type ModelOrder = {
  readonly customer: Customer
  readonly id: bigint
  readonly phone: string
  readonly shelf: ShelfModel
  readonly service: number
  readonly price: bigint
  readonly createdMs: number
  readonly expiresMs: number
  state: 'waiting' | 'received' | 'finished' | 'cancelled' | 'expired'
  code: string | null
  messages: number
  resends: number
  resendPending: boolean
  /** When it was over: closed, or overdue. */
  overMs: number
  /** The codes of its late messages that nobody has paid for; null: a message without one. */
  late: (string | null)[]
  isClaimed: boolean
  readonly isOpen: boolean
}

export const orderOf = (
  customer: Customer,
  id: bigint,
  phone: string,
  shelf: ShelfModel,
  service: number,
  price: bigint,
  nowMs: number,
): ModelOrder => ({
  customer,
  id,
  phone,
  shelf,
  service,
  price,
  createdMs: nowMs,
  expiresMs: nowMs + windowS * 1000,
  state: 'waiting',
  code: null,
  messages: 0,
  resends: 0,
  resendPending: false,
  overMs: nowMs + windowS * 1000,
  late: [],
  isClaimed: false,
  get isOpen() {
    return this.state === 'waiting' || this.state === 'received'
  },
})
