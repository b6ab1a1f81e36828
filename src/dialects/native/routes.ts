// Numlet's own API, /v1. What it promises: CONTRACT and docs/api.
import type { Dialect } from '../../http/dialect.ts'
import { accountRoutes } from './account.ts'
import { catalogRoutes } from './catalog.ts'
import { fail } from './errors.ts'
import { keyRoutes } from './keys.ts'
import { orderVerbRoutes } from './order-verbs.ts'
import { orderRoutes } from './orders.ts'

export const native: Dialect = {
  name: 'native',
  prefix: '/v1',
  territory: '/v1',
  fail,
  routes(scope, app) {
    accountRoutes(scope, app)
    catalogRoutes(scope, app)
    orderRoutes(scope, app)
    orderVerbRoutes(scope, app)
    keyRoutes(scope, app)
  },
}
