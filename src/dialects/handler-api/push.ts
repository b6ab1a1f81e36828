// A webhook delivery in the format of the handler_api family: one flat object per message.
import type { App } from '../../app.ts'
import type { Push, Wording } from '../../core/webhooks/delivery.ts'
import { testType } from '../../core/webhooks/endpoint.ts'
import { messageTypes } from '../../core/webhooks/formats.ts'
import { messageTold } from '../../core/webhooks/message.ts'
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

export const format = { name: 'handler-api', types: messageTypes, write: handlerApiPush }

async function handlerApiPush(app: App, { delivery: { told } }: Push): Promise<Wording | null> {
  if (told.type === testType) return worded({ ...testMessage, receivedAt: time(told.createdAt) })
  const found = await messageTold(app, told)
  if (!found) return null
  const { order, message } = found
  const catalog = await app.catalog.current()
  return worded({
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

const worded = (message: object): Wording => ({ body: JSON.stringify(message), headers: {} })
