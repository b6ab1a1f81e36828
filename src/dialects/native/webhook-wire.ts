// Webhook endpoints and deliveries in the native API, and their ids.
import type { z } from 'zod'
import type { App } from '../../app.ts'
import { toEventId } from '../../core/events/event-id.ts'
import type { Delivery } from '../../core/webhooks/deliveries.ts'
import type { Endpoint } from '../../core/webhooks/endpoint.ts'
import { webhookNotFound } from '../../core/webhooks/endpoint-rows.ts'
import type { WebhookFormat } from '../../core/webhooks/formats.ts'
import type * as schemas from './webhook-schemas.ts'

const maxEndpointId = 2n ** 31n - 1n

/** @throws webhook_not_found if the text cannot be an endpoint's id */
export function endpointIdOf(app: App, text: string): number {
  const id = app.ids.fromToken('whk', text)
  if (id === null || id > maxEndpointId) throw webhookNotFound()
  return Number(id)
}

/** @throws webhook_not_found if the text cannot be a delivery's id */
export function deliveryIdOf(app: App, text: string): bigint {
  const id = app.ids.fromToken('dlv', text)
  if (id === null) throw webhookNotFound()
  return id
}

const time = (date: Date | null) => date?.toISOString() ?? null

export const webhookAnswer = (app: App, endpoint: Endpoint): z.output<typeof schemas.webhook> => ({
  id: app.ids.toToken('whk', endpoint.id),
  url: endpoint.url,
  events: [...endpoint.events] as z.output<typeof schemas.webhook>['events'],
  format: endpoint.format,
  order_id: endpoint.orderId === null ? null : app.ids.toToken('ord', endpoint.orderId),
  description: endpoint.description,
  active: endpoint.isActive,
  off_reason: endpoint.offReason,
  failing_since: time(endpoint.failingSince),
  old_secret_until:
    endpoint.oldSecretUntil !== null && endpoint.oldSecretUntil > app.now()
      ? time(endpoint.oldSecretUntil)
      : null,
  created_at: endpoint.createdAt.toISOString(),
  updated_at: endpoint.updatedAt.toISOString(),
})

const standardHeaders = ['webhook-id', 'webhook-timestamp', 'webhook-signature']

export const formatAnswer = (one: WebhookFormat): z.output<typeof schemas.webhookFormat> => ({
  name: one.name,
  title: one.title,
  description: one.description,
  events: [...one.types],
  headers: [...one.ownHeaders, ...standardHeaders],
  example: { ...one.example },
})

export const deliveryAnswer = (
  app: App,
  { event, ...delivery }: Delivery,
): z.output<typeof schemas.delivery> => ({
  id: app.ids.toToken('dlv', delivery.id),
  webhook_id: app.ids.toToken('whk', delivery.endpointId),
  event_id:
    event.xid === null || event.id === null
      ? null
      : toEventId({ epoch: event.epoch, xid: event.xid, id: event.id }),
  event_type: event.type as z.output<typeof schemas.delivery>['event_type'],
  cause: delivery.cause,
  state: delivery.state,
  attempts: delivery.attempts.map((attempt) => ({
    number: attempt.number,
    at: attempt.at.toISOString(),
    duration_ms: attempt.durationMs,
    status: attempt.status,
    error: attempt.error,
    response: attempt.response,
  })),
  next_attempt_at: time(delivery.dueAt),
  created_at: delivery.createdAt.toISOString(),
})
