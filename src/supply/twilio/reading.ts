// Twilio's messages: the form of a webhook, or the JSON of Event Streams.
import {
  formOf,
  ignored,
  jsonOf,
  objectOf,
  received,
  textOf,
  tooManyFields,
  unreadable,
} from '../bodies.ts'
import { realId, toE164 } from '../fields.ts'
import type { InboundMessage, Reading, StoredRequest } from '../supplier.ts'
import { bodyHashOf } from './signature.ts'

/** The value of the first of these names that the request has. */
type Field = (...names: readonly string[]) => string | null

/** Reads the message of a webhook, or those of a batch of events. */
export function readTwilio(request: StoredRequest): Reading {
  if (bodyHashOf(request) !== null) return readJson(request.body)
  const form = formOf(request.method === 'POST' ? request.body.toString() : request.query)
  if (form === null) return tooManyFields
  return readFields((...names) => names.map((name) => form.get(name)?.[0]).find(isThere) ?? null)
}

const inboundEvent = 'com.twilio.messaging.inbound-message.received'

/** One object with the fields of the form, or events, each with a message below `data`. */
function readJson(body: Buffer): Reading {
  const json = jsonOf(body)
  const events = Array.isArray(json) ? json : [json]
  const readings = events.map((event) => {
    const { type, data, ...fields } = objectOf(event)
    if (type === undefined) return readFields(fieldIn(fields))
    return type === inboundEvent ? readFields(fieldIn(objectOf(data))) : ignored('another event')
  })
  // A batch is stored and answered as one: what cannot be read must not be lost with the rest.
  const other = readings.find(({ kind }) => kind === 'unreadable')
  if (other) return other
  const messages = readings.flatMap((one): readonly InboundMessage[] =>
    one.kind === 'messages' ? one.messages : [],
  )
  return messages.length > 0 ? received(...messages) : (readings[0] ?? ignored('no event'))
}

const fieldIn =
  (json: Readonly<Record<string, unknown>>): Field =>
  (...names) =>
    names.map((name) => textOf(json[name])).find(isThere) ?? null

const isThere = (text: string | null | undefined): text is string =>
  text !== undefined && text !== null

function readFields(field: Field): Reading {
  const id = realId(field('MessageSid', 'messageSid', 'SmsSid', 'SmsMessageSid'))
  const to = field('To', 'to')
  const text = field('Body', 'body')
  const status = field('MessageStatus', 'SmsStatus')
  if (status !== null && !/^receiv/i.test(status)) return ignored('a report on a sent message')
  if (id === null && field('CallSid') !== null) return ignored('a call')
  if (to === null) return unreadable('the receiving number (To) is missing')
  if (/^[a-z]+:/i.test(to)) return ignored('a message of a channel other than SMS')
  if (text === null) return unreadable('the text (Body) is missing')
  return received({ ref: id, phone: toE164(to), sender: field('From', 'from') ?? '', text })
}
