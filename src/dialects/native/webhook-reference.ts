// The webhooks that Numlet sends, for the reference: one entry for each type of event.
// https://spec.openapis.org/oas/v3.1.1.html#oas-webhooks
import { eventTypes } from '../../core/events/catalog.ts'
import { testType } from '../../core/webhooks/endpoint.ts'
import type { SentWebhook } from '../../http/openapi/webhooks.ts'
import { depositExample, paidExample } from './deposit-wire.ts'
import { webhookSchemaOf } from './event-schemas.ts'
import * as examples from './examples.ts'
import { exampleWebhook } from './webhook-schemas.ts'

const timestamp = '2026-11-20T09:30:07.512Z'
const webhook_id = exampleWebhook.id
const types = [...(Object.keys(eventTypes) as (keyof typeof eventTypes)[]), testType] as const

type Type = (typeof types)[number]

function dataOf(type: Type): unknown {
  const own: Partial<Record<Type, unknown>> = {
    'order.created': examples.order,
    'order.resend_requested': examples.resent,
    'order.finished': examples.finished,
    'order.cancelled': examples.cancelled,
    'order.refunded': examples.cancelled,
    'order.late_code': examples.late,
    'order.claimed': examples.claimed,
    'order.renewed': examples.renewed,
    'order.expiring': examples.rental,
    'order.ended': { ...examples.rental, state: 'ended', closed_at: examples.rental.expires_at },
    'message.received': { order_id: examples.order.id, message: examples.received.messages[0] },
    'balance.low': { balance: '4.50', low_balance: '5.00', currency: 'USD' },
    'deposit.created': depositExample,
    'webhook.disabled': { webhook_id, reason: 'failing' },
    [testType]: { webhook_id },
  }
  return own[type] ?? (type.startsWith('deposit.') ? paidExample : examples.received)
}

/** Every webhook in the format `standard`. */
export const sentWebhooks: readonly SentWebhook[] = types.map((type) => ({
  type,
  description: type === testType ? 'You asked for a test.' : eventTypes[type],
  schema: webhookSchemaOf(type),
  example: { type, timestamp, data: dataOf(type) },
}))
