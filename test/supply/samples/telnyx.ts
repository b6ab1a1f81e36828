// Telnyx's requests. Its library only verifies; they are signed with a key pair made for the run.
import { generateKeyPairSync, sign } from 'node:crypto'
import { telnyxKind } from '../../../src/supply/telnyx/kind.ts'
import { type Sample, type SampleMessage, seconds } from './sample.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const { x = '' } = publicKey.export({ format: 'jwk' })
export const settings = { public_key: Buffer.from(x, 'base64url').toString('base64') }

/** The event of a message. */
export const eventOf = ({ ref, phone, sender, text }: SampleMessage, now: Date) => ({
  data: {
    event_type: 'message.received',
    id: `event-${ref}`,
    occurred_at: now.toISOString(),
    record_type: 'event',
    payload: {
      cc: [],
      cost: null,
      direction: 'inbound',
      encoding: 'GSM-7',
      errors: [],
      from: { carrier: '', line_type: '', phone_number: sender },
      id: ref,
      media: [] as unknown[],
      parts: 1,
      record_type: 'message',
      text: text as string | null,
      to: [{ carrier: '', line_type: '', phone_number: phone, status: 'webhook_delivered' }],
      type: 'SMS',
    },
  },
  meta: { attempt: 1, delivered_to: 'https://numlet.example/api/supply/my-telnyx' },
})

/** A body with the headers that sign it. */
export function signed(url: string, now: Date, body: Buffer) {
  const timestamp = String(seconds(now))
  const text = Buffer.concat([Buffer.from(`${timestamp}|`), body])
  const headers = {
    'content-type': 'application/json',
    'telnyx-timestamp': timestamp,
    'telnyx-signature-ed25519': sign(null, text, privateKey).toString('base64'),
  }
  return { method: 'POST' as const, url, headers, body }
}

const event: Sample = {
  name: 'telnyx: an event',
  kind: telnyxKind,
  settings,
  covers: { body: true, url: false },
  signatureHeaders: ['telnyx-timestamp', 'telnyx-signature-ed25519'],
  maxAgeS: 300,
  request: async (url, now, message) =>
    signed(url, now, Buffer.from(JSON.stringify(eventOf(message, now)))),
}

export const samples: readonly Sample[] = [event]
