// A webhook delivery in smsVerificationService's format: the message as it arrived.
import type { App } from '../../app.ts'
import type { Push, Wording } from '../../core/webhooks/delivery.ts'
import { testType } from '../../core/webhooks/endpoint.ts'
import { messageTypes } from '../../core/webhooks/formats.ts'
import { messageTold } from '../../core/webhooks/message.ts'

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
  write: smsVerificationServicePush,
}

async function smsVerificationServicePush(
  app: App,
  { delivery: { told } }: Push,
): Promise<Wording | null> {
  if (told.type === testType) return worded(testMessage)
  const found = await messageTold(app, told)
  if (!found) return null
  const { order, message } = found
  const catalog = await app.catalog.current()
  return worded({
    order_id: Number(order.id),
    number: (order.phone ?? '').replace(/^\+/, ''),
    service: catalog.service(message.serviceId ?? order.serviceId)?.slug ?? '',
    sender: message.sender,
    sms: message.text ?? '',
    type: 'str',
  })
}

const worded = (message: object): Wording => ({
  body: JSON.stringify({ event: 'incoming_message', message }),
  headers: {},
})
