// POST /api/wallet/callback/<gateway>: receives payment notices of gateways, each with the gateway's
// signature.
//
// 200 means accepted. It is also the response to duplicates and to notices about unknown deposits, because
// gateways repeat a notice until it is accepted.
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app.ts'
import { GatewayError } from '../core/deposits/gateway.ts'
import { DomainError } from '../core/error.ts'
import { jsonReader } from '../http/bodies.ts'
import type { Dialect } from '../http/dialect.ts'
import { failures } from '../http/problem.ts'

const receipt = z
  .object({
    outcome: z.enum(['taken', 'known', 'ignored']).meta({
      description: '`known`: a duplicate. `ignored`: not about a deposit of this platform.',
    }),
  })
  .meta({ id: 'NoticeReceipt' })

const exampleNotice = {
  order_id: 'NL7K3QX9P2MVAB',
  status_code: '200',
  gross_amount: '275000.00',
  transaction_id: '0d8178e1-c6c7-4ab4-81a6-893be9d924ab',
  transaction_status: 'settlement',
  signature_key:
    '3bc25350fbd342c8f5c1ad4870fa8ff47f6f76d09404aada95571e6378d3ee9e' +
    '6f02eb12af350296d19b7a9182ce7cbf80c9af7f0755744375f604885f16f6d9',
}

const noticeRoute = {
  config: {
    scope: null,
    reference: {
      answers: {
        200: {
          description: 'The notice was accepted and need not be sent again.',
          examples: [{ summary: 'Accepted', value: { outcome: 'taken' as const } }],
        },
      },
      failures: ['not_found', 'unauthenticated'],
      requests: [{ summary: 'From Midtrans', value: exampleNotice }],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'takeNotice',
    tags: ['Payments'],
    summary: 'Receive a payment notice',
    description:
      'Body and signature have the gateway’s own format; the signature is in the body or in a header. ' +
      'The content is not trusted: the gateway is asked for the state of the deposit before anything ' +
      'is credited.',
    params: z.object({
      gateway: z
        .string()
        .max(40)
        .meta({ description: 'The gateway’s name.', examples: ['midtrans'] }),
    }),
    body: z
      .unknown()
      .meta({ id: 'GatewayNotice', description: 'As described in the gateway’s documentation.' }),
    response: { 200: receipt },
  },
}

const tags = [{ name: 'Payments', description: 'For payment gateways: reporting payments.' }]

export const walletCallback: Dialect = {
  name: 'wallet-callback',
  prefix: '/api/wallet',
  territory: '/api/wallet',
  isForPartners: true,
  // A signature covers the exact bytes that were received.
  isStrict: true,
  failures,
  reference: { tags },
  routes: noticeRoutes,
}

function noticeRoutes(plain: FastifyInstance, app: App) {
  const bytes = keepBytes(plain)
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.post('/callback/:gateway', noticeRoute, async (request) => {
    const gateway = app.deposits.gatewayNamed(request.params.gateway)
    if (!gateway?.notice)
      throw new DomainError('not_found', 'No gateway of this name sends notices.')
    const body = bytes.get(request) ?? Buffer.alloc(0)
    const sent = { headers: request.headers, body }
    const outcome = await app.deposits.takeNotice(gateway, sent).catch((error: unknown) => {
      if (!(error instanceof GatewayError)) throw error
      throw new DomainError('unavailable', 'The gateway did not answer. Send the notice again.', {
        retryAfterS,
      })
    })
    return { outcome }
  })
}

const retryAfterS = 30

/** The raw bodies: a signature covers the exact bytes. */
function keepBytes(scope: FastifyInstance): WeakMap<FastifyRequest, Buffer> {
  const kept = new WeakMap<FastifyRequest, Buffer>()
  const read = jsonReader(scope)
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    kept.set(request, body as Buffer)
    return read(request, body, done)
  })
  return kept
}
