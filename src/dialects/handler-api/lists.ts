// The actions that list activations: open ones, and those of a period.
import type { Catalog } from '../../core/catalog/catalog.ts'
import { amountAsNumber } from '../../core/money.ts'
import type { Order } from '../../core/orders/order.ts'
import { type Action, type Call, countIn, sizeIn } from './call.ts'
import { refused } from './errors.ts'
import { currencyNumber, idOf } from './names.ts'
import { countryOf, digits, number, oneLine, serviceCode, statusNumber, time } from './wire.ts'

const page = { min: 1, max: 100, fallback: 100 }
/** Older ones are listed by period. */
const offset = { min: 0, max: 10_000, fallback: 0 }
/** More than any account has open; such a list is counted as a whole. */
const maxOpen = 1_000
const maxHistoryS = 30 * 86_400

function activeAnswer(catalog: Catalog, order: Order) {
  const country = countryOf(catalog, order)
  return {
    activationId: String(order.id),
    serviceCode: serviceCode(catalog, order),
    phoneNumber: digits(order),
    activationCost: amountAsNumber(order.price),
    activationStatus: statusNumber(order),
    activationTime: time(order.createdAt),
    discount: '0.00',
    repeated: '0',
    countryCode: String(idOf(country)),
    countryName: country?.name ?? '',
    canGetAnotherSms: '1',
    currency: currencyNumber(order.currency),
    // By which a caller whose purchase had no answer finds its order.
    ...(order.reference === null ? {} : { orderId: order.reference }),
  }
}

const open = {
  kind: 'activation',
  states: ['waiting', 'received'],
} as const

/** Open activations, newest first, with the field names of two generations of clients. */
export const getActiveActivations: Action = async (call) => {
  const { app, caller, ask } = call
  const orders = await app.orders.list({
    accountId: caller.accountId,
    ...open,
    offset: countIn(ask, 'start', offset),
    limit: sizeIn(ask, 'limit', page),
  })
  if (orders.length === 0) return 'NO_ACTIVATIONS'
  const catalog = await app.catalog.current()
  const listed = await Promise.all(
    orders.map(async (order) => ({
      answer: activeAnswer(catalog, order),
      messages: await app.messages.of(order.id),
    })),
  )
  return {
    status: 'success',
    activeActivations: listed.map(({ answer, messages }) => ({
      ...answer,
      smsCode: orNull(messages.flatMap((one) => one.code ?? [])),
      smsText: messages.length === 0 ? null : `[${messages.map(oneLine).join(', ')}]`,
    })),
    data: listed.map(({ answer, messages }) => ({
      ...answer,
      smsCode: messages.findLast((one) => one.code !== null)?.code ?? null,
      smsText: messages.at(-1)?.text ?? null,
    })),
  }
}

/** The same list in the format of the first client library: a page, the total, and whether more follow. */
export const getListOfActiveActivations: Action = async ({ app, caller, ask }) => {
  const start = countIn(ask, 'start', offset)
  const length = sizeIn(ask, 'length', { ...page, fallback: 10 })
  const orders = await app.orders.list({
    accountId: caller.accountId,
    ...open,
    limit: maxOpen,
  })
  if (orders.length === 0) return 'NO_ACTIVATIONS'
  const catalog = await app.catalog.current()
  return {
    status: 'success',
    data: orders.slice(start, start + length).map((order) => ({
      id: number(order),
      forward: 0,
      phone: Number(digits(order)),
      service: serviceCode(catalog, order),
      country: idOf(countryOf(catalog, order)),
      createDate: secondsOf(order.createdAt),
      finishDate: secondsOf(order.expiresAt),
    })),
    quant: orders.length,
    existNext: orders.length > start + length,
  }
}

const secondsOf = (time: Date) => Math.floor(time.getTime() / 1000)

const orNull = <T>(list: readonly T[]) => (list.length === 0 ? null : list)

/** Activations of a period of at most 30 days, newest first. */
export const getHistory: Action = async (call) => {
  const { app, caller, ask } = call
  const orders = await app.orders.list({
    accountId: caller.accountId,
    kinds: ['activation'],
    numbered: true,
    ...timesIn(call),
    offset: countIn(ask, 'offset', offset),
    limit: sizeIn(ask, ask.has('size') ? 'size' : 'limit', page),
  })
  return Promise.all(
    orders.map(async (order) => ({
      id: number(order),
      date: time(order.createdAt),
      phone: digits(order),
      sms: JSON.stringify((await app.messages.of(order.id)).map((one) => one.text ?? '')),
      cost: amountAsNumber(order.price),
      status: statusNumber(order),
      currency: currencyNumber(order.currency),
    })),
  )
}

/** Start and end in seconds since 1970; by default the last 30 days. */
function timesIn({ app, ask }: Call): { since: Date; until: Date } {
  const nowS = Math.floor(app.now().getTime() / 1000)
  const end = secondsIn(ask.get('end'), nowS)
  const start = secondsIn(ask.get('start'), end - maxHistoryS)
  if (start > end || end - start > maxHistoryS) throw wrongDate()
  // The end is inclusive.
  return { since: new Date(start * 1000), until: new Date((end + 1) * 1000) }
}

function secondsIn(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (!/^\d{1,11}$/.test(text)) throw wrongDate()
  return Number(text)
}

const wrongDate = () =>
  refused('Times must be seconds since 1970, at most 30 days apart.', {
    token: 'WRONG_DATE',
    hero: [422],
  })
