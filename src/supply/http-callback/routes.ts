// POST /api/callback: receives messages from suppliers and from the simulator.
//
// The format is that of smsVerificationService's callback. 200 means that the message is stored. Whether an
// order wanted it does not matter to the supplier, who would only send it again.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Supplier } from '../../core/inventory/suppliers.ts'
import { maxSenderLength, maxTextLength } from '../../core/messages/store.ts'
import { bearerKey } from '../../http/authentication.ts'
import type { Dialect } from '../../http/dialect.ts'
import type { RouteReference } from '../../http/openapi/reference.ts'
import { failures } from '../../http/problem.ts'
import { realId, toE164 } from '../fields.ts'

const textOrNumber = (maxLength: number) =>
  z.union([z.string().max(maxLength), z.number().transform(String)])

const callbackBody = z
  .object({
    event: z.literal('incoming_message'),
    message: z.object({
      id: textOrNumber(200)
        .nullish()
        .meta({
          description:
            'The supplier’s id of the message; the same id is stored once. Placeholders for a missing id ' +
            '(empty, 0, -1, null, none) count as no id.',
        }),
      number: z.union([z.string().max(40), z.number().int().positive().transform(String)]).meta({
        description: 'The receiving number: international format, with or without the plus.',
        examples: ['+12015550123'],
      }),
      sender: textOrNumber(maxSenderLength)
        .nullish()
        .meta({ examples: ['WhatsApp'] }),
      sms: z.string().max(maxTextLength).meta({ description: 'The full text.' }),
      order_id: textOrNumber(100)
        .nullish()
        .meta({ description: 'The order that it is for, if known.' }),
      service: z.string().max(100).nullish().meta({
        description: 'The service that it is for, if known: slug, UUID or number.',
      }),
      type: z.string().max(40).nullish().meta({ description: 'Accepted and ignored.' }),
    }),
  })
  .meta({ id: 'IncomingMessage' })

type Body = z.output<typeof callbackBody>

const receipt = z
  .object({
    message_id: z.string().meta({ examples: ['msg_0a1b2c3d4e5'] }),
    order_ids: z.array(z.string()).meta({
      description: 'The order that received the message; empty if no order wanted it.',
      examples: [['ord_89b12d3a456']],
    }),
  })
  .meta({ id: 'MessageReceipt' })

const tags = [
  {
    name: 'Supply',
    description: 'For suppliers: delivering messages. Needs a supplier’s secret.',
  },
]

const sms = { number: '+12015550123', sender: 'WhatsApp', sms: 'Your WhatsApp code: 593-821' }

const reference: RouteReference = {
  answers: {
    200: {
      description: 'The message is stored, whether or not an order wanted it.',
      examples: [
        {
          summary: 'Given to an order',
          value: { message_id: 'msg_0a1b2c3d4e5', order_ids: ['ord_89b12d3a456'] },
        },
        { summary: 'Kept unmatched', value: { message_id: 'msg_0a1b2c3d4e5', order_ids: [] } },
      ],
    },
  },
  requests: [
    {
      summary: 'A message with an id',
      value: { event: 'incoming_message', message: { id: 'sms-81723', ...sms } },
    },
    { summary: 'The required fields only', value: { event: 'incoming_message', message: sms } },
  ],
}

export const httpCallback: Dialect = {
  name: 'http-callback',
  prefix: '/api',
  territory: '/api',
  isForPartners: true,
  failures,
  reference: { tags, security: 'supplierSecret' },
  routes,
}

function routes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const suppliers = new WeakMap<FastifyRequest, Supplier>()
  scope.post(
    '/callback',
    {
      config: { scope: null, reference },
      onRequest: async (request: FastifyRequest, _reply: FastifyReply) => {
        suppliers.set(request, await app.suppliers.recognise(bearerKey(request)))
      },
      schema: {
        operationId: 'receiveMessage',
        tags: ['Supply'],
        summary: 'Deliver a message',
        description:
          'Send the supplier’s secret as the bearer token. The response 200 means that the message is ' +
          'stored; until then, send it again. A message with an `id` that was received before is not ' +
          'stored twice. The same text from the same sender to the same number within 10 seconds is one ' +
          'message, whatever its `id`.',
        body: callbackBody,
        response: { 200: receipt },
      },
    },
    async (request) => {
      const { id } = suppliers.get(request) as Supplier
      const receipt = await app.messages.receive(app.now(), await toMessage(app, id, request.body))
      return {
        message_id: app.ids.toToken('msg', receipt.messageId),
        order_ids: receipt.orderId === null ? [] : [app.ids.toToken('ord', receipt.orderId)],
      }
    },
  )
}

async function toMessage(app: App, supplierId: number, { message }: Body) {
  const name = message.service?.toLowerCase()
  const catalog = await app.catalog.current()
  const service = name === undefined ? undefined : catalog.service(name)
  return {
    supplierId,
    supplierRef: realId(message.id),
    channel: 'sms' as const,
    phone: toE164(message.number),
    sender: message.sender ?? '',
    text: message.sms,
    hint: { orderId: orderHint(app, message.order_id), serviceId: service?.id ?? null },
  }
}

function orderHint(app: App, text: string | null | undefined): bigint | null {
  if (text === null || text === undefined) return null
  return app.ids.fromToken('ord', text) ?? (/^\d{1,18}$/.test(text) ? BigInt(text) : null)
}
