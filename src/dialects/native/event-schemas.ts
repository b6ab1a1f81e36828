// The data of each event type, on a stream and in a webhook.
import { z } from 'zod'
import { type EventType, eventTypes } from '../../core/events/catalog.ts'
import { deposit } from './deposit-wire.ts'
import { message, order } from './order-schemas.ts'
import { currency, money, time } from './schemas.ts'

const names = Object.keys(eventTypes) as EventType[]
type Of<Prefix extends string> = Extract<EventType, `${Prefix}.${string}`>
const of = <Prefix extends string>(prefix: Prefix) =>
  names.filter((name): name is Of<Prefix> => name.startsWith(`${prefix}.`)) as [
    Of<Prefix>,
    ...Of<Prefix>[],
  ]

/** The event names that an endpoint may subscribe to. */
export const eventNames = ['*', ...names] as ['*', ...EventType[]]
export const eventName = z.enum(names as [EventType, ...EventType[]])

const timestamp = time('2026-11-20T09:30:07.512Z').meta({ description: 'When it happened.' })

const data = {
  message: z.object({
    order_id: z.string().meta({ examples: ['ord_89b12d3a456'] }),
    message: message
      .nullable()
      .meta({ description: 'The message; null after its retention time.' }),
  }),
  balance: z.object({
    balance: money,
    low_balance: money.meta({ description: 'The threshold of the account.' }),
    currency,
  }),
  webhook: z.object({
    webhook_id: z.string().meta({ examples: ['whk_4r8t1y6u2i0'] }),
    reason: z.string().meta({ description: 'The reason: `gone` or `failing`.' }),
  }),
  test: z.object({ webhook_id: z.string().meta({ examples: ['whk_4r8t1y6u2i0'] }) }),
}

/** The groups of events with the same data; each becomes a schema called `${group}${suffix}`. */
const groups = <Extra extends z.ZodRawShape>(suffix: string, extra: Extra) =>
  [
    z
      .object({ ...extra, type: z.enum(of('order')), timestamp, data: order })
      .meta({ id: `Order${suffix}`, description: 'An order changed.' }),
    z
      .object({ ...extra, type: z.enum(of('message')), timestamp, data: data.message })
      .meta({ id: `Message${suffix}`, description: 'A message arrived.' }),
    z
      .object({ ...extra, type: z.enum(of('deposit')), timestamp, data: deposit })
      .meta({ id: `Deposit${suffix}`, description: 'A deposit changed.' }),
    z
      .object({ ...extra, type: z.enum(of('balance')), timestamp, data: data.balance })
      .meta({ id: `Balance${suffix}`, description: 'The balance fell below the threshold.' }),
    z
      .object({ ...extra, type: z.enum(of('webhook')), timestamp, data: data.webhook })
      .meta({ id: `Disabled${suffix}`, description: 'A webhook endpoint was switched off.' }),
  ] as const

/** An event of a stream: what follows `data:`. */
export const event = z
  .discriminatedUnion(
    'type',
    groups('Event', { id: z.string().meta({ examples: ['evt_1_90211_771204'] }) }),
  )
  .meta({ id: 'Event', description: 'An event of a stream: the JSON of its `data:` line.' })

const testWebhook = z
  .object({ type: z.literal('webhook.test'), timestamp, data: data.test })
  .meta({ id: 'TestWebhook', description: 'A test that you asked for.' })

/** The bodies of webhooks in the format `standard`. */
const webhookBodies = [...groups('Webhook', {}), testWebhook]

/** The name of the schema that describes the body of a type. */
export function webhookSchemaOf(type: string): string {
  const body = webhookBodies.find(({ shape }) => shape.type.safeParse(type).success)
  const id = body?.meta()?.id
  if (id === undefined) throw new Error(`no schema describes a webhook of the type ${type}`)
  return id
}
