// DaisySMS's batches: one request buys several numbers, each with a URL that shows its message.
import { DomainError } from '../../core/error.ts'
import { maxQuantity, type Order } from '../../core/orders/order.ts'
import { originOf } from '../../http/origin.ts'
import { answerPurchase, buyFirst } from './buy.ts'
import { type Call, countIn } from './call.ts'
import type { ResultLinks } from './links.ts'
import { selectionsIn } from './selection.ts'
import { standing } from './status.ts'
import { digits } from './wire.ts'

/** Below the dialect's prefix. */
export const reservePath = '/multi/reserve'
export const resultPath = '/multi/result'

/** Buys all of the numbers or none, but for those that suppliers are asked for and do not have. One line
 * each: `number----url`. */
export async function reserve(call: Call, links: ResultLinks): Promise<void> {
  const quantity = countIn(call.ask, 'count', { min: 1, max: maxQuantity, fallback: 1 })
  const selections = await selectionsIn(call)
  const base = `${originOf(call.app, call.request)}/stubs${resultPath}`
  const tokenOf = await links.teller()
  const lineOf = (order: Order) => `${digits(order)}----${base}/${tokenOf(order)}`
  await answerPurchase(
    call,
    (once) => buyFirst(call, selections, { once, quantity }),
    (orders) => orders.map(lineOf).join('\n'),
  )
}

/** What a URL shows: `WAITING`, then the latest message, or the next one if another was requested.
 * @throws order_not_found, account_suspended */
export async function result({ app, request }: Pick<Call, 'app' | 'request'>, links: ResultLinks) {
  const order = await links.orderOf((request.params as { token: string }).token)
  const account = await app.accounts.read(order.accountId)
  if (account.state !== 'active')
    throw new DomainError('account_suspended', 'The account is suspended.')
  const state = standing(order)
  if (state === 'cancelled') return 'STATUS_CANCEL'
  if (state !== 'received') return 'WAITING'
  const newest = (await app.messages.of(order.id)).at(-1)
  return { code: 200, message: 'success', data: newest?.text ?? '' }
}
