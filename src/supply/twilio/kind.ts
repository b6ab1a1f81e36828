// Twilio: the webhook "A message comes in" of a number or a messaging service, and Event Streams.
import type { Setting, SupplierKind } from '../supplier.ts'
import { readTwilio } from './reading.ts'
import { settingsHeader, signatureHeader, verifyTwilio } from './signature.ts'

const settings: readonly Setting[] = [
  {
    key: 'auth_token',
    label: 'Auth token',
    help: 'The account’s primary auth token, from the start page of the Twilio Console.',
    isSecret: true,
    isRequired: true,
  },
  {
    key: 'shared_key',
    label: 'Shared key secret',
    help: 'The secret of the shared key, if the account signs its webhooks with one.',
    isSecret: true,
    isRequired: false,
  },
]

export const twilioKind: SupplierKind = {
  name: 'twilio',
  title: 'Twilio',
  settings,
  features: { callback: false, upstream: false },
  inbound: {
    headers: [signatureHeader, settingsHeader],
    verify: verifyTwilio,
    read: readTwilio,
    // TwiML that does nothing: no reply is sent.
    answer: {
      status: 200,
      contentType: 'text/xml',
      body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
    },
  },
}
