// handler_api: one path and one table of actions, and DaisySMS's batches at their own paths. README.md
// describes the contract and the intended differences.
//
//   GET    /handler_api.php      Call an action by GET
//   POST   /handler_api.php      Call an action by POST
//   GET    /handler_api          Call an action by GET
//   POST   /handler_api          Call an action by POST
//   GET    /multi/reserve        Buy several numbers by GET
//   POST   /multi/reserve        Buy several numbers by POST
//   GET    /multi/result/:token  Get the message of a number
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import { byKey } from '../../http/authentication.ts'
import { callerOf, type Dialect } from '../../http/dialect.ts'
import { type ShareAnswer, shareAnswers } from '../../http/list-answers.ts'
import { reserve, reservePath, result, resultPath } from './batch.ts'
import * as buy from './buy.ts'
import type { Action, Call, Purchase } from './call.ts'
import * as catalog from './catalog.ts'
import { failures, refused } from './errors.ts'
import { withFigures } from './figures.ts'
import { resultLinks } from './links.ts'
import * as ownLists from './lists.ts'
import { actionOf, keyInBody, keyNames, keyOf, paramsOf } from './params.ts'
import * as prices from './prices.ts'
import { format } from './push.ts'
import * as reference from './reference.ts'
import * as renew from './renew.ts'
import * as rent from './rent.ts'
import { ownScope } from './scope.ts'
import * as status from './status.ts'

/** The field's usual limit per account: 50 per second. Its clients poll each number every few seconds. */
const requestsAMinute = 3_000

export const handlerApi: Dialect = {
  name: 'handler-api',
  prefix: '/stubs',
  territory: '/stubs',
  rateLimit: requestsAMinute,
  forms: (fields) => fields,
  authenticate: byKey(keyOf),
  authenticateBody: byKey(keyInBody),
  failures,
  ownScope,
  webhooks: format,
  reference: { tags: reference.tags },
  routes,
}

const actions: ReadonlyMap<string, Action> = new Map(
  Object.entries({
    getBalance: catalog.getBalance,
    getBalanceAndCashBack: catalog.getBalance,
    getNumbersStatus: catalog.getNumbersStatus,
    getCountries: catalog.getCountries,
    getServicesList: catalog.getServicesList,
    getOperators: catalog.getOperators,
    getListOfCountriesAndOperators: catalog.getListOfCountriesAndOperators,
    getPrices: prices.getPrices,
    getPricesExtended: prices.getPricesExtended,
    getPricesV2: prices.getPricesV2,
    getPricesV3: prices.getPricesV3,
    getPricesVerification: prices.getPricesVerification,
    getTopCountriesByService: prices.getTopCountriesByService,
    getTopCountriesByServiceRank: prices.getTopCountriesByService,
    getListOfTopCountriesByService: prices.getListOfTopCountriesByService,
    checkExtraActivation: buy.checkExtraActivation,
    reactivationPrice: buy.reactivationPrice,
    reactivateOptions: buy.reactivateOptions,
    setStatus: status.setStatus,
    getStatus: status.getStatus,
    getStatusV2: status.getStatusV2,
    getFullSms: status.getFullSms,
    getAllSms: status.getAllSms,
    finishActivation: status.finishActivation,
    cancelActivation: status.cancelActivation,
    getActiveActivations: ownLists.getActiveActivations,
    getListOfActiveActivations: ownLists.getListOfActiveActivations,
    getHistory: ownLists.getHistory,
    getRentServicesAndCountries: rent.getRentServicesAndCountries,
    serviceCountRent: rent.serviceCountRent,
    getRentStatus: rent.getRentStatus,
    setRentStatus: rent.setRentStatus,
    getRentList: rent.getRentList,
    continueRentInfo: renew.continueRentInfo,
    getContinueRentPriceNumber: renew.getContinueRentPriceNumber,
    prolongOptions: renew.prolongOptions,
    prolongHistory: renew.prolongHistory,
  }),
)

