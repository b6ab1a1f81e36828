// The verbs for orders of a number, and OTPZap's reasons for refusing them.
import type { FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import type { Once, Repeated } from '../../core/idempotency/idempotency.ts'
import { isClosed, type Order } from '../../core/orders/order.ts'
import { replaceNumber } from '../../http/buy-numbers.ts'
import type { RouteReference } from '../../http/openapi/reference.ts'
import { finer } from './errors.ts'
import { buyingFailures, example, pendingOrder, telling } from './reference.ts'
import { serverOf } from './wire.ts'

type Target = { readonly accountId: number; readonly id: bigint; readonly once: Once | null }

export type Verb = {
  readonly name: string
  readonly operationId: string
  readonly summary: string
  readonly reference: RouteReference
  /** @param order its state just before the call */
  readonly run: (
    app: App,
    order: Order,
    target: Target,
    request: FastifyRequest,
  ) => Promise<Order | Repeated>
}

const requests = [{ summary: 'An order', value: { order_id: 65 } }]

export const verbs: readonly Verb[] = [
  {
    // "Cancel a pending order. A 2-minute cooldown applies to all orders."
    name: 'cancel',
    operationId: 'otpzapCancelOrder',
    summary: 'Cancel an order',
    reference: telling(
      'The cancelled order',
      { ...pendingOrder, status: 'cancelled' },
      {
        requests,
        failures: [
          'order_not_found',
          'order_not_cancellable',
          'cancel_cooldown',
          'supplier_rejected',
          'supply_pending',
        ],
      },
    ),
    run: async (app, _order, target) => {
      const { order, changed } = await app.orders.cancel(target)
      if (!changed) throw new DomainError('order_not_cancellable', 'The order is not pending.')
      return order
    },
  },
  {
    // "Mark order as finished. Use after the OTP is received."
    name: 'finish',
    operationId: 'otpzapFinishOrder',
    summary: 'Finish an order',
    reference: telling(
      'The finished order',
      { ...example.order, status: 'success' },
      { requests, failures: ['order_not_found', 'order_not_finishable'] },
    ),
    run: (app, order, target) =>
      explained(order, async () => (await app.orders.finish(target)).order),
  },
  {
    // "Resend SMS. Status and existing OTP are not reset."
    name: 'resend',
    operationId: 'otpzapResendOrder',
    summary: 'Request another OTP',
    reference: telling(
      'The order, waiting for another OTP',
      { ...example.order, resend_count: 1, resend_locked_until: example.order.expires_at },
      { requests, failures: ['order_not_found', 'order_not_resendable', 'resend_pending'] },
    ),
    run: (app, order, target) => {
      if (order.kind !== 'activation')
        throw finer('resend_unsupported', 'This number does not support resend.')
      return explained(order, () => app.orders.resend(target))
    },
  },
  {
    // "Server 1 only. Old balance refunded, new balance deducted in one transaction."
    name: 'replace',
    operationId: 'otpzapReplaceOrder',
    summary: 'Replace a number',
    reference: telling('The new order', pendingOrder, {
      requests,
      failures: ['order_not_found', 'order_not_replaceable', 'offer_not_found', ...buyingFailures],
    }),
    run: async (app, order, target, request) => {
      if (order.kind !== 'activation' || (await serverOf(app, order)) !== 1)
        throw finer('replace_unsupported', 'Only orders of server 1 can be replaced.')
      return replaceNumber(app, request, target)
    },
  },
]

/** The core refuses a verb before the first OTP and after the end with one code; this dialect has two. */
export async function explained<T>(order: Order, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isRefused =
      error instanceof DomainError &&
      (error.code === 'order_not_finishable' || error.code === 'order_not_resendable')
    if (isRefused && isClosed(order.state)) throw finer('order_closed', 'The order has ended.')
    throw error
  }
}
