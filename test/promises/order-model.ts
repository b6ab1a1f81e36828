// Orders, money, limits and stock as a plain model: what the verbs must do, said once more and simply.
import { type ModelOrder, orderOf, type ShelfModel } from './order-model-parts.ts'

export type ModelSelection = {
  readonly service: number
  readonly country: string | null
  readonly operator: string | null
  readonly pool: string | null
  readonly area: string | null
  readonly maxPrice: bigint | null
}

export type Customer = {
  readonly accountId: number
  balance: bigint
  maxOpen: number | null
  maxDay: number | null
  day: string
  boughtToday: number
}

type MessageAnswer = { readonly state: string; readonly order: ModelOrder | null }

export const windowS = 1_200
const repeatWindowS = 10
const dayMs = 24 * 60 * 60 * 1000
export const cooldownS = 120

export class OrderModel {
  readonly shelves: readonly ShelfModel[]
  readonly customers: readonly Customer[]
  readonly reuseAfterDays: number | null
  readonly orders: ModelOrder[] = []
  readonly closed = new Set<number>()
  readonly closedCountries = new Set<string>()
  readonly #texts = new Map<string, { atMs: number; answer: MessageAnswer }>()
  nowMs: number

  constructor(setting: {
    shelves: readonly ShelfModel[]
    customers: readonly Customer[]
    reuseAfterDays: number | null
    now: Date
  }) {
    this.shelves = setting.shelves
    this.customers = setting.customers
    this.reuseAfterDays = setting.reuseAfterDays
    this.nowMs = setting.now.getTime()
  }

  get now(): Date {
    return new Date(this.nowMs)
  }

  /** @returns what the numbers cost, or the code of the refusal */
  buy(customer: Customer, selection: ModelSelection, quantity: number): bigint[] | string {
    const prices: bigint[] = []
    const taken = new Map<ShelfModel, number>()
    for (let count = 0; count < quantity; count++) {
      const limited = this.#limit(customer, count)
      if (limited) return limited
      const shelf = this.#cheapest(selection, taken)
      if (typeof shelf === 'string') return shelf
      const price = shelf.prices.get(selection.service) as bigint
      if (selection.maxPrice !== null && price > selection.maxPrice) return 'price_above_maximum'
      if (customer.balance < price + prices.reduce((sum, one) => sum + one, 0n))
        return 'insufficient_balance'
      prices.push(price)
      taken.set(shelf, (taken.get(shelf) ?? 0) + 1)
    }
    return prices
  }

  /** Writes down what was bought, with the number that was given. */
  bought(customer: Customer, id: bigint, phone: string, selection: ModelSelection): ModelOrder {
    const shelf = this.shelves.find((one) => one.phones.includes(phone)) as ShelfModel
    const price = shelf.prices.get(selection.service) as bigint
    const order = orderOf(customer, id, phone, shelf, selection.service, price, this.nowMs)
    shelf.take(selection.service, phone)
    this.#today(customer)
    customer.balance -= price
    customer.boughtToday++
    this.orders.push(order)
    return order
  }

  cancel(order: ModelOrder): string {
    if (order.state === 'cancelled') return 'already'
    if (order.state !== 'waiting') return 'order_not_cancellable'
    if (this.nowMs < order.createdMs + cooldownS * 1000) return 'cancel_cooldown'
    this.#close(order, 'cancelled')
    return 'done'
  }

  finish(order: ModelOrder): string {
    if (order.state === 'finished') return 'already'
    if (order.state !== 'received') return 'order_not_finishable'
    this.#close(order, 'finished')
    return 'done'
  }

  hasLateCode = (order: ModelOrder) =>
    this.#mayHaveLate(order) &&
    order.state !== 'waiting' &&
    !order.isClaimed &&
    order.late.some((code) => code !== null)

  claim(order: ModelOrder): string {
    if (order.isClaimed) return 'already'
    if (!this.hasLateCode(order)) return 'order_not_claimable'
    if (order.customer.balance < order.price) return 'insufficient_balance'
    order.customer.balance -= order.price
    order.isClaimed = true
    for (const code of order.late) this.#show(order, code)
    return 'done'
  }

  /** Within a day after an order that got nothing. */
  #mayHaveLate = ({ state, overMs }: ModelOrder) =>
    ['waiting', 'cancelled', 'expired'].includes(state) && this.nowMs < overMs + dayMs

