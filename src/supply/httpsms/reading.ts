// httpSMS’s messages: CloudEvents in JSON.
import { ignored, jsonOf, objectOf, received, textOf, unreadable } from '../bodies.ts'
import { realId, toE164 } from '../fields.ts'
import type { Reading, StoredRequest } from '../supplier.ts'

/** Reads the event `message.phone.received`. */
export function readHttpsms(request: StoredRequest): Reading {
  const { type, data } = objectOf(jsonOf(request.body))
  const event = textOf(type) ?? request.header('x-event-type')
  if (event === undefined) return unreadable('the event (type) is missing')
  if (event !== 'message.phone.received') return ignored('another event')
  const { message_id: id, owner, contact, content, encrypted, attachments } = objectOf(data)
  const phone = textOf(owner)
  if (phone === null) return unreadable('the receiving number (data.owner) is missing')
  if (encrypted === true)
    return unreadable('the message is encrypted: switch encryption off in the httpSMS app')
  if (typeof content !== 'string') {
    const isMedia = Array.isArray(attachments) && attachments.length > 0
    return isMedia
      ? ignored('a message without text')
      : unreadable('the text (data.content) is missing')
  }
  const sender = textOf(contact) ?? ''
  return received({ ref: realId(textOf(id)), phone: toE164(phone), sender, text: content })
}
