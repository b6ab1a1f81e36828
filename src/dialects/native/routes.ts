// Numlet's own API, /v1. See docs/api and the reference at /docs.
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
import { standard } from './push.ts'
import { qrRoutes } from './qr.ts'
import { quoteRoutes } from './quotes.ts'
import { sentWebhooks } from './webhook-reference.ts'
import { webhookRoutes } from './webhooks.ts'

const tags = [
  { name: 'Account', description: 'The account of the key, its balance and its transactions.' },
  { name: 'Catalog', description: 'Countries, services, operators and offers.' },
  {
    name: 'Orders',
    description:
      'Buy numbers, inboxes and eSIMs, read their messages, and cancel, renew or replace them.',
  },
  {
    name: 'Events',
    description:
      'Events as they happen, as a stream. A new connection continues where the last one ended.',
  },
  {
    name: 'Webhooks',
    description:
      'The same events as signed requests to your server, retried for more than a day. Managing endpoints ' +
      'needs the scope `manage`.',
  },
  { name: 'Deposits', description: 'Pay money into the account.' },
  { name: 'Keys', description: 'The account’s API keys. Needs the scope `manage`.' },
]

export const native: Dialect = {
  name: 'native',
  prefix: '/v1',
  territory: '/v1',
  isStrict: true,
  failures,
  webhooks: standard,
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
