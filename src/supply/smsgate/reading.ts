// SMSGate’s messages: events in JSON.
import { ignored, jsonOf, objectOf, received, textOf, unreadable } from '../bodies.ts'
import { realId, toE164 } from '../fields.ts'
import type { Reading, Settings, StoredRequest } from '../supplier.ts'
import { numbersIn } from './numbers.ts'

/** Reads the event `sms:received`. */
export function readSmsgate({ body }: StoredRequest, settings: Settings): Reading {
  const { id: eventId, event, deviceId, payload } = objectOf(jsonOf(body))
  if (typeof event !== 'string') return unreadable('the event is missing')
  if (event !== 'sms:received') return ignored('another event')
  const { message, messageId, receivedAt, simNumber, recipient, sender, phoneNumber } =
    objectOf(payload)
  if (typeof message !== 'string') return unreadable('the text (payload.message) is missing')
  const device = textOf(deviceId) ?? ''
  const phone = numberOf(device, textOf(simNumber), settings) ?? textOf(recipient)
  if (phone === null || phone.trim() === '')
    return unreadable('the phone does not say which number received it: see the setting "numbers"')
  const id = realId(textOf(messageId))
  return received({
    // The app makes the id from the text: by itself it is not unique.
    ref: id === null ? realId(textOf(eventId)) : [device, id, textOf(receivedAt) ?? ''].join('/'),
    phone: toE164(phone),
    // Older versions of the app call the sender `phoneNumber`.
    sender: textOf(sender) ?? textOf(phoneNumber) ?? '',
    text: message,
  })
}

/** The number that the operator says is in the phone: what a SIM says of itself is often wrong. */
function numberOf(device: string, sim: string | null, settings: Settings): string | null {
  const numbers = numbersIn(settings.numbers ?? '')
  return numbers?.get(`${device}/${sim}`) ?? numbers?.get(device) ?? null
}
