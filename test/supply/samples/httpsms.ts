// Requests of httpSMS.
import { httpsmsKind } from '../../../src/supply/httpsms/kind.ts'
import { jwtOf } from './jwt.ts'
import { type Sample, type SampleMessage, seconds } from './sample.ts'

export const key = 'DGW8NwQp7mxKaSZ72Xq9v67SLqSbWQvckzzmK8D6rvd7NywSEkdMJtuxKyEkYnCY'
export const settings = { signing_key: key }

/** The event of a message. */
export const eventOf = ({ ref, phone, sender, text }: SampleMessage, now: Date) => ({
  specversion: '1.0',
  id: `event-${ref}`,
  source: '/v1/messages/receive',
  type: 'message.phone.received',
  datacontenttype: 'application/json',
  time: now.toISOString(),
  data: {
    message_id: ref,
    user_id: 'WB7DRDWrJZRGbYrv2CKGkqbzvqdC',
    owner: phone,
    encrypted: false,
    contact: sender,
    timestamp: now.toISOString(),
    content: text as string | null,
    sim: 'SIM1',
    attachments: [] as string[],
  },
})

export const claimsOf = (url: string, now: Date) => ({
  aud: [url],
  exp: seconds(now) + 600,
  iat: seconds(now),
  iss: 'api.httpsms.com',
  nbf: seconds(now) - 600,
  sub: 'WB7DRDWrJZRGbYrv2CKGkqbzvqdC',
})

/** A body with a token. */
export const withClaims = (url: string, claims: object, body: Buffer) => ({
  method: 'POST' as const,
  url,
  headers: {
    'content-type': 'application/json',
    'x-event-type': 'message.phone.received',
    authorization: `Bearer ${jwtOf(claims, key)}`,
  },
  body,
})

const event: Sample = {
  name: 'httpsms: an event',
  kind: httpsmsKind,
  settings,
  covers: { body: false, url: true },
  signatureHeaders: ['authorization'],
  maxAgeS: 660,
  request: async (url, now, message) =>
    withClaims(url, claimsOf(url, now), Buffer.from(JSON.stringify(eventOf(message, now)))),
}

export const samples: readonly Sample[] = [event]
