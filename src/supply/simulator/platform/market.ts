// What the simulated platform sells: fictional numbers of one country, to one account. It has all in memory,
// and its money is nobody's.
import { randomInt } from 'node:crypto'
import type { Amount } from '../../../core/money.ts'
import type { Conduct } from './misbehaviour.ts'

/** Services under the family's names and ours. */
export const sold = [
  { code: 'wa', slug: 'whatsapp', name: 'WhatsApp' },
  { code: 'tg', slug: 'telegram', name: 'Telegram' },
  { code: 'go', slug: 'google', name: 'Google' },
  { code: 'ig', slug: 'instagram', name: 'Instagram' },
] as const

/** Great Britain, as the family numbers it. */
export const countryCode = '16'
/** Towns whose numbers with these endings Ofcom keeps for fiction. */
const towns = ['113', '114', '115', '116', '117', '118', '121', '131', '141', '151', '161']
const numbersATown = 1_000
const windowS = 20 * 60
const dearTimes = 10n

export type SimulatedSms = { readonly text: string; readonly code: string; readonly at: Date }

export type SimulatedOrder = {
  readonly id: number
  /** The caller's own id of it; null: none was given, or the caller is not to know of it. */
  readonly key: string | null
  readonly service: (typeof sold)[number]
  /** Digits. */
  readonly phone: string
  readonly cost: Amount
  readonly at: Date
  readonly endsAt: Date
  state: 'open' | 'refunded' | 'charged'
  /** Whether another code was asked for since the last. */
  wantsMore: boolean
  /** When a code comes by itself; null: none does. */
  codeAt: Date | null
  readonly sms: SimulatedSms[]
}

export type Wanted = {
  readonly service: string
  readonly country: string
  readonly key: string | null
  readonly maxPrice: Amount | null
  /** Prefixes that are not wanted. */
  readonly except: readonly string[]
}

export type MarketTerms = {
  readonly price: Amount
  readonly balance: Amount
  /** How many numbers it has; those that were sold are gone. */
  readonly numbers: number
  /** How long after an order its code comes; null: none comes by itself. */
  readonly codeAfterS: number | null
  now(): Date
}

export type Market = {
  readonly terms: MarketTerms
  readonly orders: Map<number, SimulatedOrder>
  balance: Amount
  numbers: number
  /** Phones that were made up so far. */
  used: number
  nextId: number
}

/** Opens a market. What it does wrong is told with each request. */
export const openMarket = (terms: MarketTerms): Market => ({
  ...{ terms, orders: new Map(), balance: terms.balance, numbers: terms.numbers },
  ...{ used: 0, nextId: 700_000_001 },
})

/** All orders, the oldest first. */
export function ordersAt(market: Market, conduct: Conduct): readonly SimulatedOrder[] {
  catchUp(market, conduct)
  return [...market.orders.values()]
}

/** @returns undefined if it never sold that */
export function orderAt(market: Market, id: number, conduct: Conduct): SimulatedOrder | undefined {
  catchUp(market, conduct)
  return market.orders.get(id)
}

export const balanceAt = (market: Market, conduct: Conduct): Amount =>
  conduct.has('dry') ? 0n : market.balance

/** How many numbers its price list shows. */
export const stockAt = (market: Market, conduct: Conduct): number =>
  conduct.has('empty') ? 0 : Math.max(0, market.numbers)

/** Sells a number. @returns the order, or the word that refuses it */
export function buyAt(market: Market, wanted: Wanted, conduct: Conduct): SimulatedOrder | string {
  const { price } = market.terms
  const service = sold.find(({ code }) => code === wanted.service)
  if (!service) return 'BAD_SERVICE'
  if (wanted.country !== countryCode) return 'BAD_COUNTRY'
  const known = [...market.orders.values()].find(({ key }) => key !== null && key === wanted.key)
  if (known) return known.state === 'open' ? known : 'ORDER_ALREADY_EXISTS'
  if (conduct.has('empty') || conduct.has('lies') || market.numbers <= 0) return 'NO_NUMBERS'
  if (wanted.maxPrice !== null && wanted.maxPrice < price) return 'WRONG_MAX_PRICE'
  if (conduct.has('dry') || market.balance < price) return 'NO_BALANCE'
  // All of its numbers begin alike.
  if (wanted.except.some((one) => one !== '' && `44${towns[0]}`.startsWith(one)))
    return 'NO_NUMBERS'
  const order = sell(market, service, wanted.key, conduct)
  if (conduct.has('twice')) sell(market, service, null, conduct)
  return order
}

