// GET /v1/orders and /v1/orders.csv: lists of orders, filtered and searched.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Catalog } from '../../core/catalog/catalog.ts'
import { formatAmount } from '../../core/money.ts'
import { minDigits, type OrderFilter, type OrderSearch } from '../../core/orders/list.ts'
import { type Order, orderKinds, orderStates } from '../../core/orders/order.ts'
import { callerOf, rightOf } from '../../http/dialect.ts'
import { isoTime } from '../../http/iso-time.ts'
import { type CsvList, csvAnswer, csvText, sendCsv } from './csv.ts'
import * as examples from './examples.ts'
import { operatorName, serviceName } from './names.ts'
import * as shapes from './order-schemas.ts'
import { fromCursor, several, timesOf, toPage } from './pages.ts'
import * as schemas from './schemas.ts'
import { countryCode, findService } from './wanted.ts'
import { ordersAnswer, time } from './wire.ts'

const orderFilters = {
  state: several(z.enum(orderStates), 'Only orders in this state.', 'received'),
  kind: several(z.enum(orderKinds), 'Only this kind.', 'activation'),
  service: several(
    schemas.serviceName,
    'Only orders of this service: slug, UUID or number.',
    'whatsapp',
  ),
  country: several(countryCode, 'Only orders of this country. ISO 3166-1 alpha-2.', 'US'),
  phone: z
    .string()
    .regex(/^\+?\d{5,15}$/, 'must be a number in E.164')
    .overwrite((phone) => (phone.startsWith('+') ? phone : `+${phone}`))
    .optional()
    .meta({ description: 'E.164, with or without the plus.', examples: ['+12015550123'] }),
  reference: schemas.referenceFilter,
  q: schemas
    .line(100)
    .regex(/\S/, 'must have a character')
    .optional()
    .meta({
      description:
        `A search: the order’s id or number, a phone number or its last digits (${minDigits} or more), ` +
        'the whole reference, or a part of the note or of a value of the metadata.',
      examples: ['0123'],
    }),
  ...schemas.timeQuery,
}

const listOrdersRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'A page of orders.',
          examples: [{ summary: 'One order', value: examples.page([examples.received]) }],
        },
      },
      failures: ['service_not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listOrders',
    tags: ['Orders'],
    summary: 'List orders',
    description: 'Returns the orders of the account, newest first. All filters must match.',
    querystring: z.object({ ...schemas.pageQuery, ...orderFilters }),
    response: { 200: schemas.pageOf(shapes.order) },
  },
}

const exportOrdersRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: csvAnswer(
          'id,number,kind,state,service,country,operator,pool,phone,email,price,currency,code,reference,' +
            'note,metadata,created_at,received_at,closed_at\r\n' +
            'ord_89b12d3a456,458731,activation,received,whatsapp,US,tmobile,1,+12015550123,,1.50,USD,' +
            '593821,signup-4711,,{},2026-11-20T09:30:00.000Z,2026-11-20T09:30:07.512Z,\r\n',
        ),
      },
      failures: ['service_not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listOrdersAsCsv',
    tags: ['Orders'],
    summary: 'List orders as CSV',
    description: 'Returns the orders of the list with the same filters, newest first.',
    querystring: z.object(orderFilters),
    response: { 200: csvText },
  },
}

export function orderListRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/orders', listOrdersRoute, async (request) => {
    const { cursor, limit } = request.query
    const orders = await app.orders.list({
      ...(await filterOf(app, callerOf(request).accountId, request.query)),
      before: fromCursor(cursor),
      limit: limit + 1,
    })
    const page = toPage(
      orders,
      limit,
      (order) => order.id,
      (order) => order,
    )
    return { data: await ordersAnswer(app, page.data), next_cursor: page.next_cursor }
  })

  scope.get('/orders.csv', exportOrdersRoute, async (request, reply) => {
    const filter = await filterOf(app, callerOf(request).accountId, request.query)
    const catalog = await app.catalog.current()
    const mayStill = rightOf(app, request)
    return sendCsv<Order>(reply, {
      filename: 'orders.csv',
      columns: columnsFor(app, catalog),
      async page(after, limit) {
        // @NOTE the key may have been revoked since the last page
        if (after !== null) await mayStill()
        return app.orders.list({ ...filter, before: after?.id, limit })
      },
    })
  })
}

type Filters = z.output<z.ZodObject<typeof orderFilters>>

async function filterOf(
  app: App,
  accountId: number,
  query: Filters,
): Promise<Omit<OrderFilter, 'limit'>> {
  const services = await Promise.all((query.service ?? []).map((name) => findService(app, name)))
  return {
    accountId,
    states: query.state,
    kinds: query.kind,
    serviceIds: query.service && services.flatMap((service) => (service ? [service.id] : [])),
    countries: query.country,
    phone: query.phone,
    reference: query.reference,
    search: query.q === undefined ? undefined : searchOf(app, query.q.trim()),
    ...timesOf(query),
  }
}

function searchOf(app: App, text: string): OrderSearch {
  const digits = /^[+\d\s().-]+$/.test(text) ? text.replace(/\D/g, '') : ''
  const number = /^\d{1,18}$/.test(text) ? BigInt(text) : null
  return {
    text,
    id: app.ids.fromToken('ord', text) ?? number,
    digits: digits.length >= minDigits && digits.length <= 15 ? digits : null,
  }
}

const columnsFor = (app: App, catalog: Catalog): CsvList<Order>['columns'] => [
  ['id', ({ id }) => app.ids.toToken('ord', id)],
  ['number', ({ id }) => String(id)],
  ['kind', ({ kind }) => kind],
  ['state', ({ state }) => state],
  ['service', ({ serviceId }) => serviceName(catalog, serviceId)],
  ['country', ({ country }) => country],
  ['operator', ({ operatorId }) => operatorName(catalog, operatorId)],
  ['pool', ({ pool }) => pool],
  ['phone', ({ phone }) => phone],
  ['email', ({ email }) => email],
  ['price', ({ price, currency }) => formatAmount(price, app.money.decimals(currency))],
  ['currency', ({ currency }) => currency],
  ['code', ({ code }) => code],
  ['reference', ({ reference }) => reference],
  ['note', ({ note }) => note],
  ['metadata', ({ metadata }) => JSON.stringify(metadata)],
  ['created_at', ({ createdAt }) => isoTime(createdAt)],
  ['received_at', ({ receivedAt }) => time(receivedAt)],
  ['closed_at', ({ closedAt }) => time(closedAt)],
]
