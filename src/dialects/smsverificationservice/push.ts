// A webhook delivery in smsVerificationService's format: the message as it arrived.
import type { App } from '../../app.ts'
import type { Payload, Push } from '../../core/webhooks/delivery.ts'
import { testType } from '../../core/webhooks/endpoint.ts'
import { messageTypes } from '../../core/webhooks/formats.ts'
import { messageOfEvent } from '../../core/webhooks/message.ts'

const testMessage = {
  order_id: 0,
  number: '15550100000',
  service: 'test',
  sender: 'Numlet',
  sms: 'This is a test. Your code is 123456.',
  type: 'str',
} as const

export const format = {
  name: 'smsverificationservice',
  types: messageTypes,
  title: 'smsVerificationService',
  description: 'Every message, as it arrived.',
  ownHeaders: [],
  example: {
    event: 'incoming_message',
    message: {
      order_id: 1042,
      number: '12015550123',
      service: 'whatsapp',
      sender: 'WhatsApp',
      sms: 'Your code is 593-821',
      type: 'str',
    },
  },
  write: smsVerificationServicePush,
}

async function smsVerificationServicePush(
  app: App,
  { delivery: { event } }: Push,
): Promise<Payload | null> {
  if (event.type === testType) return payloadOf(testMessage)
  const found = await messageOfEvent(app, event)
  if (!found) return null
  const { order, message } = found
  const catalog = await app.catalog.current()
  return payloadOf({
    order_id: Number(order.id),
    number: (order.phone ?? '').replace(/^\+/, ''),
    service: catalog.service(message.serviceId ?? order.serviceId)?.slug ?? '',
    sender: message.sender,
    sms: message.text ?? '',
    type: 'str',
  })
}

const payloadOf = (message: object): Payload => ({
  body: JSON.stringify({ event: 'incoming_message', message }),
  headers: {},
})
