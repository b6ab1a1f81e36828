// /v1/orders/:id/{cancel,finish,resend,reorder,claim,replace,renew,repeat}
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Once, Repeated } from '../../core/idempotency/idempotency.ts'
import type { Order } from '../../core/orders/order.ts'
import { rebuyNumber, replaceNumber } from '../../http/buy-numbers.ts'
import { callerOf } from '../../http/dialect.ts'
import type { FailureCode } from '../../http/failure.ts'
import { orderIdOf } from '../../http/ids.ts'
import { answerOnce } from '../../http/once.ts'
import * as examples from './examples.ts'
import * as orders from './order-schemas.ts'
import { orderParams } from './orders.ts'
import { annotationsOf } from './purchase.ts'
import * as schemas from './schemas.ts'
import { amountOf } from './wanted.ts'
import { orderAnswer } from './wire.ts'

/** What a customer may write on the order that a verb creates. */
const ownBody = z
  .strictObject({ reference: schemas.reference.optional(), metadata: schemas.metadata.optional() })
  .nullish()
  .meta({ id: 'NewRepeat' })

/** How a rental is renewed. */
const renewalBody = z
  .strictObject({
    max_price: schemas.maxPrice.optional().meta({
      description:
        'The highest price for the renewal, in the account’s currency. Without it, the rental is renewed ' +
        'at the current price.',
      examples: ['2.50'],
    }),
  })
  .nullish()
  .meta({ id: 'NewRenewal' })

type Verb = {
  readonly name: string
  readonly summary: string
  readonly description: string
  /** The status of the response: 201 if the verb creates another order. */
  readonly status: 200 | 201
  /** The description of the response. */
  readonly answer: string
  readonly example: z.output<typeof orders.order>
  readonly failures: readonly FailureCode[]
  /** The schema of the body, if the verb takes one, and an example of it. */
  readonly body?: typeof ownBody | typeof renewalBody
  readonly requests?: readonly { readonly summary: string; readonly value: object }[]
  readonly run: (
    app: App,
    target: { accountId: number; id: bigint; once: Once | null },
    body: Body,
    request: FastifyRequest,
  ) => Promise<Order | Repeated>
}

/** The fields of all bodies: each schema lets only its own through. */
type Body = (z.output<typeof ownBody> & z.output<typeof renewalBody>) | null | undefined

const buyingFails = [
  'insufficient_balance',
  'key_limit_reached',
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
    summary: 'Cancel an order',
    description:
      'Returns the money. A number can be cancelled after the cooldown and before a code arrives, a rental ' +
      'shortly after the purchase and before a message, an inbox before a mail, for a fee. Cancelling ' +
      'again gives the same answer.',
    status: 200,
    answer: 'The cancelled order.',
    example: examples.cancelled,
    failures: [
      'order_not_found',
      'order_not_cancellable',
      'cancel_cooldown',
      'supplier_rejected',
      'supply_pending',
    ],
    run: async (app, target) => (await app.orders.cancel(target)).order,
  },
  {
    name: 'finish',
    summary: 'Finish an order',
    description:
      'Finishes an order that has its code. Otherwise it finishes by itself when its time is over.',
    status: 200,
    answer: 'The finished order.',
    example: examples.finished,
    failures: ['order_not_found', 'order_not_finishable', 'supply_pending'],
    run: async (app, target) => (await app.orders.finish(target)).order,
  },
  {
    name: 'resend',
    summary: 'Request another code',
    description:
      'Waits for another code on the same number, free of charge. Only one request can be pending.',
    status: 200,
    answer: 'The order. It waits for another code.',
    example: examples.resent,
    failures: ['order_not_found', 'order_not_resendable', 'resend_pending'],
    run: (app, target) => app.orders.resend(target),
  },
  {
    name: 'reorder',
    summary: 'Request another mail',
    description:
      'Waits for another mail in the same inbox, free of charge. The time of the inbox starts again.',
    status: 200,
    answer: 'The order. It waits for another mail.',
    example: examples.reordered,
    failures: ['order_not_found', 'no_message_yet', 'order_not_resendable'],
    run: (app, target) => app.inboxes.reorder(target),
  },
  {
    name: 'renew',
    summary: 'Renew a rental',
    description:
      'Extends the rental by its length, from its current end, at the current price. This also works for a ' +
      'grace time after the end. The number stays the same. A rental with another platform’s number is ' +
      'renewed there first: the price is held meanwhile, and returned if the platform refuses.',
    status: 200,
    answer: 'The renewed order.',
    example: examples.renewed,
    failures: [
      'order_not_found',
      'order_not_renewable',
      'offer_not_found',
      'price_above_maximum',
      'insufficient_balance',
      'key_limit_reached',
      'supply_pending',
    ],
    body: renewalBody,
    requests: [{ summary: 'With a maximum price', value: { max_price: '4.00' } }],
    run: (app, target, body) =>
      app.orders.renew({ ...target, maxPrice: amountOf(body?.max_price, '/max_price') }),
  },
  {
    name: 'claim',
    summary: 'Claim a late code',
    description:
      'Pays the price of an activation that was cancelled or expired for the code that came within 24 ' +
      'hours after that. The order keeps its state and shows its late messages, also those that follow ' +
      'within these 24 hours. Claiming again gives the same answer.',
    status: 200,
    answer: 'The order with its late code.',
    example: examples.claimed,
    failures: [
      'order_not_found',
      'order_not_claimable',
      'insufficient_balance',
      'key_limit_reached',
    ],
    run: async (app, target) => {
      const claimed = await app.orders.claim(target)
      return 'repeated' in claimed ? claimed : claimed.order
    },
  },
  {
    name: 'repeat',
    summary: 'Buy a past number again',
    description:
      'Buys the number of a past activation again, for the same service, at the current price. If it is ' +
      'another platform’s, this platform is asked for it.',
    status: 201,
    answer: 'The new order.',
    example: examples.repeated,
    failures: [...buyingFails, 'order_not_found', 'order_not_repeatable'],
    body: ownBody,
    requests: [{ summary: 'With a reference', value: { reference: 'signup-4712' } }],
    run: async (app, target, body, request) => {
      const annotations = annotationsOf(body ?? {})
      const bought = await rebuyNumber(app, request, { ...target, annotations })
      return 'repeated' in bought ? bought : (bought.orders[0] as Order)
    },
  },
  {
    name: 'replace',
    summary: 'Replace a number',
    description:
      'Cancels the order and buys another number of the same offer, in one step. The old price is returned ' +
      'and the current price is held. The answer is the new order. If another platform is asked for the ' +
      'new number, the old order waits meanwhile. If there is none in time (409 `out_of_stock`), or the ' +
      'code comes first (409 `order_not_replaceable`), nothing has changed.',
    status: 201,
    answer: 'The new order.',
    example: examples.replacement,
    failures: [...buyingFails, 'order_not_found', 'order_not_replaceable'],
    run: (app, target, _body, request) => replaceNumber(app, request, target),
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
            ...(verb.requests ? { requests: verb.requests } : {}),
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
            return verb.run(app, { accountId, id, once }, request.body as Body, request)
          },
          render: async (order) => ({ status: verb.status, body: await orderAnswer(app, order) }),
          renderAgain: async ({ subjectIds }) => ({
            status: verb.status,
            body: await orderAnswer(app, await app.orders.read(accountId, subjectIds[0] ?? id)),
          }),
        })
      },
    )
}
