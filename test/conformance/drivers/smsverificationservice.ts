// smsVerificationService, as the suite that every dialect passes asks and reads it.
import { countries } from '../../../src/core/catalog/data/load.ts'
import type { DialectDriver, Failure, OrderState } from '../driver.ts'

const base = '/smsverificationservice/api/v1'
const error = (status: number, text: string): Failure => ({
  status,
  body: { success: false, error: text },
})
const states: Record<string, OrderState> = {
  pending: 'waiting',
  completed: 'received',
  cancelled: 'refunded',
}
/** The answer names no price: this is the one of the service that the suite makes for itself. */
const price = 0.5

type Data = Record<string, unknown>

const countryId = (code: string) => countries.find((row) => row.iso2 === code)?.number

export const driver: DialectDriver = {
  name: 'smsverificationservice',
  ask: {
    balance: () => ({ method: 'GET', path: `${base}/wallet/balance` }),
    buy: ({ id, country }) => ({
      method: 'POST',
      path: `${base}/order/global`,
      body: { service_id: id, country_id: countryId(country) },
    }),
    order: (id) => ({ method: 'GET', path: `${base}/order/${id}/status` }),
    cancel: (id) => ({ method: 'POST', path: `${base}/order/${id}/cancel` }),
    nothing: () => ({ method: 'GET', path: `${base}/nothing` }),
    wrongMethod: () => ({ method: 'DELETE', path: `${base}/balance` }),
    wrongField: () => ({
      method: 'POST',
      path: `${base}/order/temporary`,
      body: { service_id: 'whatsapp' },
    }),
  },
  read: {
    balance: ({ body }) => (body.data as Data).balance as number,
    bought: ({ body }) => {
      const data = body.data as Data
      return {
        id: String(data.order_id),
        phone: (data.phone as string).replaceAll(' ', ''),
        price,
      }
    },
    order: ({ body }) => {
      const data = body.data as Data
      return { state: states[data.status as string] as OrderState, code: data.otp as string | null }
    },
  },
  succeeds: { bought: 201 },
  fails: {
    unauthenticated: error(401, 'Invalid or missing API key'),
    noMoney: error(402, 'Insufficient balance'),
    noStock: error(404, 'Service not available'),
    noOrder: error(404, 'Order not found'),
    notCancellable: error(400, 'Order cannot be cancelled'),
    inCooldown: error(400, 'Order cannot be cancelled yet. Try again in 120 seconds.'),
    rateLimited: {
      status: 429,
      body: { error: 'Rate limit exceeded. Maximum 3 requests per minute.' },
    },
    wrongField: error(400, 'service_id must be an integer'),
    malformedBody: error(400, 'Malformed JSON body'),
    wrongType: error(415, 'Content-Type must be application/json'),
    tooLarge: error(413, 'Request body too large'),
    nothing: error(404, 'Not found'),
    wrongMethod: error(405, 'Method not allowed'),
    otherRequest: error(422, 'Idempotency-Key was used with another request'),
  },
}
