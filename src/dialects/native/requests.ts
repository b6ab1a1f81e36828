// /v1/requests: the requests that were made with the account's keys.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import type { ListedRequest } from '../../core/request-log/line.ts'
import { callerOf } from '../../http/dialect.ts'
import * as examples from './examples.ts'
import { fromCursor, timesOf, toCursor } from './pages.ts'
import * as schemas from './schemas.ts'
import type { Wire } from './wire.ts'

const statusClasses = ['2xx', '3xx', '4xx', '5xx'] as const

const loggedRequest = z
  .object({
    id: z.string().meta({ examples: ['req_4g7h2j9k1l3'] }),
    method: z.string().meta({ examples: ['POST'] }),
    path: z.string().meta({
      description:
        'Without the query; phone numbers in it are `[phone]`. Calls of handler_api have their `action`.',
      examples: ['/v1/orders', '/stubs/handler_api.php?action=getNumber'],
    }),
    api: z.string().meta({
      description: 'The API that was called; `native` is this one.',
      examples: ['native'],
    }),
    status: z
      .number()
      .int()
      .meta({ examples: [201] }),
    duration_ms: z
      .number()
      .int()
      .meta({ description: 'Until it was answered.', examples: [12] }),
    request_id: z.string().meta({
      description: '`X-Request-Id` of the answer.',
      examples: ['0b0f6f0e-6d5c-4a43-9f7e-3c6f4a1f6c0d'],
    }),
    key_id: z.string().meta({ examples: [examples.apiKey.id] }),
    address: z
      .string()
      .nullable()
      .meta({ description: 'Where it came from.', examples: ['203.0.113.7'] }),
    created_at: schemas.time('2026-11-20T09:30:00.000Z').meta({
      description: 'When it was answered.',
    }),
  })
  .meta({ id: 'LoggedRequest', description: 'A request that was made with a key.' })

const exampleRequest: z.output<typeof loggedRequest> = {
  id: 'req_4g7h2j9k1l3',
  method: 'POST',
  path: '/v1/orders',
  api: 'native',
  status: 201,
  duration_ms: 12,
  request_id: '0b0f6f0e-6d5c-4a43-9f7e-3c6f4a1f6c0d',
  key_id: examples.apiKey.id,
  address: '203.0.113.7',
  created_at: '2026-11-20T09:30:00.000Z',
}

const listRequestsRoute = {
  config: {
    scope: 'manage',
    reference: {
      answers: {
        200: {
          description:
            'A page of requests. With a filter it may have few or none although `next_cursor` is not null: ' +
            'older ones have not been looked at yet.',
          examples: [{ summary: 'One request', value: examples.page([exampleRequest]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listRequests',
    tags: ['Keys'],
    summary: 'List requests',
    description:
      'Returns the requests of the last days that were made with the account’s keys, in every API, newest ' +
      'first. They appear a second or so after their answer. No bodies and no queries are kept. When there ' +
      'are very many at once, some are missing. Requests without a valid key are in nobody’s list.',
    querystring: z.strictObject({
      ...schemas.pageQuery,
      ...schemas.timeQuery,
      key: z
        .string()
        .max(100)
        .optional()
        .meta({
          description: 'Only those with this key (its id).',
          examples: [examples.apiKey.id],
        }),
      status: z
        .enum(statusClasses)
        .optional()
        .meta({ description: 'Only those that were answered like this.', examples: ['4xx'] }),
      path: schemas
        .line(200)
        .min(1)
        .optional()
        .meta({ description: 'Only those whose path begins so.', examples: ['/v1/orders'] }),
    }),
    response: { 200: schemas.pageOf(loggedRequest) },
  },
}

export function requestRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/requests', listRequestsRoute, async (request) => {
    const { cursor, limit, key, status, path } = request.query
    const { accountId } = callerOf(request)
    const { requests, next } = await app.requestLog.list({
      accountId,
      keyId: key === undefined ? undefined : keyIdOf(app, key),
      statusClass: status === undefined ? undefined : Number(status[0]),
      path,
      ...timesOf(request.query),
      before: fromCursor(cursor),
      limit,
    })
    return {
      data: requests.map((one) => requestAnswer(app, one)),
      next_cursor: next === null ? null : toCursor(next),
    }
  })
}

/** @throws invalid_request */
function keyIdOf(app: App, token: string): bigint {
  const id = app.ids.fromToken('key', token)
  if (id !== null) return id
  const detail = 'must be the id of a key'
  throw new DomainError('invalid_request', `key: ${detail}.`, {
    fields: [{ pointer: 'key', detail }],
  })
}

const requestAnswer = (app: App, one: ListedRequest): Wire<typeof loggedRequest> => ({
  id: app.ids.toToken('req', one.id),
  method: one.method,
  path: one.path,
  api: one.dialect,
  status: one.status,
  duration_ms: one.ms,
  request_id: one.requestId,
  key_id: app.ids.toToken('key', one.keyId),
  address: one.address,
  created_at: one.at.toISOString(),
})
