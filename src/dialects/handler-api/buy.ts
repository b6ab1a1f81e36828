// The actions that buy activations: one number, several services on one number, a past number again.
import { createHash } from 'node:crypto'
import type { App } from '../../app.ts'
import { type Annotations, annotationLimits, noAnnotations } from '../../core/annotations.ts'
import { DomainError } from '../../core/error.ts'
import {
  type FirstAnswer,
  isRepeated,
  type Once,
  type Repeated,
} from '../../core/idempotency/idempotency.ts'
import { amountAsNumber, formatAmount } from '../../core/money.ts'
import { hasNumber } from '../../core/orders/buying/await-numbers.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import { servicesPerOrder } from '../../core/orders/buying/multi-service.ts'
import type { Selection } from '../../core/orders/buying/selection.ts'
import type { Order } from '../../core/orders/order.ts'
import { buyNumbers, type NumberPurchase, rebuyNumber, usualWaitS } from '../../http/buy-numbers.ts'
import { answerOnce } from '../../http/once.ts'
import { type Action, type Call, orderIdIn, type Purchase } from './call.ts'
import { invalidTime, refused } from './errors.ts'
import { operatorFor } from './market.ts'
import { codeOf, currencyNumber, findService, idOf, listed } from './names.ts'
import { keyNames } from './params.ts'
import { assertSms, belowTheLowest, countryWanted, selectionsIn } from './selection.ts'
import { activation, countryOf, digits, serviceCode } from './wire.ts'

type Done = { readonly orders: readonly Order[] }
type Body = string | object

/** `ACCESS_NUMBER:id:phone` */
const numberText = (order: Order) => `ACCESS_NUMBER:${order.id}:${digits(order)}`

const numberObject = async (call: Call, order: Order) =>
  activation(await call.app.catalog.current(), order)

/**
 * Runs a purchase once per Idempotency-Key and once per `orderId` of the caller; a second request with the
 * same `orderId` is refused.
 */
export async function answerPurchase(
  call: Call,
  run: (once: Once | null) => Promise<Done | Repeated>,
  render: (orders: readonly Order[]) => Body | Promise<Body>,
): Promise<void> {
  const { app, caller, request, reply, ask } = call
  const orderId = ask.get('orderId')
  const answer = async (orders: readonly Order[]) => {
    const [order] = orders
    if (order) reply.header('x-price', formatAmount(order.price, caller.decimals))
    return { status: 200, body: await render(orders) }
  }
  if (orderId !== undefined) {
    const orders = await boughtFor(call, onceForOrder(orderId), run)
    reply.send((await answer(orders)).body)
    return
  }
  await answerOnce<Done>(app, request, reply, {
    identity: [...ask].filter(([name]) => !keyNames.includes(name)).sort(),
    run,
    render: ({ orders }) => answer(orders),
    renderAgain: async ({ subjectIds }: FirstAnswer) =>
      answer((await app.orders.byId(subjectIds)).filter(hasNumber).sort(byId)),
  })
}

/** Buys once for an id of the caller's; again if nothing has come of the first time.
 * @throws ORDER_ALREADY_EXISTS while an order stands for it that has or may get a number */
async function boughtFor(
  { app, caller: { accountId } }: Call,
  once: Once,
  run: (once: Once) => Promise<Done | Repeated>,
): Promise<readonly Order[]> {
  const done = await run(once)
  if (!isRepeated(done)) return done.orders
  if (!(await isFree(app, accountId, once))) throw alreadyThere()
  const again = await run(once)
  if (isRepeated(again)) throw alreadyThere()
  return again.orders
}

/** Whether nothing stands that was bought with a key; then the key is forgotten. */
async function isFree(app: App, accountId: number, once: Once): Promise<boolean> {
  const first = await app.idempotency.firstAnswer(accountId, once)
  if (first === null) return true
  const ids = first.subjectIds
  if (ids.length > 0 && (await app.orders.stand(accountId, ids, { waits: false }))) return false
  await app.idempotency.forget(accountId, once, first)
  return true
}

const byId = (a: Order, b: Order) => (a.id < b.id ? -1 : 1)

/** The caller's own id of an order: only one purchase is made with it, whatever else differs. */
function onceForOrder(orderId: string): Once {
  const fingerprint = createHash('sha256').update(`orderId ${orderId}`).digest()
  return { key: `orderId:${fingerprint.toString('hex')}`, fingerprint }
}

const alreadyThere = () =>
  refused('An order with this orderId already exists.', {
    token: 'ORDER_ALREADY_EXISTS',
    hero: [409],
  })

/** The caller's own id becomes the order's reference, if it can be one, and is shown in the lists. */
export function annotationsIn({ ask }: Pick<Call, 'ask'>): Annotations {
  const orderId = ask.get('orderId') ?? ''
  const isLine = /^[^\p{Cc}\p{Cs}]+$/u.test(orderId)
  const reference = isLine && orderId.length <= annotationLimits.reference ? orderId : null
  return { ...noAnnotations, reference }
}

