// The actions for rentals: a number for days.
import { keyIdOf } from '../../core/accounts/principal.ts'
import type { OperatorPrice, PriceFilter } from '../../core/catalog/prices.ts'
import { DomainError } from '../../core/error.ts'
import { amountAsNumber } from '../../core/money.ts'
import type { Rental } from '../../core/orders/buying/rent.ts'
import type { Order } from '../../core/orders/order.ts'
import { rentNumber } from '../../http/buy-numbers.ts'
import { groupInPieces, inPieces } from '../../http/pieces.ts'
import { annotationsIn, answerPurchase } from './buy.ts'
import { type Action, type Call, countIn, type Purchase, rental, sizeIn } from './call.ts'
import { invalidTime, refused } from './errors.ts'
import { operatorFor, sumOf } from './market.ts'
import { codeOf, currencyNumber, findCountry, findRentedService, idOf } from './names.ts'
import { format } from './push.ts'
import { assertSms, countryWanted, selectionOf } from './selection.ts'
import { notCancelled } from './status.ts'
import { activation, digits, number, time } from './wire.ts'

export const hourS = 3_600
/** The protocol's shortest rental; shorter requests, such as its default of 2 hours, mean this. */
const minHours = 24

/** The requested duration, or null. */
export function lengthIn({ ask }: Call): number | null {
  const text = ask.get('rent_time') ?? ask.get('duration') ?? ask.get('hours')
  if (text === undefined) return null
  if (!/^[1-9]\d{0,4}$/.test(text)) throw invalidTime()
  return Math.max(Number(text), minHours) * hourS
}

/** Rentals of operators that have stock. */
async function rentalsAt({ app, caller }: Call, place: Omit<PriceFilter, 'currency' | 'kind'>) {
  const { currency } = caller
  const prices = await app.catalog.pricesByOperator({ currency, kind: 'rental', ...place })
  return prices.filter((price) => price.stock > 0)
}

/** Offers of one duration: the requested one, otherwise the shortest available. */
function ofLength(offers: readonly OperatorPrice[], durationS: number | null): OperatorPrice[] {
  const wanted = durationS ?? Math.min(...offers.map((offer) => offer.durationS))
  return offers.filter((offer) => offer.durationS === wanted)
}

/** What can be rented for a duration: countries, operators and services. */
export const getRentServicesAndCountries: Action = async (call) => {
  const { app, caller } = call
  const country = await countryWanted(call)
  const durationS = lengthIn(call)
  const here = ofLength(await rentalsAt(call, { country: country ?? undefined }), durationS)
  const catalog = await app.catalog.current()
  const operatorId = country === null ? null : await operatorFor(call, { kind: 'rental', country })
  const offered = here.filter((offer) => operatorId === null || offer.operatorId === operatorId)
  if (offered.length === 0)
    throw refused('No rentals are available.', { token: 'OUT_OF_STOCK', hero: [404] })
  const countries = await app.catalog.countriesWithRentals(durationS)
  const operators = new Set(here.map((offer) => catalog.operator(offer.operatorId)?.slug ?? 'any'))
  const services: Record<string, object> = {}
  await inPieces([...(await groupInPieces(offered, (offer) => offer.serviceId))], ([id, same]) => {
    services[codeOf(catalog.service(id))] = rentCell(same)
  })
  return {
    countries: indexed(countries.map((code) => idOf(catalog.country(code))).sort((a, b) => a - b)),
    operators: indexed([...operators, 'any']),
    services,
    currency: currencyNumber(caller.currency),
  }
}

export const indexed = <T>(list: readonly T[]) => Object.fromEntries(list.map((one, i) => [i, one]))

/** The price and the stock, with the field names of two generations of clients. */
function rentCell(offers: readonly OperatorPrice[]) {
  const { price, stock } = sumOf(offers)
  const cost = amountAsNumber(price)
  return { cost, quant: stock, price: cost, retail_price: cost, quantity: stock }
}

/** Prices and stock by country and duration in hours. */
export const serviceCountRent: Action = async (call) => {
  const service = await findRentedService(call.app, call.ask.get('service'))
  const country = await findCountry(call.app, call.ask)
  const catalog = await call.app.catalog.current()
  const prices = await call.app.catalog.pricesByOperator({
    currency: call.caller.currency,
    kind: 'rental',
    serviceId: service.id,
    country: country?.code,
  })
  const table: Record<string, Record<string, { price: number; count: number }>> = {}
  const cells = await groupInPieces(prices, (one) => `${one.country} ${one.durationS}`)
  await inPieces([...cells.values()], (same) => {
    const { country: code, durationS } = same[0] as OperatorPrice
    const row = String(idOf(catalog.country(code)))
    const { price, stock } = sumOf(same)
    const cell = { price: amountAsNumber(price), count: stock }
    table[row] = { ...table[row], [String(durationS / hourS)]: cell }
  })
  return table
}

