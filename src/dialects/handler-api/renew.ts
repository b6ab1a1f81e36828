// Renewals of rentals: by their own length, from their end, under their id. HeroSMS calls it prolonging.
import { listOffers } from '../../core/catalog/offers.ts'
import { DomainError } from '../../core/error.ts'
import { statement } from '../../core/ledger/statement.ts'
import { type Amount, amountAsNumber, formatAmount } from '../../core/money.ts'
import type { Order } from '../../core/orders/order.ts'
import { answerPurchase } from './buy.ts'
import { type Action, type Call, isSet, orderIdIn, type Purchase, rental } from './call.ts'
import { invalidTime } from './errors.ts'
import { currencyNumber } from './names.ts'
import { hourS, indexed, lengthIn, rentalAnswer } from './rent.ts'
import { time } from './wire.ts'

/** What a renewal's price history shows at most. */
const maxPayments = 100

/** A rental goes on by its own length from its end, under its id. */
export const continueRentNumber: Purchase = async (call) => {
  const { app, caller } = call
  const id = orderIdIn(call)
  assertOwnLength(call, await rental(call))
  await answerPurchase(
    call,
    async (once) => {
      const renewed = await app.renew(app.now(), { accountId: caller.accountId, id, once })
      app.watch.changed(id)
      return 'repeated' in renewed ? renewed : { orders: [renewed] }
    },
    ([order]) => rentalAnswer(call, order as Order),
  )
}

/** A renewal is as long as the rental was. */
function assertOwnLength(call: Call, order: Order) {
  const asked = lengthIn(call)
  if (asked !== null && asked !== order.durationS) throw invalidTime()
}

/** What a renewal would cost now. @throws order_not_renewable */
async function renewalPrice({ app, caller }: Call, order: Order): Promise<Amount> {
  const [offer] = await listOffers(app.db, {
    currency: caller.currency,
    id: order.offerId,
    limit: 1,
  })
  if (!offer) throw new DomainError('order_not_renewable', 'It is not offered any more.')
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

/** What was paid for a rental, the oldest first. */
async function paymentsOf({ app, caller }: Call, order: Order) {
  const lines = await statement(app.db, {
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

/** The lengths by which a rental could be renewed: its own. */
export const prolongOptions: Action = async (call) => {
  const order = await rental(call)
  const price = amountAsNumber(await renewalPrice(call, order))
  return { data: { options: [{ price, duration: { unit: 'hour', value: hoursOf(order) } }] } }
}

/** What was paid for a rental, the oldest first. */
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
