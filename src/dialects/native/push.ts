// A delivery in the format of Standard Webhooks: `{type, timestamp, data}`.
import type { App } from '../../app.ts'
import { type EventType, eventTypes } from '../../core/events/catalog.ts'
import type { Payload, Push } from '../../core/webhooks/delivery.ts'
import { eventData } from './event-wire.ts'

/** Every event has its place in this format. */
export const standard = {
  name: 'standard',
  types: Object.keys(eventTypes) as EventType[],
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
