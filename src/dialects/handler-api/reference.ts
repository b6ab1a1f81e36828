// Reference data of this protocol's single path: its actions, parameters and examples.
import type { FastifyContextConfig } from 'fastify'
import { z } from 'zod'
import type { Example, RouteReference } from '../../http/openapi/reference.ts'
import { actions } from './actions.ts'
import { batchFailures } from './errors.ts'

const tag = 'handler_api'

export const tags = [
  {
    name: tag,
    description:
      'SMS-Activate’s protocol, for existing clients of it or of one of its many relatives: change ' +
      'the base URL to `/stubs/handler_api.php` and the key. The key needs the scope ' +
      '`handler-api`. Orders are the same as those of `/v1`.',
  },
]

const text = (description: string, example?: string) =>
  z
    .string()
    .optional()
    .meta(example === undefined ? { description } : { description, examples: [example] })

/** All parameters that the actions know. Others are ignored. */
const parameters = z.object({
  api_key: text('The key, if it is not sent in a header.'),
  action: text('The action to run.', 'getBalance'),
  service: text('A service’s code, such as `wa`; for rentals also `full`.'),
  country: text('A country’s id, such as `187`, or ISO 3166-1 alpha-2.'),
  operator: text('Operators, separated by commas; the first that has the service is used.'),
  maxPrice: text('The maximum price of a number, in the account’s currency.'),
  fixedPrice: text('`true`: only at exactly `maxPrice`.'),
  minPrice: text('The minimum price of a number.'),
  providerIds: text('Only these providers, separated by commas, as named by `getPricesV3`.'),
  exceptProviderIds: text('Providers to exclude, separated by commas.'),
  phoneException: text('Prefixes that the number must not have, separated by commas; at most 20.'),
  areas: text('Area codes to try in this order, separated by commas; at most 20.'),
  orderId: text('Your own id of the order, which is bought only once.'),
  multiService: text('2 to 5 services, separated by commas.'),
  activationType: text('`0`: SMS. There are no numbers for calls.'),
  id: text('An activation’s or a rental’s id.'),
  activationId: text('A past activation’s id.'),
  status: text('The status to set.'),
  freePrice: text('`true`: also return the stock at each price.'),
  start: text(
    'In getHistory the start in seconds since 1970; in lists of open activations the number to skip.',
  ),
  end: text('In getHistory the end in seconds since 1970.'),
  offset: text('The number of entries to skip.'),
  limit: text('The maximum number of entries, 1 to 100. `size` in getHistory and in getAllSms.'),
  size: text('The maximum number of entries, 1 to 100.'),
  length: text('The maximum number of entries, 1 to 100.'),
  page: text('The page, from 1.'),
  url: text(
    'Rentals only: an https URL at a public address that receives the messages as a webhook.',
  ),
  rent_time: text('Hours of a rental: 24, 72, 720. `duration` is accepted, too.'),
  needHistory: text('`true`: also return the payments for the rental so far.'),
})

const object = {
  activationId: '635468024',
  phoneNumber: '15550123456',
  activationCost: 0.4,
  currency: 840,
  countryCode: '187',
  countryPhoneCode: 1,
  canGetAnotherSms: '1',
  activationTime: '2026-11-20 09:30:00',
  activationEndTime: '2026-11-20 09:50:00',
  activationOperator: 'tmobile',
}

const examples: readonly Example[] = [
  { summary: 'getBalance', value: 'ACCESS_BALANCE:50.30' },
  { summary: 'getNumber', value: 'ACCESS_NUMBER:635468024:15550123456' },
  { summary: 'getNumberV2', value: object },
  { summary: 'getStatus', value: 'STATUS_OK:593821' },
  { summary: 'setStatus', value: 'ACCESS_ACTIVATION' },
  { summary: 'getPrices', value: { 187: { wa: { cost: 0.4, count: 120, physicalCount: 120 } } } },
  {
    summary: 'getRentNumber',
    value: {
      status: 'success',
      phone: { id: 1049, endDate: '2026-11-23T09:30:00', number: '15550123456' },
      ...object,
    },
  },
]

const answers: RouteReference['answers'] = {
  200: {
    description: 'Bare text or JSON, depending on the action. Most failures are bare text.',
    examples,
    contentTypes: ['text/plain', 'application/json'],
  },
  204: {
    description: 'Success of finishActivation and cancelActivation.',
    examples: [],
    contentTypes: [],
  },
}

