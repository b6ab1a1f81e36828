// A delivery in the format of Standard Webhooks: `{type, timestamp, data}`.
import type { App } from '../../app.ts'
import { type EventType, eventTypes } from '../../core/events/catalog.ts'
import type { Payload, Push } from '../../core/webhooks/delivery.ts'
import { eventData } from './event-wire.ts'

/** Every event has its place in this format. */
export const standard = {
  name: 'standard',
  types: Object.keys(eventTypes) as EventType[],
  title: 'Numlet /v1',
  description: 'Every event, as the calls of /v1 show it.',
  ownHeaders: [],
  example: {
    type: 'message.received',
    timestamp: '2026-11-20T09:30:07.512Z',
    data: {
      order_id: 'ord_89b12d3a456',
      message: { id: 'msg_0a1b2c3d4e5', sender: 'WhatsApp', text: '…', code: '593821' },
    },
  },
  write: standardPush,
}

async function standardPush(app: App, { delivery: { event } }: Push): Promise<Payload> {
  const { type, createdAt } = event
  const data = await eventData(app, event)
  return {
    body: JSON.stringify({ type, timestamp: createdAt.toISOString(), data }),
    headers: {},
  }
}