/** A message arrives at the newest order of a number. */
export function textAt(market: Market, phone: string, wording: string): void {
  const order = [...market.orders.values()].findLast((one) => one.phone === phone)
  if (order) receive(market, order, wording)
}

/** @returns the word that answers it */
export function cancelAt(market: Market, order: SimulatedOrder, conduct: Conduct): string {
  if (conduct.has('early')) return 'EARLY_CANCEL_DENIED'
  if (conduct.has('keeps') || order.sms.length > 0) return 'BAD_STATUS'
  if (order.state !== 'open') return 'ACCESS_CANCEL'
  close(market, order)
  if (conduct.has('late')) order.codeAt = codeTime(market)
  return 'ACCESS_CANCEL'
}

/** @returns the word that answers it */
export function finishAt(market: Market, order: SimulatedOrder): string {
  if (order.state !== 'open' || order.sms.length === 0) return 'BAD_STATUS'
  close(market, order)
  return 'ACCESS_ACTIVATION'
}

/** @returns the word that answers it */
export function resendAt(market: Market, order: SimulatedOrder): string {
  if (order.state !== 'open' || order.sms.length === 0) return 'BAD_STATUS'
  order.wantsMore = true
  order.codeAt = codeTime(market)
  return 'ACCESS_RETRY_GET'
}

/** What has happened by itself since the last request. */
function catchUp(market: Market, conduct: Conduct): void {
  const now = market.terms.now()
  for (const order of market.orders.values()) {
    const isDue = order.codeAt !== null && order.codeAt <= now && !conduct.has('silent')
    if (isDue) receive(market, order, wordingFor(order))
    if (order.state === 'open' && order.endsAt <= now) close(market, order)
  }
}

function receive(market: Market, order: SimulatedOrder, wording: string): void {
  const code = /\d{3}[- ]?\d{3}|\d{4,8}/.exec(wording)?.[0].replace(/\D/g, '') ?? ''
  order.sms.push({ text: wording, code, at: market.terms.now() })
  order.wantsMore = false
  order.codeAt = null
  if (order.state !== 'refunded') return
  // It had confirmed a cancel.
  order.state = 'charged'
  market.balance -= order.cost
}

/** A number without a message is not charged. */
function close(market: Market, order: SimulatedOrder): void {
  const isCharged = order.sms.length > 0
  order.state = isCharged ? 'charged' : 'refunded'
  if (!isCharged) market.balance += order.cost
  order.codeAt = null
}

function sell(
  market: Market,
  service: SimulatedOrder['service'],
  key: string | null,
  conduct: Conduct,
): SimulatedOrder {
  const { price, now } = market.terms
  const at = now()
  const cost = conduct.has('dear') ? price * dearTimes : price
  const order: SimulatedOrder = {
    ...{ id: market.nextId++, key, service, phone: phoneFor(market, conduct), cost, at },
    endsAt: new Date(at.getTime() + windowS * 1000),
    ...{ state: 'open', wantsMore: false, codeAt: codeTime(market), sms: [] },
  }
  market.balance -= cost
  market.numbers--
  market.orders.set(order.id, order)
  return order
}

function codeTime({ terms }: Market): Date | null {
  const { codeAfterS, now } = terms
  return codeAfterS === null ? null : new Date(now().getTime() + codeAfterS * 1000)
}

function phoneFor(market: Market, conduct: Conduct): string {
  if (conduct.ourPhone !== null) return conduct.ourPhone
  const before = [...market.orders.values()].at(-1)
  if (conduct.has('same') && before) return before.phone
  const place = market.used++
  if (conduct.has('abroad')) return `1201555${String(100 + (place % 100)).padStart(4, '0')}`
  const town = towns[Math.floor(place / numbersATown) % towns.length]
  return `44${town}4960${String(place % numbersATown).padStart(3, '0')}`
}

const wordingFor = ({ service }: SimulatedOrder) =>
  `${randomInt(100_000, 1_000_000)} is your ${service.name} verification code.`