/** Lists of offers, the same for all callers who ask for the same. */
const lists: ReadonlySet<string> = new Set([
  'getNumbersStatus',
  'getCountries',
  'getServicesList',
  'getOperators',
  'getListOfCountriesAndOperators',
  'getPrices',
  'getPricesExtended',
  'getPricesV2',
  'getPricesV3',
  'getPricesVerification',
  'getTopCountriesByService',
  'getTopCountriesByServiceRank',
  'getListOfTopCountriesByService',
  'getRentServicesAndCountries',
  'serviceCountRent',
])

/** How many requests a list counts as if it is not limited to a service or a country. */
const wholeListWeight = 10

/** @NOTE called before the body is read: a list requested by a form counts as one request */
function weigh(request: FastifyRequest): number {
  const isWhole = isOfAll(new Set(Object.keys(request.query as object)))
  return isWhole && lists.has(actionOf(request) ?? '') ? wholeListWeight : 1
}

const isOfAll = (asked: { has(name: string): boolean }) =>
  !asked.has('service') && !asked.has('country')

const purchases: ReadonlyMap<string, Purchase> = new Map(
  Object.entries({
    getNumber: buy.getNumber,
    getNumberV2: buy.getNumberV2,
    getMultiServiceNumber: buy.getMultiServiceNumber,
    getExtraActivation: buy.getExtraActivation,
    reactivate: buy.reactivate,
    getRentNumber: rent.getRentNumber,
    continueRentNumber: renew.continueRentNumber,
    prolong: renew.continueRentNumber,
  }),
)

function routes(scope: FastifyInstance, app: App) {
  // Responses contain URLs with secret tokens, and a GET here may have bought something.
  scope.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  const share = shareAnswers()
  const handle = (request: FastifyRequest, reply: FastifyReply) => act(app, share, request, reply)
  // @NOTE no HEAD route: a GET here may buy
  const options = { validatorCompiler, exposeHeadRoute: false }
  for (const path of ['/handler_api.php', '/handler_api']) {
    for (const method of ['GET', 'POST'] as const) {
      const route = reference.routeOf(method, path)
      const config = { ...route.config, weigh }
      scope.route({ ...route, ...options, config, method, url: path, handler: handle })
    }
  }
  batchRoutes(scope, app)
}

function batchRoutes(scope: FastifyInstance, app: App) {
  const links = resultLinks(app)
  const options = { validatorCompiler, exposeHeadRoute: false }
  for (const method of ['GET', 'POST'] as const)
    scope.route({
      method,
      url: reservePath,
      ...reference.reserveOf(method),
      ...options,
      handler: (request, reply) => answering(app, request, reply, (call) => reserve(call, links)),
    })
  scope.get(`${resultPath}/:token`, { ...reference.resultRoute, ...options }, (request) =>
    result({ app, request }, links),
  )
}

/** `params.ts` reads the parameters from anywhere in the request; the schemas are for the reference. */
const validatorCompiler = () => (value: unknown) => ({ value })

const act = (app: App, share: ShareAnswer, request: FastifyRequest, reply: FastifyReply) =>
  answering(app, request, reply, (call) => run(call, share, actionOf(request) ?? ''))

async function answering(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: (call: Call) => Promise<void>,
) {
  const call: Call = { app, caller: callerOf(request), ask: paramsOf(request), request, reply }
  try {
    await answer(call)
  } catch (error) {
    throw await withFigures(call, error)
  }
  return reply
}

/** The request without the key. */
const wantedIn = ({ ask }: Call) => [...ask].filter(([name]) => !keyNames.includes(name)).sort()

async function run(call: Call, share: ShareAnswer, name: string): Promise<void> {
  const purchase = purchases.get(name)
  if (purchase) return purchase(call)
  const action = actions.get(name)
  if (!action) throw refused('The action is unknown.', { token: 'BAD_ACTION', hero: [404] })
  if (lists.has(name)) {
    const { request, reply, caller } = call
    // A list of one service or country does not wait for the list of all.
    const list = isOfAll(call.ask) ? `${name} of all` : name
    const { currency, decimals, defaultCountry } = caller
    const dependsOn = [currency, decimals, defaultCountry, wantedIn(call)]
    const make = async () => (await action(call)) as object
    await share(request, reply, [list, ...dependsOn], make)
    return
  }
  const answer = await action(call)
  if (answer === null) call.reply.code(204).send()
  else call.reply.send(answer)
}
