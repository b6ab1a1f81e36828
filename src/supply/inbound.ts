// GET and POST /api/supply/NAME: the webhooks of vendors, each checked by the vendor's own signature scheme.
//
// A request is stored before it is read. The vendor's acknowledgement means that its messages are stored, or
// will be; whether an order wanted them does not matter to the vendor, who would only send them again.
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app.ts'
import { DomainError } from '../core/error.ts'
import type { RequestParts } from '../core/inbound/requests.ts'
import type { Supplier } from '../core/inventory/suppliers.ts'
import type { Dialect } from '../http/dialect.ts'
import type { RouteReference } from '../http/openapi/reference.ts'
import { failures } from '../http/problem.ts'
import { hintRoutes } from './hints.ts'
import { supplierKindNamed, withHeaders } from './kinds.ts'
import { requestUrls } from './request-urls.ts'
import type { Inbound, Settings, SupplierKind } from './supplier.ts'

/** Until an operator has given the server its key. */
const missingKeyRetryS = 30

const config: FastifyContextConfig = {
  scope: null,
  reference: {
    answers: {
      200: {
        description:
          'The request is stored, and its messages are or will be. The body is what the vendor expects.',
        examples: [{ summary: 'Without a body', value: '' }],
        contentTypes: ['text/plain', 'text/xml', 'application/json'],
      },
      204: { description: 'The same, for vendors that expect this status.', examples: [] },
    },
    failures: ['not_found', 'unauthenticated', 'forbidden', 'rate_limited'],
    requests: [{ summary: 'As the vendor sends it', value: { from: '+12015550188', text: '...' } }],
  } satisfies RouteReference,
}

const description =
  'Give the vendor this URL; `numlet suppliers show NAME` prints it. Format and signature are those of the ' +
  'vendor. Requests without its signature are refused with 401, and those to a supplier that is turned off ' +
  'with 403. Messages to unknown numbers are acknowledged, and kept for the operator.'

const params = z.object({
  name: z.string().meta({ description: 'The supplier’s name.', examples: ['my-twilio'] }),
})
const response = { 200: z.string(), 204: z.null() }

export const supplyWebhooks: Dialect = {
  name: 'supply',
  prefix: '/api/supply',
  territory: '/api/supply',
  isForPartners: true,
  // Signatures cover the exact URL and the exact bytes.
  isStrict: true,
  takesAnyBody: true,
  failures,
  reference: { tags: [] },
  routes,
}

function routes(plain: FastifyInstance, app: App) {
  hintRoutes(plain, app, supplierKindNamed)
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const summary = 'Receive a vendor’s request'
  scope.post(
    '/:name',
    {
      config,
      schema: {
        operationId: 'receiveFromVendor',
        tags: ['Supply'],
        summary,
        description,
        params,
        body: z.unknown().meta({
          id: 'VendorRequest',
          description: 'As described in the vendor’s documentation, of any content type.',
        }),
        response,
      },
    },
    (request, reply) => receive(app, request, reply, request.params.name),
  )
  scope.get(
    '/:name',
    {
      config: { ...config, reference: { ...config.reference, requests: [] } as RouteReference },
      exposeHeadRoute: false,
      schema: {
        operationId: 'receiveFromVendorByQuery',
        tags: ['Supply'],
        summary: `${summary} by its query`,
        description,
        params,
        response,
      },
    },
    (request, reply) => receive(app, request, reply, request.params.name),
  )
}

async function receive(app: App, request: FastifyRequest, reply: FastifyReply, name: string) {
  const { supplier, kind, inbound } = await findSupplier(app, name)
  const now = app.now()
  const parts = partsOf(request, inbound.headers, now)
  const urls = requestUrls(app.config.publicUrl, request)
  const settings = await settingsOf(app, kind, supplier)
  if (!inbound.verify({ ...withHeaders(parts), urls }, settings)) {
    app.inbound.refuse(now, supplier)
    throw new DomainError('unauthenticated', 'The request’s signature is missing or wrong.')
  }
  if (supplier.state === 'off')
    throw new DomainError('forbidden', 'This supplier is turned off: nothing is taken from it.')
  await app.inbound.take(now, supplier, parts)
  const { status, contentType, body } = inbound.answer
  // @NOTE as bytes: a text would be written as JSON, or as text/plain
  reply.code(status)
  if (status === 204) return reply.send()
  return reply.header('content-type', contentType ?? 'text/plain').send(Buffer.from(body))
}

type Found = { supplier: Supplier; kind: SupplierKind; inbound: Inbound }

async function findSupplier(app: App, name: string): Promise<Found> {
  const supplier = await app.suppliers.named(name)
  const kind = supplier && supplierKindNamed(supplier.kind)
  if (!supplier || !kind?.inbound)
    throw new DomainError('not_found', 'No supplier of this name sends its messages here.')
  return { supplier, kind, inbound: kind.inbound }
}

async function settingsOf(app: App, kind: SupplierKind, supplier: Supplier): Promise<Settings> {
  try {
    return await app.inbound.settingsOf(kind, supplier)
  } catch (error) {
    const who = `supplier ${supplier.name}`
    app.troubles.failed({ trouble: 'secrets of suppliers', who, error, isIncident: true })
    throw new DomainError('unavailable', 'The signature cannot be checked now. Send it again.', {
      retryAfterS: missingKeyRetryS,
    })
  }
}

function partsOf(request: FastifyRequest, names: readonly string[], now: Date): RequestParts {
  const sent = sentHeaders(request)
  const url = request.url
  const start = url.indexOf('?')
  return {
    method: request.method === 'GET' ? 'GET' : 'POST',
    query: start < 0 ? '' : url.slice(start + 1),
    headers: Object.fromEntries(
      names.flatMap((name) => {
        const value = sent.get(name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    receivedAt: now,
  }
}

/** As they came: the content type may have been removed for the parser. PostgreSQL stores no NUL, and HTTP
 * has none. */
function sentHeaders({ raw: { rawHeaders } }: FastifyRequest): Map<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const before = headers.get(name)
    const value = rawHeaders[i + 1] as string
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return headers
}
