// ZapOTP, as the suite that every dialect passes asks and reads it.
import type { Reply } from '../../harness/server.ts'
import type { DialectDriver, Failure, OrderState } from '../driver.ts'

const base = '/zapotp/account/api/v1'
const error = (status: number, message: string): Failure => ({
  status,
  body: { status: 'error', message },
})
const states: Record<string, OrderState> = {
  PENDING: 'waiting',
  RECEIVED: 'received',
  FINISHED: 'received',
  CANCELED: 'refunded',
}
const dataOf = ({ body }: Reply) => body.data as Record<string, unknown>

export const driver: DialectDriver = {
  name: 'zapotp',
  ask: {
    balance: () => ({ method: 'GET', path: `${base}/user` }),
    buy: ({ slug, country }) => ({
      method: 'POST',
      path: `${base}/rent`,
      body: { action: 'rent', service: slug, country, provider: 'global', duration: 'generic' },
    }),
    order: (id) => ({ method: 'GET', path: `${base}/sms?order_id=${id}` }),
    cancel: (id) => ({ method: 'POST', path: `${base}/cancel`, body: { order_id: id } }),
    nothing: () => ({ method: 'GET', path: `${base}/nothing.php` }),
    wrongMethod: () => ({ method: 'DELETE', path: `${base}/user` }),
    wrongField: () => ({
      method: 'POST',
      path: `${base}/rent`,
      body: { action: 'rent', service: 7, country: 'US' },
    }),
  },
  read: {
    balance: (reply) => dataOf(reply).balance as number,
    bought: (reply) => ({
      id: dataOf(reply).order_id as string,
      phone: `+${dataOf(reply).number}`,
      price: dataOf(reply).price as number,
    }),
    order: (reply) => ({
      state: states[dataOf(reply).status as string] as OrderState,
      code: dataOf(reply).sms_code as string | null,
    }),
  },
  succeeds: { bought: 200 },
  fails: {
    unauthenticated: error(401, 'Invalid API key'),
    noMoney: error(402, 'Insufficient balance'),
    noStock: error(409, 'No numbers available'),
    noOrder: error(404, 'Order not found'),
    notCancellable: error(409, 'Order cannot be canceled'),
    inCooldown: error(409, 'Order cannot be canceled yet. Try again in 120 seconds.'),
    rateLimited: error(429, 'Rate limit exceeded'),
    wrongField: error(422, 'service must be text'),
    malformedBody: error(400, 'Malformed JSON body'),
    wrongType: error(415, 'Content-Type must be application/json'),
    tooLarge: error(413, 'Request body too large'),
    nothing: error(404, 'Not found'),
    wrongMethod: error(405, 'Method not allowed'),
    otherRequest: error(422, 'Idempotency-Key was used with another request'),
  },
}
