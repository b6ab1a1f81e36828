// Plivo’s messages: forms.
import { formOf, ignored, received, tooManyFields, unreadable } from '../bodies.ts'
import { realId, toE164 } from '../fields.ts'
import type { Reading, StoredRequest } from '../supplier.ts'

/** Reads an incoming message. */
export function readPlivo({ method, query, body }: StoredRequest): Reading {
  const form = formOf(method === 'POST' ? body.toString() : query)
  if (form === null) return tooManyFields
  const field = (name: string) => form.get(name)?.[0]
  const [to, text, type] = [field('To'), field('Text'), field('Type')]
  if (field('Status') !== undefined && text === undefined)
    return ignored('a report on a sent message')
  if (field('CallUUID') !== undefined) return ignored('a call')
  if (type !== undefined && !/^(?:sms|mms)$/i.test(type))
    return ignored('a message of a channel other than SMS')
  if (to === undefined) return unreadable('the receiving number (To) is missing')
  if (text === undefined && /^mms$/i.test(type ?? '')) return ignored('a message without text')
  if (text === undefined) return unreadable('the text (Text) is missing')
  const sender = field('From') ?? ''
  return received({ ref: realId(field('MessageUUID')), phone: toE164(to), sender, text })
}
