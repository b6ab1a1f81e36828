// Numlet's own API, /v1. What it promises: docs/api and the reference at /docs.
import type { Dialect } from '../../http/dialect.ts'
import { failures } from '../../http/problem.ts'
import { refuseUnknownQueryKeys } from '../../http/strict-query.ts'
import { accountRoutes } from './account.ts'
import { catalogRoutes } from './catalog.ts'
import { deliveryRoutes } from './deliveries.ts'
import { depositRoutes } from './deposits.ts'
import { eventRoutes } from './events.ts'
import { keyRoutes } from './keys.ts'
import { orderVerbRoutes } from './order-verbs.ts'
import { orderRoutes } from './orders.ts'
import { qrRoutes } from './qr.ts'
import { quoteRoutes } from './quotes.ts'
import { sentWebhooks } from './webhook-reference.ts'
import { webhookRoutes } from './webhooks.ts'

const tags = [
  { name: 'Account', description: 'The account behind the key, its balance and its statement.' },
  { name: 'Catalog', description: 'What there is to buy: countries, services, operators, offers.' },
  {
    name: 'Orders',
    description: 'Buying numbers, inboxes and eSIMs, reading what came, giving back.',
  },
  {
    name: 'Events',
    description:
      'What happens, pushed as it happens, without a gap from one connection to the next.',
  },
  {
    name: 'Webhooks',
    description:
      'The same events, sent to you: signed, at least once, for more than a day. Needs the scope `manage`.',
  },
  { name: 'Deposits', description: 'Paying in, by the gateways that the platform has.' },
  { name: 'Keys', description: 'The account’s API keys. Needs the scope `manage`.' },
]

export const native: Dialect = {
  name: 'native',
  prefix: '/v1',
  territory: '/v1',
  isStrict: true,
  failures,
  reference: { tags, webhooks: { tag: 'Webhooks', sent: sentWebhooks } },
  routes(scope, app) {
    scope.addHook('onRoute', refuseUnknownQueryKeys)
    accountRoutes(scope, app)
    catalogRoutes(scope, app)
    quoteRoutes(scope, app)
    orderRoutes(scope, app)
    orderVerbRoutes(scope, app)
    qrRoutes(scope, app)
    eventRoutes(scope, app)
    webhookRoutes(scope, app)
    deliveryRoutes(scope, app)
    depositRoutes(scope, app)
    keyRoutes(scope, app)
  },
}
