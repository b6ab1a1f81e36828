// The simulated platform's words: the protocol handler_api, as its family speaks it.
import { formatAmount, parseAmount } from '../../../core/money.ts'
import {
  balanceAt,
  buyAt,
  cancelAt,
  countryCode,
  finishAt,
  type Market,
  orderAt,
  ordersAt,
  resendAt,
  type SimulatedOrder,
  sold,
  stockAt,
} from './market.ts'
import type { Conduct } from './misbehaviour.ts'

const pageSize = 100

/** Answers a request whose key is right. */
export function answerTo(market: Market, query: URLSearchParams, conduct: Conduct): string {
  const action = query.get('action') ?? ''
  if (action === 'getBalance')
    return `ACCESS_BALANCE:${formatAmount(balanceAt(market, conduct), 4)}`
  if (action === 'getPrices') return JSON.stringify({ [countryCode]: pricesOf(market, conduct) })
  if (action === 'getNumber' || action === 'getNumberV2') return asked(market, query, conduct)
  if (action === 'getActiveActivations') return listed(market, query, conduct)
  if (action === 'getHistory') return history(market, query, conduct)
  const id = query.get('id') ?? ''
  const order = /^\d{1,12}$/.test(id) ? orderAt(market, Number(id), conduct) : undefined
  if (!['getStatus', 'getStatusV2', 'setStatus'].includes(action)) return 'BAD_ACTION'
  if (order === undefined) return 'NO_ACTIVATION'
  if (action === 'getStatus') return statusOf(order)
  return action === 'getStatusV2' ? textOf(order) : told(market, order, query, conduct)
}

const pricesOf = (market: Market, conduct: Conduct) =>
  Object.fromEntries(
    sold.map(({ code }) => [
      code,
      { cost: Number(formatAmount(market.terms.price, 4)), count: stockAt(market, conduct) },
    ]),
  )

function asked(market: Market, query: URLSearchParams, conduct: Conduct): string {
  const except = query.get('phoneException')?.split(',') ?? []
  const order = buyAt(
    market,
    {
      service: query.get('service') ?? '',
      country: query.get('country') ?? '',
      key: query.get('orderId'),
      maxPrice: parseAmount(query.get('maxPrice') ?? ''),
      except,
    },
    conduct,
  )
  if (typeof order === 'string') return order
  if (query.get('action') === 'getNumber') return `ACCESS_NUMBER:${order.id}:${order.phone}`
  const { id, phone, cost, at, endsAt } = order
  return JSON.stringify({
    ...{ activationId: id, phoneNumber: phone, activationCost: formatAmount(cost, 4) },
    ...{ currency: 840, countryCode, canGetAnotherSms: true, activationOperator: 'any' },
    ...{ activationTime: at.toISOString(), activationEndTime: endsAt.toISOString() },
  })
}

function statusOf(order: SimulatedOrder): string {
  const last = order.sms.at(-1)
  if (order.state === 'refunded') return 'STATUS_CANCEL'
  if (order.state === 'charged') return 'NO_ACTIVATION'
  if (last === undefined) return 'STATUS_WAIT_CODE'
  return order.wantsMore ? `STATUS_WAIT_RETRY:${last.code}` : `STATUS_OK:${last.code}`
}

function textOf({ sms }: SimulatedOrder): string {
  const last = sms.at(-1)
  const message = last && { dateTime: last.at.toISOString(), code: last.code, text: last.text }
  return JSON.stringify({ verificationType: 0, sms: message ?? null })
}

const states = { refunded: '8', charged: '6' } as const

function listed(market: Market, query: URLSearchParams, conduct: Conduct): string {
  const open = ordersAt(market, conduct).filter(({ state }) => state === 'open')
  const start = Number(query.get('start') ?? 0) || 0
  const entries = open.slice(start, start + pageSize).map((order) => {
    const codes = order.sms.map(({ code }) => code)
    return {
      ...{ activationId: order.id, serviceCode: order.service.code, countryCode },
      ...{ phoneNumber: order.phone, orderId: order.key },
      activationCost: formatAmount(order.cost, 4),
      activationStatus: codes.length === 0 ? '4' : order.wantsMore ? '3' : '2',
      smsCode: conduct.has('repeats') ? codes.flatMap((code) => [code, code]) : codes,
      smsText: order.sms.map(({ text }) => text),
      activationEndTime: order.endsAt.toISOString(),
    }
  })
  if (entries.length === 0) return 'NO_ACTIVATIONS'
  return JSON.stringify({ status: 'success', activeActivations: entries })
}

function history(market: Market, query: URLSearchParams, conduct: Conduct): string {
  const offset = Number(query.get('offset') ?? 0) || 0
  const over = ordersAt(market, conduct).filter(({ state }) => state !== 'open')
  return JSON.stringify(
    over.slice(offset, offset + pageSize).map(({ id, state, sms, cost }) => ({
      ...{ id, cost: formatAmount(cost, 4), sms: sms.map(({ text }) => text) },
      status: state === 'open' ? '4' : states[state],
    })),
  )
}

function told(market: Market, order: SimulatedOrder, query: URLSearchParams, conduct: Conduct) {
  switch (query.get('status')) {
    case '8':
      return cancelAt(market, order, conduct)
    case '6':
      return finishAt(market, order)
    case '3':
      return resendAt(market, order)
    default:
      return 'BAD_STATUS'
  }
}
