// 5sim v1 for customers and guests. README.md describes the contract and the intended differences.
//
//   GET    /user/profile                                     Get the account
//   GET    /user/orders                                      List orders
//   GET    /user/payments                                    List payments
//   GET    /user/max-prices                                  List maximum prices
//   POST   /user/max-prices                                  Set a maximum price
//   DELETE /user/max-prices                                  Delete a maximum price
//   GET    /user/buy/activation/:country/:operator/:product  Buy an activation
//   GET    /user/buy/hosting/:country/:operator/:product     Rent a number
//   GET    /user/reuse/:product/:number                      Buy a past number again
//   GET    /user/check/:id                                   Get an order
//   GET    /user/sms/inbox/:id                               List the messages of an order
//   GET    /user/finish/:id                                  Finish an order
//   GET    /user/cancel/:id                                  Cancel an order
//   GET    /user/ban/:id                                     Report a used number
//   GET    /guest/products/:country/:operator                List products
//   GET    /guest/prices                                     List prices
//   GET    /guest/countries                                  List countries
//   GET    /guest/flash/:lang                                Get the notice of the day
import type { FastifyInstance } from 'fastify'
import type { App } from '../../app.ts'
import type { Dialect } from '../../http/dialect.ts'
import { readLoosely } from '../../http/loose.ts'
import { buyingRoutes } from './buying.ts'
import { descriptions } from './descriptions.ts'
import { failures } from './errors.ts'
import { guestRoutes } from './guest.ts'
import { limitRoutes } from './limits.ts'
import { orderRoutes } from './orders.ts'
import { tags } from './reference.ts'
import { userRoutes } from './user.ts'

export const fivesim: Dialect = {
  name: 'fivesim',
  prefix: '/fivesim/v1',
  territory: '/fivesim',
  failures,
  reference: { tags, descriptions },
  routes,
}

function routes(scope: FastifyInstance, app: App) {
  // @NOTE some of its clients accept JSON only if the header is exactly this
  scope.addHook('onSend', async (_request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '')
    if (type.startsWith('application/json')) reply.header('content-type', 'application/json')
    return payload
  })
  readLoosely(scope)
  userRoutes(scope, app)
  limitRoutes(scope, app)
  buyingRoutes(scope, app)
  orderRoutes(scope, app)
  guestRoutes(scope, app)
}
