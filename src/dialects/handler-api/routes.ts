// handler_api: one path, one table of actions. The contract, and on purpose what differs: README.md beside
// this file.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import { callerOf, type Dialect } from '../../http/dialect.ts'
import * as buy from './buy.ts'
import type { Action, Call, Purchase } from './call.ts'
import * as catalog from './catalog.ts'
import { failures, refused } from './errors.ts'
import { withFigures } from './figures.ts'
import * as lists from './lists.ts'
import { actionOf, keyInBody, keyOf, paramsOf, readForms } from './params.ts'
import * as prices from './prices.ts'
import * as reference from './reference.ts'
import * as rent from './rent.ts'
import * as status from './status.ts'

/** The field's own figure for one account: 50 a second. Its clients poll each number every few seconds. */
const requestsAMinute = 3_000

export const handlerApi: Dialect = {
  name: 'handler-api',
  prefix: '/stubs',
  territory: '/stubs',
  rateLimit: requestsAMinute,
  keyOf,
  keyInBody,
  failures,
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
    getPrices: prices.getPrices,
    getPricesExtended: prices.getPricesExtended,
    getPricesV2: prices.getPricesV2,
    getPricesVerification: prices.getPricesVerification,
    getTopCountriesByService: prices.getTopCountriesByService,
    getTopCountriesByServiceRank: prices.getTopCountriesByService,
    getListOfTopCountriesByService: prices.getListOfTopCountriesByService,
    checkExtraActivation: buy.checkExtraActivation,
    reactivationPrice: buy.reactivationPrice,
    setStatus: status.setStatus,
    getStatus: status.getStatus,
    getStatusV2: status.getStatusV2,
    getFullSms: status.getFullSms,
    getAllSms: status.getAllSms,
    finishActivation: status.finishActivation,
    cancelActivation: status.cancelActivation,
    getActiveActivations: lists.getActiveActivations,
    getHistory: lists.getHistory,
    getRentServicesAndCountries: rent.getRentServicesAndCountries,
    serviceCountRent: rent.serviceCountRent,
    getRentStatus: rent.getRentStatus,
    setRentStatus: rent.setRentStatus,
    getRentList: rent.getRentList,
    continueRentInfo: rent.continueRentInfo,
    getContinueRentPriceNumber: rent.getContinueRentPriceNumber,
  }),
)

const purchases: ReadonlyMap<string, Purchase> = new Map(
  Object.entries({
    getNumber: buy.getNumber,
    getNumberV2: buy.getNumberV2,
    getMultiServiceNumber: buy.getMultiServiceNumber,
    getExtraActivation: buy.getExtraActivation,
    reactivate: buy.reactivate,
    getRentNumber: rent.getRentNumber,
    continueRentNumber: rent.continueRentNumber,
  }),
)

function routes(scope: FastifyInstance, app: App) {
  readForms(scope)
  // Answers hold keys' secrets in their addresses, and a GET here may have bought something.
  scope.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  const handle = (request: FastifyRequest, reply: FastifyReply) => act(app, request, reply)
  // @NOTE no HEAD beside GET: a GET here may buy
  const options = { validatorCompiler, exposeHeadRoute: false }
  for (const path of ['/handler_api.php', '/handler_api']) {
    scope.get(path, { ...reference.routeOf('GET', path), ...options }, handle)
    scope.post(path, { ...reference.routeOf('POST', path), ...options }, handle)
  }
}

/** Parameters are read by `params.ts`, wherever they stand; the schemas are for the reference. */
const validatorCompiler = () => (value: unknown) => ({ value })

async function act(app: App, request: FastifyRequest, reply: FastifyReply) {
  const call: Call = { app, caller: callerOf(request), ask: paramsOf(request), request, reply }
  try {
    await run(call, actionOf(request) ?? '')
  } catch (error) {
    throw await withFigures(call, error)
  }
  return reply
}

async function run(call: Call, name: string): Promise<void> {
  const purchase = purchases.get(name)
  if (purchase) return purchase(call)
  const action = actions.get(name)
  if (!action) throw refused('There is no such action.', { token: 'BAD_ACTION', hero: [404] })
  const answer = await action(call)
  if (answer === null) call.reply.code(204).send()
  else call.reply.send(answer)
}
