// What the reference says of the one path of this protocol: its actions, its parameters, and examples.
import type { FastifyContextConfig } from 'fastify'
import { z } from 'zod'
import type { Example, RouteReference } from '../../http/openapi/reference.ts'
import { batchFailures } from './errors.ts'

const tag = 'handler_api'

export const tags = [
  {
    name: tag,
    description:
      'SMS-Activate’s protocol, for clients written for it or for one of its many relatives: change ' +
      'their base URL to `/stubs/handler_api.php` and their key. It takes keys with the scope ' +
      '`handler-api`. Orders are the same as those of `/v1`.',
  },
]

/** What each action is for. */
export const actions = {
  getBalance: 'the balance',
  getBalanceAndCashBack: 'the balance; there is no cash-back',
  getNumbersStatus: 'numbers in stock by service',
  getCountries: 'countries with their ids',
  getServicesList: 'services with their codes',
  getOperators: 'operators by country',
  getListOfCountriesAndOperators: 'countries with their operators, and services by code',
  getPrices: 'prices and stock by country and service',
  getPricesExtended: 'the same; with `freePrice=true` also the stock at each price',
  getPricesV2: 'the stock at each price',
  getPricesV3: 'price and stock by provider, which is a pool here',
  getPricesVerification: 'prices and stock by service and country',
  getTopCountriesByService: 'a service’s countries, those with the most numbers first',
  getTopCountriesByServiceRank: 'the same',
  getListOfTopCountriesByService: 'where a service was bought lately, and how often its code came',
  getNumber: 'buys: `ACCESS_NUMBER:id:phone`',
  getNumberV2: 'buys, and answers an object; the same `orderId` is refused the second time',
  getMultiServiceNumber: 'buys one number for several services, an activation each',
  getExtraActivation: 'buys the number of a past activation once more',
  checkExtraActivation: 'what that would cost',
  reactivate: 'like getExtraActivation, and answers an object',
  reactivationPrice: 'what that would cost',
  reactivateOptions: 'the same, and for how long',
  setStatus: '1 ready, 3 one more code, 6 finish, 8 (or -1, or 10) cancel',
  getStatus: '`STATUS_WAIT_CODE`, `STATUS_WAIT_RETRY:code`, `STATUS_OK:code`, `STATUS_CANCEL`',
  getStatusV2: 'the newest message as an object',
  getFullSms: 'the newest message’s text',
  getAllSms: 'all messages of an activation that is open',
  finishActivation: 'finishes, and answers 204',
  cancelActivation: 'cancels, and answers 204',
  getActiveActivations: 'open activations',
  getListOfActiveActivations: 'the same, and how many there are',
  getHistory: 'activations of at most 30 days',
  getRentServicesAndCountries: 'what can be rented for a time',
  serviceCountRent: 'prices and stock of rentals by country and hours',
  getRentNumber: 'rents',
  getRentStatus: 'a rental’s messages',
  setRentStatus: '1 ends a rental, 2 cancels it',
  getRentList: 'rentals that run',
  continueRentNumber: 'renews a rental',
  continueRentInfo: 'what that would cost',
  getContinueRentPriceNumber: 'what that would cost',
  prolong: 'renews a rental',
  prolongOptions: 'what that would cost, and for how long',
  prolongHistory: 'what was paid for a rental',
} as const

const text = (description: string, example?: string) =>
  z
    .string()
    .optional()
    .meta(example === undefined ? { description } : { description, examples: [example] })