const list = Object.entries(actions)
  .map(([name, what]) => `- \`${name}\`: ${what}`)
  .join('\n')

const description =
  'One path for everything: `action` says what to do; parameters come in the query, a form or JSON. The ' +
  'key comes as `api_key`, as `Authorization: ApiKey KEY` or `Bearer KEY`, or as `X-ApiKey`. Failures are ' +
  `bare tokens with 200; a key can be created to get JSON with real status codes instead.\n\n${list}`

const ofBuying = [
  'service_not_found',
  'country_not_found',
  'out_of_stock',
  'price_above_maximum',
  'insufficient_balance',
  'too_many_open_orders',
  'too_many_cancelled',
] as const

/** The reference data of a route. */
export function routeOf(method: 'GET' | 'POST', path: string) {
  const config: FastifyContextConfig = {
    scope: 'handler-api',
    reference: {
      answers,
      once: true,
      failures: [
        ...ofBuying,
        'order_not_found',
        'cancel_cooldown',
        'supplier_rejected',
        'supply_pending',
        'order_not_cancellable',
        'order_not_repeatable',
      ],
    },
  }
  const isPhp = path.endsWith('.php')
  return {
    config,
    schema: {
      operationId: `handlerApi${method === 'GET' ? 'Get' : 'Post'}${isPhp ? 'Php' : ''}`,
      tags: [tag],
      summary: `Call an action by ${method}`,
      description: isPhp ? description : 'The same as with `.php` at its end.',
      querystring: parameters,
      response: {
        200: z.union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())]),
        204: z.null(),
      },
    },
  }
}

const token = '635468024-3q2-7wEjRWeJq83vASNFZw'
const line = '15550123456----https://numlet.example/stubs/multi/result/'

/** The reference data of the batches. */
export function reserveOf(method: 'GET' | 'POST') {
  const reference: RouteReference = {
    answers: {
      200: {
        description: 'A line for each number. Most failures are bare text.',
        examples: [{ summary: 'Two numbers', value: `${line}${token}\n${line}${token}` }],
        contentTypes: ['text/plain'],
      },
    },
    once: true,
    failures: ofBuying,
  }
  const config: FastifyContextConfig = { scope: 'handler-api', failures: batchFailures, reference }
  return {
    config,
    schema: {
      operationId: `handlerApiReserve${method === 'GET' ? '' : 'Post'}`,
      tags: [tag],
      summary: `Buy several numbers by ${method}`,
      description:
        'DaisySMS’s batches: all of the numbers or none. Each line is `number----url`. The URL shows ' +
        'the message and needs no key. All parameters of `getNumber` are accepted.' +
        'understands is understood here, too.',
      querystring: parameters
        .pick({ api_key: true, country: true, operator: true, areas: true, orderId: true })
        .extend({
          apikey: text('The key, under DaisySMS’s name.'),
          service: text('A service’s code.', 'wa'),
          count: text('The number of numbers, 1 to 20; by default 1.', '2'),
          max_price: text('The maximum price of each, in the account’s currency.'),
        }),
      response: { 200: z.string() },
    },
  }
}

const resultReference: RouteReference = {
  answers: {
    200: {
      description: 'The latest message as JSON. Other states and failures are bare text.',
      examples: [
        { summary: 'Nothing yet', value: 'WAITING' },
        {
          summary: 'A message',
          value: { code: 200, message: 'success', data: 'Your WhatsApp code: 593-821' },
        },
        { summary: 'Cancelled or expired without a message', value: 'STATUS_CANCEL' },
      ],
      contentTypes: ['text/plain', 'application/json'],
    },
  },
  failures: ['order_not_found', 'account_suspended'],
}

export const resultRoute = {
  config: { scope: null, reference: resultReference } satisfies FastifyContextConfig,
  schema: {
    operationId: 'handlerApiResult',
    tags: [tag],
    summary: 'Get the message of a number',
    description: 'Anyone with the URL can call it, until a day after the order ends.',
    params: z.object({
      token: z
        .string()
        .meta({ description: 'The token in the URL of the number.', examples: [token] }),
    }),
    response: {
      200: z.union([
        z.string(),
        z.object({ code: z.literal(200), message: z.literal('success'), data: z.string() }),
      ]),
    },
  },
}
