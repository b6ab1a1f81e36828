// 5sim v1, as the suite that every dialect passes drives it.
import type { DialectDriver, Failure, OrderState } from '../driver.ts'

const base = '/fivesim/v1'
const text = (status: number, body: string): Failure => ({ status, body })
const get = (path: string) => ({ method: 'GET', path: `${base}${path}` })

type Order = {
  readonly id: number
  readonly phone: string
  readonly price: number
  readonly status: string
  readonly sms: readonly { readonly code: string }[] | null
}

/** What the clients of 5sim make of an order: the messages tell whether one came, and not the status. */
function stateOf({ status, sms }: Order): OrderState {
  if (status === 'CANCELED' || status === 'TIMEOUT' || status === 'BANNED') return 'refunded'
  return sms?.some(({ code }) => code !== '') ? 'received' : 'waiting'
}

export const driver: DialectDriver = {
  name: '5sim',
  ask: {
    balance: () => get('/user/profile'),
    buy: ({ slug, country }) => get(`/user/buy/activation/${country.toLowerCase()}/any/${slug}`),
    order: (id) => get(`/user/check/${id}`),
    cancel: (id) => get(`/user/cancel/${id}`),
    finish: (id) => get(`/user/finish/${id}`),
    nothing: () => get('/nothing'),
    wrongMethod: () => ({ method: 'DELETE', path: `${base}/user/profile` }),
    wrongField: () => ({
      method: 'POST',
      path: `${base}/user/max-prices`,
      body: { product_name: '' },
    }),
    withBody: () => ({
      method: 'POST',
      path: `${base}/user/max-prices`,
      body: { product_name: 'telegram', price: 30 },
    }),
  },
  read: {
    balance: ({ body }) => body.balance as number,
    bought: ({ body }) => {
      const { id, phone, price } = body as unknown as Order
      return { id: String(id), phone, price }
    },
    order: ({ body }) => {
      const order = body as unknown as Order
      return { state: stateOf(order), code: order.sms?.at(-1)?.code ?? null }
    },
  },
  succeeds: { bought: 200 },
  fails: {
    unauthenticated: text(401, ''),
    noMoney: text(400, 'not enough user balance'),
    noStock: text(200, 'no free phones'),
    noOrder: text(404, 'order not found'),
    noOrderToCancel: text(400, 'order not found'),
    notFinishable: { status: 400, body: 'order no sms' },
    notCancellable: text(400, 'order has sms'),
    inCooldown: text(400, 'you need to wait time'),
    rateLimited: text(429, 'api limit is 3 requests per minute'),
    wrongField: text(400, 'product_name is empty'),
    malformedBody: text(400, 'malformed JSON body'),
    wrongType: text(415, 'Content-Type must be application/json'),
    tooLarge: text(413, 'body too large'),
    nothing: text(404, 'not found'),
    wrongMethod: text(405, 'method not allowed'),
    otherRequest: text(422, 'Idempotency-Key was used with another request'),
  },
}
