// Verbs on an inbox, named by its ref: /order/email-{reorder,cancel,finish}
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import type { Once, Repeated } from '../../core/idempotency/idempotency.ts'
import type { Order } from '../../core/orders/order.ts'
import { notFound } from '../../core/orders/read.ts'
import { callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { answerOnce } from '../../http/once.ts'
import * as reference from './email-reference.ts'
import * as wire from './email-wire.ts'
import { explained } from './order-verbs.ts'
import { ok, tokenIn } from './values.ts'
import { verbRoute } from './verb-route.ts'

const refWanted = 'must be the ref of an inbox'
export const inboxRef = z.string(refWanted).min(1, refWanted).max(200, refWanted)

const target = z
  .object({ ref: inboxRef }, 'must be a JSON object')
  .meta({ id: 'OtpzapInboxTarget' })

type Target = { readonly accountId: number; readonly id: bigint; readonly once: Once | null }

export const verbs = [
  {
    // "Request a new message on the same email inbox."
    name: 'email-reorder',
    operationId: 'otpzapReorderInbox',
    summary: 'Request another mail',
    reference: reference.reorder,
    run: (app: App, order: Order, target: Target): Promise<Order | Repeated> =>
      explained(order, () => app.inboxes.reorder(target)),
  },
  {
    // "Cancel before any message arrives."
    name: 'email-cancel',
    operationId: 'otpzapCancelInbox',
    summary: 'Cancel an inbox',
    reference: reference.cancel,
    run: async (app: App, _order: Order, target: Target) => {
      const { order, changed } = await app.orders.cancel(target)
      if (!changed) throw new DomainError('order_not_cancellable', 'The order is not pending.')
      return order
    },
  },
  {
    // "Finish an email order after a message arrives."
    name: 'email-finish',
    operationId: 'otpzapFinishInbox',
    summary: 'Finish an inbox',
    reference: reference.finish,
    run: async (app: App, order: Order, target: Target) => {
      if (order.state === 'waiting')
        throw new DomainError('no_message_yet', 'This inbox has not received a message yet.')
      return explained(order, async () => (await app.orders.finish(target)).order)
    },
  },
] as const

/** @throws order_not_found, also for the order of a number */
export async function readInboxOrder(app: App, accountId: number, ref: string): Promise<Order> {
  const token = tokenIn('APIE', accountId, ref)
  const id = orderIdOf(app, token === null ? ref : `ord_${token}`)
  const order = await app.orders.read(accountId, id)
  if (order.kind !== 'email') throw notFound()
  return order
}

export function emailVerbRoute(plain: FastifyInstance, app: App, verb: (typeof verbs)[number]) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const answer = async (order: Order) => ({
    status: 200,
    body: ok(await wire.inboxData(app, order)),
  })
  const route = verbRoute(verb, target, wire.inboxAnswer)
  scope.post(`/order/${verb.name}`, route, (request, reply) => {
    const { accountId } = callerOf(request)
    const { ref } = request.body
    return answerOnce<Order>(app, request, reply, {
      run: async (once) => {
        const order = await readInboxOrder(app, accountId, ref)
        return verb.run(app, order, { accountId, id: order.id, once })
      },
      render: answer,
      renderAgain: async () => answer(await readInboxOrder(app, accountId, ref)),
    })
  })
}
