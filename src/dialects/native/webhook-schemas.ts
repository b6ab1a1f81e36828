// The native API's schemas of webhook endpoints and deliveries, with examples.
import { z } from 'zod'
import { deliveryCauses, deliveryStates } from '../../core/webhooks/delivery.ts'
import { offReasons, testType } from '../../core/webhooks/endpoint.ts'
import { formatNames } from '../../core/webhooks/formats.ts'
import { eventName, eventNames } from './event-schemas.ts'

const time = (example: string) => z.iso.datetime().meta({ examples: [example] })

/** Dialects register theirs while the program is loaded. */
export const format = z.lazy(() => z.enum(formatNames()))

export const webhookFormat = z
  .object({
    name: format,
    title: z.string().meta({ description: 'Whose format it is.' }),
    description: z.string(),
    events: z.array(eventName).meta({ description: 'The types that it can express.' }),
    headers: z.array(z.string()).meta({
      description: 'The headers of a delivery that its receiver checks, in lower case.',
    }),
    example: z.record(z.string(), z.unknown()).meta({ description: 'A body as it is sent.' }),
  })
  .meta({ id: 'WebhookFormat' })

export const webhook = z
  .object({
    id: z.string().meta({ examples: ['whk_4r8t1y6u2i0'] }),
    url: z.string(),
    events: z.array(z.enum(eventNames)).meta({ description: 'The types it is sent; `*` is all.' }),
    format: format.meta({
      description: 'The payload format: `standard`, or that of another API.',
    }),
    order_id: z.string().nullable().meta({
      description: 'The one order whose events are sent; null: all orders and the account.',
    }),
    description: z.string(),
    active: z.boolean(),
    off_reason: z.enum(offReasons).nullable().meta({
      description: 'Why the endpoint was switched off: it answered 410, or failed for days.',
    }),
    failing_since: z.iso.datetime().nullable().meta({
      description: 'When deliveries began to fail.',
    }),
    old_secret_until: z.iso.datetime().nullable().meta({
      description: 'How long the previous secret signs, too.',
    }),
    created_at: time('2026-11-20T09:30:00.000Z'),
    updated_at: time('2026-11-20T09:30:00.000Z'),
  })
  .meta({ id: 'Webhook' })

export const webhookWithSecret = webhook
  .extend({
    secret: z
      .string()
      .nullable()
      .meta({
        description: 'Only in this response; null in the response to a repeated request.',
        examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      }),
  })
  .meta({ id: 'WebhookWithSecret' })

const attempt = z
  .object({
    number: z.int(),
    at: time('2026-11-20T09:30:07.530Z'),
    duration_ms: z.int().meta({ description: 'Milliseconds until the response or the failure.' }),
    status: z
      .int()
      .nullable()
      .meta({ description: 'The HTTP status; null if there was no response.' }),
    error: z.string().nullable().meta({ description: 'Why there was no response.' }),
    response: z.string().nullable().meta({
      description: 'The first 500 characters of the response body.',
    }),
  })
  .meta({ id: 'WebhookAttempt' })

export const delivery = z
  .object({
    id: z.string().meta({ examples: ['dlv_7h3k9d2s5a1'] }),
    webhook_id: z.string(),
    event_id: z
      .string()
      .nullable()
      .meta({
        description: 'The event’s id on a stream; null for a test event.',
        examples: ['evt_1_90211_771204'],
      }),
    event_type: z.union([eventName, z.literal(testType)]),
    cause: z.enum(deliveryCauses),
    state: z.enum(deliveryStates).meta({
      description:
        '`pending` until it is `delivered`, or `failed` after the last attempt; `dropped` if the endpoint ' +
        'was switched off before that, or its format does not cover the event.',
    }),
    attempts: z.array(attempt).meta({ description: 'Completed attempts, oldest first.' }),
    next_attempt_at: z.iso.datetime().nullable().meta({
      description: 'While an attempt runs: when it counts as lost.',
    }),
    created_at: time('2026-11-20T09:30:07.520Z'),
  })
  .meta({ id: 'WebhookDelivery' })

export const replayed = z
  .object({
    queued: z.int().meta({ description: 'The number of events queued, at most 1,000.' }),
    more: z.boolean().meta({
      description:
        'Whether the period has more events. If so, repeat the request once these are sent.',
    }),
  })
  .meta({ id: 'WebhookReplay' })

const createdAt = '2026-11-20T09:30:00.000Z'

export const exampleFormat: z.output<typeof webhookFormat> = {
  name: 'smsverificationservice',
  title: 'smsVerificationService',
  description: 'Every message, as it arrived.',
  events: ['message.received', 'order.code_received'],
  headers: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  example: {
    event: 'incoming_message',
    message: { order_id: 1042, number: '12015550123', sms: 'Your code is 593-821' },
  },
}

export const exampleWebhook: z.output<typeof webhook> = {
  id: 'whk_4r8t1y6u2i0',
  url: 'https://example.com/hooks/numlet',
  events: ['order.code_received', 'order.expired'],
  format: 'standard',
  order_id: null,
  description: 'Production',
  active: true,
  off_reason: null,
  failing_since: null,
  old_secret_until: null,
  created_at: createdAt,
  updated_at: createdAt,
}

export const exampleWithSecret: z.output<typeof webhookWithSecret> = {
  ...exampleWebhook,
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBc7dEf1gHiJ=',
}

export const exampleDelivery: z.output<typeof delivery> = {
  id: 'dlv_7h3k9d2s5a1',
  webhook_id: exampleWebhook.id,
  event_id: 'evt_1_90211_771204',
  event_type: 'order.code_received',
  cause: 'event',
  state: 'delivered',
  attempts: [
    {
      number: 1,
      at: '2026-11-20T09:30:07.530Z',
      duration_ms: 5000,
      status: null,
      error: 'timeout',
      response: null,
    },
    {
      number: 2,
      at: '2026-11-20T09:30:14.610Z',
      duration_ms: 38,
      status: 200,
      error: null,
      response: 'ok',
    },
  ],
  next_attempt_at: null,
  created_at: '2026-11-20T09:30:07.520Z',
}

export const exampleQueued: z.output<typeof delivery> = {
  ...exampleDelivery,
  state: 'pending',
  attempts: [],
  next_attempt_at: exampleDelivery.created_at,
}
