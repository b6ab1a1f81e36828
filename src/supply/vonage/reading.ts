// Vonage’s messages: parameters of the SMS API, JSON of the Messages API.
import { ignored, jsonOf, objectOf, received, textOf, unreadable } from '../bodies.ts'
import { realId, toE164 } from '../fields.ts'
import type { InboundMessage, Reading, StoredRequest } from '../supplier.ts'
import { binaryText, partIn } from './binary.ts'
import { type Parameters, parametersOf } from './parameters.ts'
import { isMessagesApi } from './signature.ts'

/** Reads a message of either API. */
export const readVonage = (request: StoredRequest): Reading =>
  isMessagesApi(request) ? readMessagesApi(request) : readSmsApi(parametersOf(request))

function readSmsApi(parameters: Parameters): Reading {
  const to = parameters.get('to')
  const type = parameters.get('type')
  if (parameters.has('status') || parameters.has('err-code')) return ignored('a delivery receipt')
  if (to === undefined) return unreadable('the receiving number (to) is missing')
  const text = type === 'binary' ? binaryText(parameters.get('data') ?? '') : parameters.get('text')
  if (text === undefined) return unreadable('the text is missing')
  if (text === null) return unreadable('a binary message that is no text')
  const part = partOf(parameters)
  return received({
    ref: realId(parameters.get('messageId')),
    phone: toE164(to),
    sender: parameters.get('msisdn') ?? '',
    text,
    ...(part === undefined ? {} : { part }),
  })
}

/** The part of a long message: of `concat`, or of the header of a binary message. */
function partOf(parameters: Parameters): InboundMessage['part'] {
  if (parameters.get('concat') !== 'true') return partIn(parameters.get('udh') ?? '')
  const reference = parameters.get('concat-ref')?.slice(0, 100)
  const [total, number] = [
    Number(parameters.get('concat-total')),
    Number(parameters.get('concat-part')),
  ]
  if (!reference || !Number.isInteger(total) || !Number.isInteger(number)) return undefined
  return total >= 2 && total <= 255 && number >= 1 && number <= total
    ? { reference, total, number }
    : undefined
}

/** The current form, and that of version 0.1, which has objects for the numbers and the content. */
function readMessagesApi({ body }: StoredRequest): Reading {
  const message = objectOf(jsonOf(body))
  const { content } = objectOf(message.message)
  const id = realId(textOf(message.message_uuid))
  const to = textOf(message.to) ?? textOf(objectOf(message.to).number)
  const from = textOf(message.from) ?? textOf(objectOf(message.from).number)
  const channel = textOf(message.channel) ?? textOf(objectOf(message.to).type)
  const type = textOf(message.message_type) ?? textOf(objectOf(content).type)
  const text = textOf(message.text) ?? textOf(objectOf(content).text)
  if (message.status !== undefined) return ignored('a report on a sent message')
  if (channel !== null && channel !== 'sms' && channel !== 'mms')
    return ignored('a message of a channel other than SMS')
  if (to === null) return unreadable('the receiving number (to) is missing')
  if (text === null && type !== null && type !== 'text') return ignored('a message without text')
  if (text === null) return unreadable('the text is missing')
  return received({ ref: id, phone: toE164(to), sender: from ?? '', text })
}
