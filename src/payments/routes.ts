// POST /api/wallet/callback/<gateway>: gateways tell of payments here, each with its own signature.
//
// 200 means taken, and is also the answer to what is known already or is about nothing of ours: gateways send
// again what is not answered so.
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app.ts'
import { takeNotice } from '../core/deposits/asking.ts'
import { GatewayError, gatewayNamed } from '../core/deposits/gateway.ts'
import { DomainError } from '../core/error.ts'
import { jsonReader } from '../http/bodies.ts'
import type { Dialect } from '../http/dialect.ts'
import { failures } from '../http/problem.ts'

const receipt = z
  .object({
    outcome: z.enum(['taken', 'known', 'ignored']).meta({
      description: '`known`: it came before. `ignored`: it is about nothing of ours.',
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
          description: 'The notice was taken in; it need not be sent again.',
          examples: [{ summary: 'Taken', value: { outcome: 'taken' as const } }],
        },
      },
      failures: ['not_found', 'unauthenticated'],
      requests: [{ summary: 'One of Midtrans', value: exampleNotice }],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'takeNotice',
    tags: ['Payments'],
    summary: 'Receive a payment notice',
    description:
      'The body is the gateway’s own, and so is the signature, in it or in a header. What the notice says ' +
      'is not believed: the gateway is asked how the deposit stands before anything is credited.',
    params: z.object({
      gateway: z
        .string()
        .max(40)
        .meta({ description: 'The gateway’s name.', examples: ['midtrans'] }),
    }),
    body: z
      .unknown()
      .meta({ id: 'GatewayNotice', description: 'What the gateway’s own documentation says.' }),
    response: { 200: receipt },
  },
}

const tags = [
  { name: 'Payments', description: 'For payment gateways: how they tell of what was paid.' },
]

export const walletCallback: Dialect = {
  name: 'wallet-callback',
  prefix: '/api/wallet',
  territory: '/api/wallet',
  isForPartners: true,
  // A signature is over the very bytes that came.
  isStrict: true,
  failures,
  reference: { tags },
  routes: noticeRoutes,
}

function noticeRoutes(plain: FastifyInstance, app: App) {
  const texts = keepTexts(plain)
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.post('/callback/:gateway', noticeRoute, async (request) => {
    const gateway = gatewayNamed(app.gateways, request.params.gateway)
    if (!gateway?.notice) throw new DomainError('not_found', 'No such gateway tells us anything.')
    const body = Buffer.from(texts.get(request) ?? '')
    const sent = { headers: request.headers, body, now: app.now() }
    const outcome = await takeNotice(app.db, app.now(), gateway, sent).catch((error: unknown) => {
      if (!(error instanceof GatewayError)) throw error
      throw new DomainError('unavailable', 'The gateway could not be asked. Send it again.', {
        retryAfterS,
      })
    })
    return { outcome }
  })
}

const retryAfterS = 30

/** The bodies as they came: a signature is over the very bytes. */
function keepTexts(scope: FastifyInstance): WeakMap<FastifyRequest, string> {
  const texts = new WeakMap<FastifyRequest, string>()
  const read = jsonReader(scope)
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    texts.set(request, text as string)
    return read(request, text, done)
  })
  return texts
}
