// Renewals of rentals: by their own duration, from their end, under the same id. HeroSMS says prolong.
import { DomainError } from '../../core/error.ts'
import { type Amount, amountAsNumber, formatAmount } from '../../core/money.ts'
import type { Order } from '../../core/orders/order.ts'
import { answerPurchase } from './buy.ts'
import { type Action, type Call, isSet, orderIdIn, type Purchase, rental } from './call.ts'
import { invalidTime } from './errors.ts'
import { currencyNumber } from './names.ts'
import { hourS, indexed, lengthIn, rentalAnswer } from './rent.ts'
import { time } from './wire.ts'

/** The most entries of a renewal's price history. */
const maxPayments = 100

/** Renews a rental by its duration from its end, under the same id. */
export const continueRentNumber: Purchase = async (call) => {
  const { app, caller } = call
  const id = orderIdIn(call)
  assertOwnLength(call, await rental(call))
  await answerPurchase(
    call,
    async (once) => {
      const renewed = await app.orders.renew({ accountId: caller.accountId, id, once })
      return 'repeated' in renewed ? renewed : { orders: [renewed] }
    },
    ([order]) => rentalAnswer(call, order as Order),
  )
}

/** A renewal is as long as the rental. */
function assertOwnLength(call: Call, order: Order) {
  const asked = lengthIn(call)
  if (asked !== null && asked !== order.durationS) throw invalidTime()
}

/** The current price of a renewal. @throws order_not_renewable */
async function renewalPrice({ app, caller }: Call, order: Order): Promise<Amount> {
  const [offer] = await app.catalog.offers({
    currency: caller.currency,
    id: order.offerId,
    limit: 1,
  })
  if (!offer) throw new DomainError('order_not_renewable', 'This rental is no longer offered.')
  return offer.price
}

export const continueRentInfo: Action = async (call) => {
  const { caller, ask } = call
  const order = await rental(call)
  assertOwnLength(call, order)
  return {
    status: 'success',
    price: amountAsNumber(await renewalPrice(call, order)),
    currency: currencyNumber(caller.currency),
    hours: hoursOf(order),
    ...(isSet(ask.get('needHistory')) ? { history: indexed(await priceHistory(call, order)) } : {}),
  }
}

const priceHistory = async (call: Call, order: Order) =>
  (await paymentsOf(call, order)).map((one) => ({
    ...one,
    price: formatAmount(one.price, call.caller.decimals),
  }))

const hoursOf = (order: Order) => (order.durationS ?? 0) / hourS

/** The payments for a rental, oldest first. */
async function paymentsOf({ app, caller }: Call, order: Order) {
  const lines = await app.money.statement({
    accountId: caller.accountId,
    orderId: order.id,
    limit: 2 * maxPayments,
  })
  return lines
    .filter((line) => line.kind === 'hold')
    .map((line) => ({
      createDate: time(line.createdAt),
      price: line.amount,
      hours: hoursOf(order),
    }))
    .toReversed()
}

export const getContinueRentPriceNumber: Action = async (call) => {
  const order = await rental(call)
  assertOwnLength(call, order)
  return {
    status: 'success',
    price: amountAsNumber(await renewalPrice(call, order)),
    currency: currencyNumber(call.caller.currency),
  }
}

/** The durations by which a rental can be renewed: its own. */
export const prolongOptions: Action = async (call) => {
  const order = await rental(call)
  const price = amountAsNumber(await renewalPrice(call, order))
  return { data: { options: [{ price, duration: { unit: 'hour', value: hoursOf(order) } }] } }
}

/** The payments for a rental, oldest first. */
export const prolongHistory: Action = async (call) => {
  const payments = await paymentsOf(call, await rental(call))
  return {
    data: payments.map(({ createDate, price, hours }) => ({
      userPrice: amountAsNumber(price),
      hours,
      createDate,
      payerType: 'client',
    })),
  }
}
