// 5sim v1 for customers and guests. README.md describes the contract and the intended differences.
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
