// The customer: profile, orders, payments.
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import { amountAsNumber } from '../../core/money.ts'
import { callerOf } from '../../http/dialect.ts'
import { productOf } from './names.ts'
import * as reference from './reference.ts'
import { ordersQuery, pageQuery, type Shape, shapes } from './schemas.ts'
import { defaultCountry, orderAnswer, orderLine, paymentAnswer } from './wire.ts'

const tags = ['5sim']

/** Numlet has no rating: every account shows 5sim's maximum. */
const maxRating = 96
const lastOrders = 5

const profileRoute = {
  config: { scope: 'read' as const, reference: reference.profile },
  schema: {
    operationId: 'fivesimGetProfile',
    tags,
    summary: 'Get the account',
    response: { 200: shapes.profile },
  },
}

const ordersRoute = {
  config: { scope: 'read' as const, reference: reference.orders },
  schema: {
    operationId: 'fivesimListOrders',
    tags,
    summary: 'List orders',
    querystring: ordersQuery,
    response: { 200: shapes.orders },
  },
}

const paymentsRoute = {
  config: { scope: 'read' as const, reference: reference.payments },
  schema: {
    operationId: 'fivesimListPayments',
    tags,
    summary: 'List payments',
    querystring: pageQuery,
    response: { 200: shapes.payments },
  },
}

async function profileOf(app: App, caller: Principal): Promise<Shape<'profile'>> {
  const { accountId } = caller
  const catalog = await app.catalog.current()
  const account = await app.accounts.read(accountId)
  const open = await app.orders.openOf(accountId)
  const last = await app.orders.list({
    accountId,
    kinds: ['activation'],
    numbered: true,
    limit: lastOrders,
  })
  const lines = last.map((order) => orderLine(catalog, order))
  const country = caller.defaultCountry ?? app.settings().default_country
  return {
    id: accountId,
    email: account.email,
    vendor: '',
    default_forwarding_number: '',
    balance: amountAsNumber(await app.money.balance(accountId)),
    rating: maxRating,
    default_country: defaultCountry(country === null ? undefined : catalog.country(country)),
    default_operator: { name: '' },
    frozen_balance: amountAsNumber(open.held),
    total_active_orders: open.count,
    did_order: lines.length > 0,
    last_order: lines[0] ?? '',
    last_top_orders: `[${lines.join(',')}]`,
    last_top_idx: 0,
  }
}

type PageQuery = { limit: number; offset: number; reverse: string }

const pageOf = (accountId: number, { limit, offset, reverse }: PageQuery) => ({
  accountId,
  limit,
  offset,
  newestFirst: reverse === 'true' || reverse === '1',
})

async function ordersOf(
  app: App,
  accountId: number,
  query: PageQuery & { category: 'activation' | 'hosting' },
): Promise<Shape<'orders'>> {
  const catalog = await app.catalog.current()
  const { orders, total } = await app.orders.history({
    ...pageOf(accountId, query),
    kind: query.category === 'hosting' ? 'rental' : 'activation',
  })
  const ids = orders.map((order) => order.id)
  const banned = await app.orders.bannedAmong(ids)
  const messages = await app.messages.ofOrders(ids)
  return {
    Data: orders.map((order) =>
      orderAnswer(catalog, {
        order,
        messages: messages.get(order.id) ?? [],
        banned: banned.has(order.id),
      }),
    ),
    ProductNames: [],
    Statuses: [],
    Total: total,
  }
}

async function paymentsOf(
  app: App,
  accountId: number,
  query: PageQuery,
): Promise<Shape<'payments'>> {
  const catalog = await app.catalog.current()
  const { changes, total } = await app.money.history(pageOf(accountId, query))
  const ids = changes.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]))
  const orders = await app.orders.byId(ids)
  const products = new Map(orders.map((order) => [order.id, productOf(catalog, order)]))
  const payments = changes.map((change) => paymentAnswer(change, products))
  const names = (all: readonly string[]) => [...new Set(all)].map((Name) => ({ Name }))
  return {
    Data: payments,
    PaymentTypes: names(payments.map((payment) => payment.TypeName)),
    PaymentProviders: names(payments.map((payment) => payment.ProviderName)),
    Total: total,
  }
}

export function userRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  scope.get('/user/profile', profileRoute, (request) => profileOf(app, callerOf(request)))

  scope.get('/user/orders', ordersRoute, (request) =>
    ordersOf(app, callerOf(request).accountId, request.query),
  )

  scope.get('/user/payments', paymentsRoute, (request) =>
    paymentsOf(app, callerOf(request).accountId, request.query),
  )
}
