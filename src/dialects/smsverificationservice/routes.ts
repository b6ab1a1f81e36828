// smsVerificationService's API. README.md describes the contract and the intended differences.
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
