// Numlet's own API, /v1. See docs/api and the reference at /docs.
//
//   GET    /account                                   Get the account
//   PATCH  /account                                   Update the account
//   DELETE /account                                   Delete the account
//   GET    /export                                    Get everything of the account
//   GET    /balance                                   Get the balance
//   GET    /usage                                     Get the usage
//   GET    /overview                                  Get an overview
//   GET    /requests                                  List requests
//   GET    /transactions                              List transactions
//   GET    /transactions.csv                          List transactions as CSV
//   GET    /offers                                    List offers
//   GET    /countries                                 List countries
//   GET    /services                                  List services
//   GET    /operators                                 List operators
//   GET    /quotes                                    Get the price of several services on one number
//   GET    /pins                                      List pinned products
//   POST   /pins                                      Create a pin
//   DELETE /pins/:id                                  Delete a pin
//   GET    /last-used                                 List products used last
//   POST   /orders                                    Create an order
//   GET    /orders                                    List orders
//   GET    /orders.csv                                List orders as CSV
//   PATCH  /orders/:id                                Update an order
//   GET    /orders/:id                                Get an order
//   POST   /orders/:id/cancel                         Cancel an order
//   POST   /orders/:id/finish                         Finish an order
//   POST   /orders/:id/resend                         Request another code
//   POST   /orders/:id/reorder                        Request another mail
//   POST   /orders/:id/claim                          Claim a late code
//   POST   /orders/:id/renew                          Renew a rental
//   POST   /orders/:id/repeat                         Buy a past number again
//   POST   /orders/:id/replace                        Replace a number
//   GET    /orders/:id/qr                             Get the QR code of an eSIM
//   GET    /events                                    Stream events
//   GET    /orders/:id/events                         Stream the events of an order
//   GET    /webhook-formats                           List the formats of webhooks
//   GET    /webhooks                                  List webhooks
//   POST   /webhooks                                  Create a webhook
//   GET    /webhooks/:id                              Get a webhook
//   PATCH  /webhooks/:id                              Update a webhook
//   DELETE /webhooks/:id                              Delete a webhook
//   POST   /webhooks/:id/rotate                       Rotate the secret of a webhook
//   GET    /webhooks/:id/deliveries                   List webhook deliveries
//   GET    /webhooks/:id/deliveries/:delivery         Get a webhook delivery
//   POST   /webhooks/:id/test                         Send a test webhook
//   POST   /webhooks/:id/deliveries/:delivery/replay  Resend a webhook delivery
//   POST   /webhooks/:id/replay                       Resend webhooks of a period
//   GET    /gateways                                  List payment gateways
//   POST   /deposits                                  Create a deposit
//   GET    /deposits                                  List deposits
//   GET    /deposits/:id                              Get a deposit
//   GET    /deposits/:id/invoice                      Get the invoice of a deposit
//   PATCH  /deposits/:id                              Update a deposit
//   POST   /deposits/:id/pay                          Pay a deposit in the sandbox
//   GET    /keys                                      List API keys
//   POST   /keys                                      Create an API key
//   PATCH  /keys/:id                                  Update an API key
//   DELETE /keys/:id                                  Revoke an API key
//   POST   /session                                   Sign in
//   GET    /session                                   Get the session
//   PATCH  /session                                   Switch the account
//   DELETE /session                                   Sign out
//   POST   /session/link                              Sign in by a link
//   POST   /session/second-factor                     Give the second factor
//   POST   /session/passkey/options                   Request passkey options to sign in
//   POST   /session/passkey                           Sign in by a passkey
//   POST   /session/second-factor/passkey/options     Request passkey options as second factor
//   POST   /session/second-factor/passkey             Give a passkey as second factor
//   GET    /sign-up                                   Get what signing in needs
//   POST   /user                                      Sign up
//   POST   /user/verify                               Confirm the address
//   POST   /user/reset-requests                       Request a new password
//   POST   /user/reset                                Set a new password
//   GET    /user                                      Get the user
//   PATCH  /user                                      Update the user
//   GET    /user/notifications                        Get the notifications
//   PATCH  /user/notifications                        Update the notifications
//   POST   /user/password                             Change the password
//   GET    /user/sessions                             List sessions
//   DELETE /user/sessions/:id                         End a session
//   POST   /user/sessions/end-others                  End all other sessions
//   GET    /team                                      Get the team
//   POST   /team/invitations                          Create an invitation
//   DELETE /team/invitations/:id                      Delete an invitation
//   PATCH  /team/:user                                Update a member
//   DELETE /team/:user                                Remove a member
//   POST   /invitations/read                          Get an invitation
//   POST   /invitations/accept                        Accept an invitation
//   POST   /user/totp                                 Set up an authenticator
//   POST   /user/totp/confirm                         Confirm the authenticator
//   DELETE /user/totp                                 Remove the authenticator
//   POST   /user/recovery-codes                       Create recovery codes
//   GET    /user/passkeys                             List passkeys
//   POST   /user/passkeys/options                     Request options of a new passkey
//   POST   /user/passkeys                             Create a passkey
//   PATCH  /user/passkeys/:id                         Update a passkey
//   DELETE /user/passkeys/:id                         Remove a passkey
import type { Dialect } from '../../http/dialect.ts'
import { byKeyOrSession } from '../../http/guards.ts'
import { failures } from '../../http/problem.ts'
import { refuseUnknownQueryKeys } from '../../http/strict-query.ts'
import { accountRoutes } from './account.ts'
import { catalogRoutes } from './catalog.ts'
import { deliveryRoutes } from './deliveries.ts'
import { depositPaymentRoutes } from './deposit-payment.ts'
import { depositRoutes } from './deposits.ts'
import { eventRoutes } from './events.ts'
import { keyRoutes } from './keys.ts'
import { leavingRoutes } from './leaving.ts'
import { orderListRoutes } from './order-list.ts'
import { orderVerbRoutes } from './order-verbs.ts'
import { orderRoutes } from './orders.ts'
import { passkeySignInRoutes } from './passkey-sign-in.ts'
import { passkeyRoutes } from './passkeys.ts'
import { pinRoutes } from './pins.ts'
import { standard } from './push.ts'
import { qrRoutes } from './qr.ts'
import { quoteRoutes } from './quotes.ts'
import { requestRoutes } from './requests.ts'
import { secondFactorRoutes } from './second-factor.ts'
import { sessionRoutes } from './session.ts'
import { signUpRoutes } from './sign-up.ts'
import { teamRoutes } from './team.ts'
import { usageRoutes } from './usage.ts'
import { userRoutes } from './user.ts'
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
  {
    name: 'Keys',
    description: 'The account’s API keys, and what was called with them. Needs the scope `manage`.',
  },
  {
    name: 'Sessions',
    description:
      'Signing in and out, for the dashboard. A session acts in one account at a time; its role there ' +
      'limits it: an owner has the scopes `read`, `buy` and `manage`, a member `read` and `buy`.',
  },
  {
    name: 'Team',
    description: 'The people of the account, for its owners, and invitations.',
  },
  { name: 'User', description: 'The person who is signed in: profile, password and sessions.' },
]

