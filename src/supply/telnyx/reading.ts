// Telnyx’s messages: events in JSON.
import { ignored, jsonOf, objectOf, received, textOf, unreadable } from '../bodies.ts'
import { realId, toE164 } from '../fields.ts'
import type { Reading, StoredRequest } from '../supplier.ts'

/** Reads the event `message.received`. */
export function readTelnyx({ body }: StoredRequest): Reading {
  const { event_type: event, payload } = objectOf(objectOf(jsonOf(body)).data)
  if (typeof event !== 'string') return unreadable('the event (data.event_type) is missing')
  if (event !== 'message.received') return ignored('another event')
  const { id, from, to, text, media, direction } = objectOf(payload)
  if (direction !== undefined && direction !== 'inbound') return ignored('a sent message')
  const phones = (Array.isArray(to) ? to : [to]).flatMap(
    (one) => textOf(objectOf(one).phone_number) ?? [],
  )
  if (phones.length === 0) return unreadable('the receiving number (data.payload.to) is missing')
  const isMedia = Array.isArray(media) && media.length > 0
  if (typeof text !== 'string' && !(isMedia && (text === null || text === undefined)))
    return unreadable('the text (data.payload.text) is missing')
  const ref = realId(textOf(id))
  return received(
    ...phones.map((phone, i) => ({
      // A message to a group has one id for all its numbers, and is a message of each.
      ref: ref === null || i === 0 ? ref : `${ref}/${phone}`,
      phone: toE164(phone),
      sender: textOf(objectOf(from).phone_number) ?? '',
      text: typeof text === 'string' ? text : '',
    })),
  )
}
