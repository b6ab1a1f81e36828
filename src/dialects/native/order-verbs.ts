// /v1/orders/:id/{cancel,finish,resend,reorder,replace,renew,repeat}
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Once, Repeated } from '../../core/idempotency/idempotency.ts'
import type { Order } from '../../core/orders/order.ts'
import { cancelOrder, finishOrder, replaceOrder, resendOrder } from '../../core/orders/orders.ts'
import { callerOf } from '../../http/dialect.ts'
import type { FailureCode } from '../../http/failure.ts'
import { orderIdOf } from '../../http/ids.ts'
import { answerOnce } from '../../http/once.ts'
import * as examples from './examples.ts'
import * as orders from './order-schemas.ts'
import { orderParams } from './orders.ts'
import { annotationsOf } from './purchase.ts'
import * as schemas from './schemas.ts'
import { orderAnswer } from './wire.ts'

/** What a customer may write on an order that a verb makes. */
const ownBody = z
  .strictObject({ reference: schemas.reference.optional(), metadata: schemas.metadata.optional() })
  .optional()
  .meta({ id: 'NewRepeat' })

type Verb = {
  readonly name: string
  readonly summary: string
  readonly description: string
  /** The status of its answer: 201 where it makes another order. */
  readonly status: 200 | 201
  /** What its answer means. */
  readonly answer: string
  readonly example: z.output<typeof orders.order>
  readonly failures: readonly FailureCode[]
  /** What its body may hold, where it takes one. */
  readonly body?: typeof ownBody
  readonly run: (
    app: App,
    target: { accountId: number; id: bigint; once: Once | null },
    body: z.output<typeof ownBody>,
  ) => Promise<Order | Repeated>
}

const repeatRequests = [{ summary: 'With a reference', value: { reference: 'signup-4712' } }]

const buyingFails = [
  'insufficient_balance',
  'service_closed',
  'country_closed',
  'service_not_found',
  'country_not_found',
  'offer_not_found',
  'out_of_stock',
  'too_many_open_orders',
  'daily_limit_reached',
  'too_many_cancelled',
] as const satisfies readonly FailureCode[]

const verbs: readonly Verb[] = [
  {
    name: 'cancel',
    summary: 'Give it back, and get the money back',
    description:
      'A number after the cooldown and before a code; a rental soon after it was bought and before a ' +
      'message; an inbox before a mail, less its fee. Cancelling twice gives the same answer.',
    status: 200,
    answer: 'The order, cancelled; its price is back in the balance.',
    example: examples.cancelled,
    failures: ['order_not_found', 'order_not_cancellable', 'cancel_cooldown'],
    run: async (app, target) => (await cancelOrder(app.db, app.now(), target)).order,
  },
  {
    name: 'finish',
    summary: 'End an order that has its code',
    description: 'Unfinished ones end by themselves when their time is over.',
    status: 200,
    answer: 'The order, finished.',
    example: examples.finished,
    failures: ['order_not_found', 'order_not_finishable'],
    run: async (app, target) => (await finishOrder(app.db, app.now(), target)).order,
  },
  {
    name: 'resend',
    summary: 'Wait for one more code on the same number',
    description: 'Free of charge; the next ask waits until this code has come.',
    status: 200,
    answer: 'The order, which waits for another code.',
    example: examples.resent,
    failures: ['order_not_found', 'order_not_resendable', 'resend_pending'],
    run: (app, target) => resendOrder(app.db, app.now(), target),
  },
  {
    name: 'reorder',
    summary: 'Wait for one more mail in the same inbox',
    description: 'Free of charge, once a mail has come: the inbox has its first window again.',
    status: 200,
    answer: 'The order, which waits for another mail.',
    example: examples.reordered,
    failures: ['order_not_found', 'no_message_yet', 'order_not_resendable'],
    run: (app, target) => app.reorderInbox(app.now(), target),
  },
  {
    name: 'renew',
    summary: 'Keep a rental for its length once more',
    description:
      'At the price of now, from the old end on; also within a grace time after the end. The number stays.',
    status: 200,
    answer: 'The order with its new end.',
    example: examples.renewed,
    failures: ['order_not_found', 'order_not_renewable', 'offer_not_found', 'insufficient_balance'],
    run: (app, target) => app.renew(app.now(), target),
  },
  {
    name: 'repeat',
    summary: 'Buy the number of a past activation once more',
    description: 'For the same service, at the price of now. Answers the new order.',
    status: 201,
    answer: 'The new order.',
    example: examples.repeated,
    failures: [...buyingFails, 'order_not_found', 'order_not_repeatable'],
    body: ownBody,
    run: async (app, target, body) => {
      const annotations = annotationsOf(body ?? {})
      const bought = await app.buyAgain(app.now(), { ...target, annotations })
      return 'repeated' in bought ? bought : (bought.orders[0] as Order)
    },
  },
  {
    name: 'replace',
    summary: 'Swap the number for a fresh one of the same offer',
    description:
      'One step: the old price comes back, the price of now is held. Answers the new order.',
    status: 201,
    answer: 'The new order.',
    example: examples.replacement,
    failures: [...buyingFails, 'order_not_found', 'order_not_replaceable'],
    run: (app, target) => replaceOrder(app.db, app.now(), app.config, app.limits(), target),
  },
]

export function orderVerbRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  for (const verb of verbs)
    scope.post(
      `/orders/:id/${verb.name}`,
      {
        config: {
          scope: 'buy',
          reference: {
            answers: {
              [verb.status]: {
                description: verb.answer,
                examples: [{ summary: verb.answer, value: verb.example }],
              },
            },
            ...(verb.body ? { requests: repeatRequests } : {}),
            failures: verb.failures,
          },
        },
        schema: {
          operationId: `${verb.name}Order`,
          tags: ['Orders'],
          summary: verb.summary,
          description: verb.description,
          params: orderParams,
          ...(verb.body ? { body: verb.body } : {}),
          response: { [verb.status]: orders.order },
        },
      },
      (request, reply) => {
        const { accountId } = callerOf(request)
        const id = orderIdOf(app, request.params.id)
        return answerOnce<Order>(app, request, reply, {
          run: async (once) => {
            const body = request.body as z.output<typeof ownBody>
            const result = await verb.run(app, { accountId, id, once }, body)
            app.watch.changed(id)
            return result
          },
          render: async (order) => ({ status: verb.status, body: await orderAnswer(app, order) }),
          renderAgain: async ({ orderIds }) => ({
            status: verb.status,
            body: await orderAnswer(app, await app.readOrder(accountId, orderIds[0] ?? id)),
          }),
        })
      },
    )
}