  #show(order: ModelOrder, code: string | null) {
    order.messages++
    order.code = code ?? order.code
  }

  resend(order: ModelOrder): string {
    if (order.state !== 'received' || order.expiresMs <= this.nowMs) return 'order_not_resendable'
    if (order.resendPending) return 'resend_pending'
    order.resendPending = true
    order.resends++
    return 'done'
  }

  /** @returns what the new number costs, or the code of the refusal */
  replace(order: ModelOrder): bigint[] | string {
    if (order.state !== 'waiting') return 'order_not_replaceable'
    const { customer } = order
    // What buying would say with this order gone: its money is back, its place is free.
    order.state = 'cancelled'
    customer.balance += order.price
    const answer = this.buy(customer, this.selectionOf(order), 1)
    order.state = 'waiting'
    customer.balance -= order.price
    return answer
  }

  replaced(order: ModelOrder, id: bigint, phone: string) {
    this.#close(order, 'cancelled')
    this.bought(order.customer, id, phone, this.selectionOf(order))
  }

  selectionOf(order: ModelOrder): ModelSelection {
    const { country, operator, pool } = order.shelf
    return { service: order.service, country, operator, pool, area: null, maxPrice: null }
  }

  /** @returns which order got it, and how; null when it is for none. A text within seconds is one message. */
  receive(phone: string, service: number, code: string | null) {
    const text = `${phone} ${service} ${code}`
    const first = this.#texts.get(text)
    if (first && this.nowMs - first.atMs < repeatWindowS * 1000) return first.answer
    const answer = this.#receive(phone, service, code)
    this.#texts.set(text, { atMs: this.nowMs, answer })
    return answer
  }

  #receive(phone: string, service: number, code: string | null): MessageAnswer {
    const sameService = this.orders.filter((one) => one.phone === phone && one.service === service)
    const open = sameService.find((one) => one.isOpen)
    const order = open ?? sameService.at(-1)
    if (!order) return { state: 'unmatched', order: null }
    if (!open || this.nowMs >= open.expiresMs) return this.#receiveLate(order, code)
    this.#show(open, code)
    if (code !== null) {
      open.state = 'received'
      open.resendPending = false
    }
    return { state: 'delivered', order: open }
  }

  #receiveLate(order: ModelOrder, code: string | null): MessageAnswer {
    if (!this.#mayHaveLate(order)) return { state: 'late', order: null }
    if (!order.isClaimed) {
      order.late.push(code)
      return { state: 'late', order: null }
    }
    this.#show(order, code)
    return { state: 'delivered', order }
  }

  /** Ends what is overdue, and puts rested numbers back. @returns how many of each */
  sweep(): [ended: number, returned: number] {
    const due = this.orders.filter((one) => one.isOpen && one.expiresMs <= this.nowMs)
    for (const order of due) this.#close(order, order.state === 'waiting' ? 'expired' : 'finished')
    return [due.length, this.shelves.reduce((sum, one) => sum + one.putBack(this.nowMs), 0)]
  }

  stockOf(offer: { country: string; operator: string; pool: string }, service: number): number {
    return this.#standing(offer)
      .map((shelf) => shelf.left(service))
      .reduce((sum, left) => sum + left, 0)
  }

  openOf = (customer: Customer) =>
    this.orders.filter((one) => one.isOpen && one.customer === customer).length

  #cheapest(
    selection: ModelSelection,
    taken: ReadonlyMap<ShelfModel, number>,
  ): ShelfModel | string {
    if (this.closed.has(selection.service)) return 'service_closed'
    if (selection.country !== null && this.closedCountries.has(selection.country))
      return 'country_closed'
    const standing = this.#standing({ ...selection, area: null })
    if (standing.length === 0) return 'offer_not_found'
    const [cheapest] = standing
      .filter((shelf) => (selection.area ?? shelf.area) === shelf.area)
      .filter((shelf) => !this.closedCountries.has(shelf.country))
      .filter((shelf) => shelf.left(selection.service) > (taken.get(shelf) ?? 0))
      .sort((a, b) => Number(priceOf(a, selection) - priceOf(b, selection)))
    return cheapest ?? 'out_of_stock'
  }

  #standing(selection: {
    country: string | null
    operator: string | null
    pool: string | null
    area?: string | null
  }): ShelfModel[] {
    return this.shelves.filter(
      (shelf) =>
        (selection.country ?? shelf.country) === shelf.country &&
        (selection.operator ?? shelf.operator) === shelf.operator &&
        (selection.pool ?? shelf.pool) === shelf.pool &&
        (selection.area ?? shelf.area) === shelf.area,
    )
  }

  #limit(customer: Customer, count: number): string | null {
    this.#today(customer)
    if (customer.maxOpen !== null && this.openOf(customer) + count >= customer.maxOpen)
      return 'too_many_open_orders'
    if (customer.maxDay !== null && customer.boughtToday + count >= customer.maxDay)
      return 'daily_limit_reached'
    return null
  }

  #today(customer: Customer) {
    const day = this.now.toISOString().slice(0, 10)
    if (customer.day === day) return
    customer.day = day
    customer.boughtToday = 0
  }

  #close(order: ModelOrder, state: 'cancelled' | 'finished' | 'expired') {
    if (order.state === 'waiting') order.customer.balance += order.price
    order.state = state
    order.resendPending = false
    order.overMs = Math.min(this.nowMs, order.expiresMs)
    const restMs = this.reuseAfterDays === null ? null : this.reuseAfterDays * 86_400_000
    if (restMs !== null) order.shelf.rest(order.service, order.phone, this.nowMs + restMs)
  }
}

const priceOf = (shelf: ShelfModel, selection: ModelSelection) =>
  shelf.prices.get(selection.service) as bigint
