// OTPZap's API. README.md describes the contract and the intended differences.
//
//   GET    /balance              Get the balance
//   POST   /topup/create         Create a deposit
//   GET    /topup/check          Get a deposit
//   GET    /countries            List countries of server 1
//   GET    /services             List services of server 1
//   GET    /products             List products of server 1
//   GET    /s2/countries         List countries of server 2
//   GET    /s2/services          List services of server 2
//   GET    /s2/operators         List operators of server 2
//   GET    /s2/special           List special services
//   POST   /order/create         Create an order
//   GET    /order/check          Get an order
//   POST   /order/cancel         Cancel an order
//   POST   /order/finish         Finish an order
//   POST   /order/resend         Request another OTP
//   POST   /order/replace        Replace a number
//   GET    /s3/sites             List popular sites
//   GET    /s3/domains           List mail domains
//   POST   /order/email-create   Create inboxes
//   GET    /order/email-check    Get an inbox
//   POST   /order/email-reorder  Request another mail
//   POST   /order/email-cancel   Cancel an inbox
//   POST   /order/email-finish   Finish an inbox
//   GET    /webhook/get          Get the webhook
//   PATCH  /webhook/update       Update the webhook
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
