// A webhook delivery in the format of the handler_api family: one flat object per message.
import type { App } from '../../app.ts'
import type { Payload, Push } from '../../core/webhooks/delivery.ts'
import { testType } from '../../core/webhooks/endpoint.ts'
import { messageTypes } from '../../core/webhooks/formats.ts'
import { messageOfEvent } from '../../core/webhooks/message.ts'
import { codeOf, idOf } from './names.ts'
import { countryOf, number, time } from './wire.ts'

const testMessage = {
  activationId: 0,
  messageId: '0',
  service: 'ot',
  text: 'This is a test. Your code is 123456.',
  code: '123456',
  country: 187,
  phoneFrom: 'Numlet',
} as const

export const format = {
  name: 'handler-api',
  types: messageTypes,
  title: 'handler_api',
  description: 'Every message, as one flat object.',
  ownHeaders: [],
  example: {
    activationId: 1042,
    messageId: '77',
    service: 'wa',
    text: 'Your code is 593-821',
    code: '593821',
    country: 187,
    phoneFrom: 'WhatsApp',
    receivedAt: '2026-11-20 09:30:07',
  },
  write: handlerApiPush,
}

async function handlerApiPush(app: App, { delivery: { event } }: Push): Promise<Payload | null> {
  if (event.type === testType)
    return payloadOf({ ...testMessage, receivedAt: time(event.createdAt) })
  const found = await messageOfEvent(app, event)
  if (!found) return null
  const { order, message } = found
  const catalog = await app.catalog.current()
  return payloadOf({
    activationId: number(order),
    messageId: String(message.id),
    service: codeOf(catalog.service(message.serviceId ?? order.serviceId)),
    text: message.text ?? '',
    code: message.code ?? '',
    country: idOf(countryOf(catalog, order)),
    phoneFrom: message.sender,
    receivedAt: time(message.receivedAt),
  })
}

const payloadOf = (message: object): Payload => ({ body: JSON.stringify(message), headers: {} })