/** A rental in the formats of both generations of clients. */
export async function rentalAnswer(call: Call, order: Order) {
  const endDate = order.expiresAt.toISOString().slice(0, 19)
  return {
    status: 'success',
    phone: { id: number(order), endDate, number: digits(order) },
    ...activation(await call.app.catalog.current(), order),
  }
}

export const getRentNumber: Purchase = async (call) => {
  const { app } = call
  assertSms(call)
  const service = await findRentedService(app, call.ask.get('service'))
  const selection = await selectionOf(call, 'rental', service)
  const durationS = lengthIn(call) ?? (await shortest(call, selection))
  const alongside = await webhookIn(call)
  await answerPurchase(
    call,
    (once) =>
      rentNumber(app, call.request, {
        ...{ durationS, once, selection, annotations: annotationsIn(call) },
        ...alongside,
      }),
    ([order]) => rentalAnswer(call, order as Order),
  )
}

/** Sends the rental's messages to the given URL, if there is one. */
async function webhookIn({ app, ask, caller }: Call): Promise<Pick<Rental, 'alongside'>> {
  const url = ask.get('url')
  if (url === undefined || url === '') return {}
  const { accountId } = caller
  const wanted = { accountId, url, format: format.name, keyId: keyIdOf(caller) } as const
  const alongside = await app.webhooks.forOrder(wanted).catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error
    throw refused(error.message, { token: 'WRONG_URL', hero: [422] }, error.detail)
  })
  return { alongside }
}

/** The shortest duration that is in stock. @throws out_of_stock */
async function shortest(
  call: Call,
  place: { readonly serviceId: number; country: string | null; operatorId: number | null },
): Promise<number> {
  const [offer] = ofLength(
    await rentalsAt(call, {
      serviceId: place.serviceId,
      country: place.country ?? undefined,
      operatorId: place.operatorId ?? undefined,
    }),
    null,
  )
  if (!offer) throw new DomainError('out_of_stock', 'No number is available.')
  return offer.durationS
}

/** Why a rental has nothing to show. */
const standings: Readonly<Record<string, string>> = {
  active: 'STATUS_WAIT_CODE',
  ended: 'STATUS_FINISH',
  cancelled: 'STATUS_CANCEL',
}

/** A page of a rental's messages, newest first; if there are none, the reason. */
export const getRentStatus: Action = async (call) => {
  const { app, ask } = call
  const order = await rental(call)
  const size = sizeIn(ask, 'size', { min: 1, max: 100, fallback: 10 })
  const page = countIn(ask, 'page', { min: 1, max: 10_000, fallback: 1 })
  if (order.messageCount === 0)
    return { status: 'error', message: standings[order.state] ?? 'STATUS_REVOKE' }
  const catalog = await app.catalog.current()
  const messages = await app.messages.page(order.id, { offset: (page - 1) * size, limit: size })
  return {
    status: 'success',
    quantity: String(order.messageCount),
    values: indexed(
      messages.map((message) => ({
        phoneFrom: message.sender,
        text: message.text ?? '',
        service: codeOf(catalog.service(message.serviceId ?? order.serviceId)),
        date: time(message.receivedAt),
      })),
    ),
  }
}

const rentEndings: ReadonlyMap<string, 'end' | 'cancel'> = new Map([
  ['1', 'end'],
  ['2', 'cancel'],
])

/** 1 ends a rental, 2 cancels it. */
export const setRentStatus: Action = async (call) => {
  const { app, caller, ask } = call
  const { id, state } = await rental(call)
  const verb = rentEndings.get(ask.get('status') ?? '')
  if (!verb) throw wrongStatus('INCORECT_STATUS')
  if (state === 'ended') throw wrongStatus('ALREADY_FINISH')
  if (state === 'cancelled') throw wrongStatus('ALREADY_CANCEL')
  try {
    await app.orders[verb]({ accountId: caller.accountId, id })
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'order_not_cancellable')) throw error
    throw notCancelled(await rental(call), 'CANT_CANCEL')
  }
  return { status: 'success' }
}

const wrongStatus = (token: string) =>
  refused('The rental cannot be set to this status.', { token, hero: [409] })

/** Active rentals. */
export const getRentList: Action = async ({ app, caller, ask }) => {
  const limit = sizeIn(ask, 'length', { min: 1, max: 100, fallback: 10 })
  const page = countIn(ask, 'page', { min: 1, max: 100, fallback: 1 })
  const orders = await app.orders.list({
    accountId: caller.accountId,
    kinds: ['rental'],
    states: ['active'],
    offset: (page - 1) * limit,
    limit,
  })
  if (orders.length === 0) return { status: 'error', message: 'NO_NUMBERS' }
  return {
    status: 'success',
    values: indexed(
      orders.map((order) => ({
        ...{ id: String(order.id), phone: digits(order) },
        ...(order.reference === null ? {} : { orderId: order.reference }),
      })),
    ),
  }
}
