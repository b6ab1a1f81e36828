// smsVerificationService's API. README.md describes the contract and the intended differences.
//
//   GET    /balance               Get the balance
//   GET    /wallet/balance        Get the wallet
//   GET    /services/temporary    List US services
//   GET    /services/best-temp    List the best US services
//   GET    /services/esim         List eSIM plans
//   GET    /services/rental       List US rentals for 3 or 30 days
//   GET    /services/rent-1day    List US rentals for one day
//   GET    /services/rent-30days  List US rentals for 30 days
//   GET    /global/countries      List countries other than the US
//   GET    /global/services       List services of a country
//   POST   /order/temporary       Buy a US number
//   POST   /order/best-temp       Buy a US number of the best offer
//   POST   /order/global          Buy a number of another country
//   POST   /order/rental          Rent a US number for 3 or 30 days
//   POST   /order/rent-1day       Rent a US number for one day
//   POST   /order/rent-30days     Rent a US number for 30 days
//   POST   /order/esim            Buy an eSIM
//   GET    /orders                List orders
//   GET    /order/:id/status      Get an order
//   POST   /order/:id/cancel      Cancel an order
//   POST   /order/:id/renew       Renew a rental
import type { FastifyInstance } from 'fastify'
import type { App } from '../../app.ts'
import type { Dialect } from '../../http/dialect.ts'
import { readLoosely } from '../../http/loose.ts'
import { buyingRoutes } from './buying.ts'
import { descriptions } from './descriptions.ts'
import { wrapped } from './errors.ts'
import { listRoutes } from './lists.ts'
import { orderRoutes } from './orders.ts'
import { format } from './push.ts'
import { tags } from './reference.ts'

export const smsVerificationService: Dialect = {
  name: 'smsverificationservice',
  prefix: '/smsverificationservice/api/v1',
  territory: '/smsverificationservice',
  failures: wrapped,
  webhooks: format,
  reference: { tags, descriptions },
  routes,
}

function routes(scope: FastifyInstance, app: App) {
  readLoosely(scope)
  listRoutes(scope, app)
  buyingRoutes(scope, app)
  orderRoutes(scope, app)
}