const missing: readonly string[] = ['out_of_stock', 'offer_not_found']

/** Buys with the first selection that can be met. All of them share the time that a caller waits.
 * @throws the refusal of the last one */
export async function buyFirst(
  call: Call,
  selections: readonly Selection[],
  order: Pick<NumberPurchase, 'once' | 'quantity' | 'untilMs' | 'annotations'>,
): Promise<Bought> {
  const { app, caller, request } = call
  const [selection, ...rest] = selections as [Selection, ...Selection[]]
  const untilMs = performance.now() + usualWaitS * 1000
  try {
    return await buyNumbers(app, request, { selection, ...order })
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    if (rest.length > 0 && missing.includes(error.code)) {
      // @NOTE it may stand for an order of this selection, whose suppliers had no number
      if (order.once !== null) await isFree(app, caller.accountId, order.once)
      return buyFirst(call, rest, { untilMs, ...order })
    }
    if (error.code === 'price_above_maximum' && selection.serviceId !== null)
      throw await belowTheLowest(call, selection.serviceId, selection.country)
    throw error
  }
}

const buying =
  (render: (call: Call, order: Order) => Body | Promise<Body>): Purchase =>
  async (call) => {
    const selections = await selectionsIn(call)
    const annotations = annotationsIn(call)
    await answerPurchase(
      call,
      (once) => buyFirst(call, selections, { once, quantity: 1, annotations }),
      ([order]) => render(call, order as Order),
    )
  }

export const getNumber = buying((_call, order) => numberText(order))

export const getNumberV2 = buying(numberObject)

/** One number for several services: a separate activation for each. */
export const getMultiServiceNumber: Purchase = async (call) => {
  const { app, caller, ask } = call
  assertSms(call)
  const codes = listed(ask.get('multiService'))
  const { min, max } = servicesPerOrder
  if (new Set(codes).size !== codes.length || codes.length < min || codes.length > max)
    throw refused(`Send ${min} to ${max} different services.`, {
      token: 'NOT_AVAILABLE',
      hero: [422],
    })
  const services = await Promise.all(codes.map((code) => findService(app, code)))
  const country = await countryWanted(call)
  const place = { kind: 'activation', serviceId: services[0]?.id } as const
  const operatorId = country === null ? null : await operatorFor(call, { ...place, country })
  const catalog = await app.catalog.current()
  await answerPurchase(
    call,
    (once) =>
      app.orders.buyMultiService({
        accountId: caller.accountId,
        serviceIds: services.map((service) => service.id),
        country,
        operatorId,
        pool: null,
        isSplit: true,
        once,
      }),
    (orders) =>
      orders.map((order) => ({
        phone: digits(order),
        activation: String(order.id),
        service: serviceCode(catalog, order),
      })),
  )
}

const buyingAgain =
  (name: string, render: (call: Call, order: Order) => Body | Promise<Body>): Purchase =>
  async (call) => {
    const { app, caller, ask, request } = call
    const id = orderIdIn(call, name)
    const annotations = annotationsIn(call)
    // @NOTE HeroSMS sells hours here: a caller that asks for hours must not get, and pay for, minutes
    if (![undefined, String(minutesOf(app))].includes(ask.get('duration'))) throw invalidTime()
    await answerPurchase(
      call,
      (once) => rebuyNumber(app, request, { accountId: caller.accountId, id, once, annotations }),
      ([order]) => render(call, order as Order),
    )
  }

/** Buys the number of a past activation again, for the same service. */
export const getExtraActivation = buyingAgain('activationId', (_call, order) => numberText(order))

export const reactivate = buyingAgain('id', numberObject)

/** The price of the number of a past activation. */
export const checkExtraActivation: Action = async (call) => {
  const { app, caller } = call
  const id = orderIdIn(call, 'activationId')
  const { price, order } = await app.orders.quoteRebuy({ accountId: caller.accountId, id })
  const catalog = await app.catalog.current()
  return {
    status: 'success',
    cost: amountAsNumber(price),
    service: codeOf(catalog.service(order.serviceId)),
    phone: Number(digits(order)),
    country: idOf(countryOf(catalog, order)),
  }
}

export const reactivationPrice: Action = async (call) => {
  const { app, caller } = call
  const id = orderIdIn(call)
  const { price, currency } = await app.orders.quoteRebuy({ accountId: caller.accountId, id })
  return { data: { price: amountAsNumber(price), currency: currencyNumber(currency) } }
}

/** The durations for which a past number is offered: that of an activation. */
export const reactivateOptions: Action = async (call) => {
  const { app, caller } = call
  const id = orderIdIn(call)
  const { price } = await app.orders.quoteRebuy({ accountId: caller.accountId, id })
  const duration = { unit: 'minute', value: minutesOf(app) }
  return { data: { options: [{ price: amountAsNumber(price), duration }] } }
}

/** How long an activation waits. */
const minutesOf = (app: App) => Math.round(app.config.activationWindowS / 60)