export const native: Dialect = {
  name: 'native',
  prefix: '/v1',
  territory: '/v1',
  isStrict: true,
  authenticate: byKeyOrSession,
  takesSessions: true,
  failures,
  webhooks: standard,
  reference: { tags, webhooks: { tag: 'Webhooks', sent: sentWebhooks } },
  routes(scope, app) {
    scope.addHook('onRoute', refuseUnknownQueryKeys)
    accountRoutes(scope, app)
    leavingRoutes(scope, app)
    usageRoutes(scope, app)
    catalogRoutes(scope, app)
    quoteRoutes(scope, app)
    pinRoutes(scope, app)
    orderRoutes(scope, app)
    orderListRoutes(scope, app)
    orderVerbRoutes(scope, app)
    qrRoutes(scope, app)
    eventRoutes(scope, app)
    webhookRoutes(scope, app)
    deliveryRoutes(scope, app)
    depositRoutes(scope, app)
    depositPaymentRoutes(scope, app)
    keyRoutes(scope, app)
    requestRoutes(scope, app)
    sessionRoutes(scope, app)
    userRoutes(scope, app)
    secondFactorRoutes(scope, app)
    passkeyRoutes(scope, app)
    passkeySignInRoutes(scope, app)
    teamRoutes(scope, app)
    signUpRoutes(scope, app)
  },
}
