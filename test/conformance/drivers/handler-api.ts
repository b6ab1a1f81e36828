// handler_api, as the suite that every dialect passes drives it.
import type { DialectDriver, Failure, OrderState } from '../driver.ts'

const path = '/stubs/handler_api.php'
const get = (query: string) => ({ method: 'GET', path: `${path}?${query}` })
const post = (body: object) => ({ method: 'POST', path, body })
/** Refusals are bare words, and a success as far as HTTP goes. */
const says = (body: string, status = 200): Failure => ({ status, body })

const states: Record<string, OrderState> = {
  STATUS_WAIT_CODE: 'waiting',
  STATUS_OK: 'received',
  STATUS_CANCEL: 'refunded',
}

export const driver: DialectDriver = {
  name: 'handler_api',
  scopes: ['handler-api'],
  rateLimit: 3_000,
  // It names no service, so it counts as a whole list and is refused before one is read.
  heavy: { ask: get('action=serviceCountRent'), weight: 10 },
  ask: {
    balance: () => get('action=getBalance'),
    buy: ({ slug, country }) => post({ action: 'getNumberV2', service: slug, country }),
    order: (id) => get(`action=getStatus&id=${id}`),
    cancel: (id) => post({ action: 'setStatus', status: 8, id }),
    finish: (id) => post({ action: 'setStatus', status: 6, id }),
    nothing: () => ({ method: 'GET', path: '/stubs/nothing' }),
    wrongMethod: () => ({ method: 'DELETE', path }),
    wrongField: () => post({ action: 'getNumberV2', service: 'nonsense' }),
  },
  read: {
    balance: ({ body }) => Number(String(body).replace('ACCESS_BALANCE:', '')),
    bought: ({ body }) => ({
      id: body.activationId as string,
      phone: `+${body.phoneNumber as string}`,
      price: body.activationCost as number,
    }),
    order: ({ body }) => {
      const [word = '', code] = String(body).split(':')
      return { state: states[word] as OrderState, code: code ?? null }
    },
  },
  succeeds: { bought: 200 },
  fails: {
    unauthenticated: says('BAD_KEY'),
    noMoney: says('NO_BALANCE'),
    noStock: says('NO_NUMBERS'),
    noOrder: says('NO_ACTIVATION'),
    notFinishable: { status: 200, body: 'BAD_STATUS' },
    notCancellable: says('BAD_STATUS'),
    inCooldown: says('EARLY_CANCEL_DENIED'),
    rateLimited: says('TOO_MANY_REQUESTS', 429),
    wrongField: says('BAD_SERVICE'),
    malformedBody: says('BAD_REQUEST', 400),
    wrongType: says('UNSUPPORTED_MEDIA_TYPE', 415),
    tooLarge: says('PAYLOAD_TOO_LARGE', 413),
    nothing: says('NOT_FOUND', 404),
    wrongMethod: says('METHOD_NOT_ALLOWED', 405),
    otherRequest: says('ORDER_ALREADY_EXISTS', 422),
  },
}
