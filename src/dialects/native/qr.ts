// /v1/orders/:id/qr: an eSIM's activation code as a QR code.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { toBuffer, toString as toText } from 'qrcode'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { orderParams } from './orders.ts'

/** Phones scan it from a screen; glare may hide a quarter of it. */
const options = { errorCorrectionLevel: 'Q', margin: 4 } as const
const pixelsAModule = 8

const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 45 45" shape-rendering="crispEdges">...</svg>'

const getQrRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The QR code.',
          contentTypes: ['image/svg+xml', 'image/png'],
          examples: [{ summary: 'The beginning of a picture', value: picture }],
        },
      },
      failures: ['order_not_found', 'not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getOrderQr',
    tags: ['Orders'],
    summary: 'Get the QR code of an eSIM',
    description:
      'Returns the activation code as a picture. Keep it secret: whoever sees it can use the eSIM.',
    params: orderParams,
    querystring: z.object({
      format: z.enum(['svg', 'png']).default('svg').meta({ description: 'The image format.' }),
    }),
    response: { 200: z.string() },
  },
}

export function qrRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/orders/:id/qr', getQrRoute, async (request, reply) => {
    const { accountId } = callerOf(request)
    const order = await app.orders.read(accountId, orderIdOf(app, request.params.id))
    if (order.kind !== 'esim')
      throw new DomainError('not_found', 'Only eSIM orders have a QR code.')
    const { activationCode } = await app.esims.read(order)
    reply.header('cache-control', 'private, no-store')
    if (request.query.format === 'svg')
      return reply
        .type('image/svg+xml')
        .send(await toText(activationCode, { ...options, type: 'svg' }))
    const png = await toBuffer(activationCode, { ...options, scale: pixelsAModule })
    // @NOTE the schema describes text; Fastify sends a buffer unchanged
    return reply.type('image/png').send(png as unknown as string)
  })
}