/** Everything that the actions understand. What else is sent is not looked at. */
const parameters = z.object({
  api_key: text('The key, where it is in no header.'),
  action: text('What is to be done.', 'getBalance'),
  service: text('A service’s code, such as `wa`; for rentals also `full`.'),
  country: text('A country’s id, such as `187`; ISO 3166-1 alpha-2 is understood, too.'),
  operator: text('Operators with commas; the first that has the service is taken.'),
  maxPrice: text('The most that a number may cost, in the account’s currency.'),
  fixedPrice: text('`true`: at `maxPrice` and no other price.'),
  minPrice: text('The least that a number may cost.'),
  providerIds: text('Providers with commas, as `getPricesV3` names them: of no others.'),
  exceptProviderIds: text('Providers with commas: of none of these.'),
  phoneException: text('Prefixes that the number must not have, with commas; at most 20.'),
  areas: text('Area codes with commas, in the order in which they are tried; at most 20.'),
  orderId: text('The caller’s own id of an order: it is bought once.'),
  multiService: text('2 to 5 services with commas.'),
  activationType: text('`0`, an SMS; there are no numbers that take calls.'),
  id: text('An activation’s or a rental’s id.'),
  activationId: text('A past activation’s id.'),
  status: text('The status to set.'),
  freePrice: text('`true`: with the stock at each price.'),
  start: text('A history’s first second since 1970; of open activations how many are passed over.'),
  end: text('A history’s last second.'),
  offset: text('How many are passed over.'),
  limit: text('How many at most, 1 to 100. `size` in getHistory and in getAllSms.'),
  size: text('How many at most, 1 to 100.'),
  length: text('How many at most, 1 to 100.'),
  page: text('Which page, from 1.'),
  url: text(
    'Of a rental: where its messages are told, as a webhook. By https, to a public address.',
  ),
  rent_time: text('Hours of a rental: 24, 72, 720. `duration` is understood, too.'),
  needHistory: text('`true`: with what was paid for the rental so far.'),
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
    description: 'Bare text or JSON, as the action has it; and most failures, as bare text.',
    examples,
    contentTypes: ['text/plain', 'application/json'],
  },
  204: {
    description: 'finishActivation and cancelActivation: done.',
    examples: [],
    contentTypes: [],
  },
}

const list = Object.entries(actions)
  .map(([name, what]) => `- \`${name}\`: ${what}`)
  .join('\n')

const description =
  'One path for everything: `action` says what; parameters stand in the query, a form or JSON. The ' +
  'key comes as `api_key`, as `Authorization: ApiKey KEY` or `Bearer KEY`, or as `X-ApiKey`. Failures are ' +
  `bare tokens with 200; a key may be made to answer them as JSON with real codes.\n\n${list}`

const ofBuying = [
  'service_not_found',
  'country_not_found',
  'out_of_stock',
  'price_above_maximum',
  'insufficient_balance',
  'too_many_open_orders',
  'too_many_cancelled',
] as const

/** A route's part of the reference. */
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

/** The batches' part of the reference. */
export function reserveOf(method: 'GET' | 'POST') {
  const reference: RouteReference = {
    answers: {
      200: {
        description: 'A line for each number; and most failures, as bare text.',
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
        'DaisySMS’s batches: all of the numbers or none. Each line is `number----address`; the ' +
        'address shows the message that comes, and needs no key. Everything that `getNumber` ' +
        'understands is understood here, too.',
      querystring: parameters
        .pick({ api_key: true, country: true, operator: true, areas: true, orderId: true })
        .extend({
          apikey: text('The key, as DaisySMS names it here.'),
          service: text('A service’s code.', 'wa'),
          count: text('How many, 1 to 20; one where nothing is said.', '2'),
          max_price: text('The most that each may cost, in the account’s currency.'),
        }),
      response: { 200: z.string() },
    },
  }
}

const resultReference: RouteReference = {
  answers: {
    200: {
      description: 'The newest message; else bare text, as are failures.',
      examples: [
        { summary: 'Nothing yet', value: 'WAITING' },
        {
          summary: 'A message',
          value: { code: 200, message: 'success', data: 'Your WhatsApp code: 593-821' },
        },
        { summary: 'Cancelled, or over without a message', value: 'STATUS_CANCEL' },
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
    description: 'For whoever has the address: until a day after the number’s time.',
    params: z.object({
      token: z
        .string()
        .meta({ description: 'As the line of the number has it.', examples: [token] }),
    }),
    response: {
      200: z.union([
        z.string(),
        z.object({ code: z.literal(200), message: z.literal('success'), data: z.string() }),
      ]),
    },
  },
}
