// OTPZap's API. README.md describes the contract and the intended differences.
import type { FastifyInstance } from 'fastify'
import type { App } from '../../app.ts'
import type { Dialect } from '../../http/dialect.ts'
import { shareAnswers } from '../../http/list-answers.ts'
import { readLoosely } from '../../http/loose.ts'
import { accountRoutes } from './account.ts'
import { catalogRoutes } from './catalog.ts'
import { descriptions } from './descriptions.ts'
import { emailRoutes } from './email.ts'
import { failures } from './errors.ts'
import { orderRoutes } from './orders.ts'
import { format } from './push.ts'
import { tags } from './reference.ts'
import { serverTwoRoutes } from './server-two.ts'
import { webhookRoutes } from './webhooks.ts'

export const otpzap: Dialect = {
  name: 'otpzap',
  prefix: '/otpzap/api/v1',
  territory: '/otpzap',
  rateLimit: 300,
  failures,
  webhooks: format,
  reference: { tags, descriptions },
  routes,
}

function routes(scope: FastifyInstance, app: App) {
  readLoosely(scope)
  accountRoutes(scope, app)
  catalogRoutes(scope, app, shareAnswers())
  serverTwoRoutes(scope, app, shareAnswers())
  orderRoutes(scope, app)
  emailRoutes(scope, app)
  webhookRoutes(scope, app)
}
