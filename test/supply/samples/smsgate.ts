// Requests of the app SMSGate.
import { createHmac } from 'node:crypto'
import { smsgateKind } from '../../../src/supply/smsgate/kind.ts'
import { type Sample, type SampleMessage, seconds } from './sample.ts'

const key = 'hk3Pq9Zs'
export const settings = { signing_key: key }

/** The event of a message. */
export const eventOf = ({ ref, phone, sender, text }: SampleMessage, now: Date) => ({
  deviceId: 'ffffffffceb0b1db0000018e937c815b',
  event: 'sms:received',
  id: `Ey6ECgOkVVFjz3CL48B8C-${ref}`,
  payload: {
    messageId: ref,
    message: text,
    sender,
    recipient: phone as string | null,
    phoneNumber: sender,
    simNumber: 1 as number | null,
    receivedAt: now.toISOString(),
  },
  webhookId: 'LreFUt-Z3sSq0JufY9uWB',
})

/** A body with the headers that sign it. */
export function signed(url: string, now: Date, body: Buffer) {
  const timestamp = String(seconds(now))
  const signature = createHmac('sha256', key).update(body).update(timestamp).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'x-timestamp': timestamp,
    'x-signature': signature,
  }
  return { method: 'POST' as const, url, headers, body }
}

const event: Sample = {
  name: 'smsgate: an event',
  kind: smsgateKind,
  settings,
  covers: { body: true, url: false },
  signatureHeaders: ['x-timestamp', 'x-signature'],
  maxAgeS: 300,
  request: async (url, now, message) =>
    signed(url, now, Buffer.from(JSON.stringify(eventOf(message, now)))),
}

export const samples: readonly Sample[] = [event]
