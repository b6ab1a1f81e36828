// Vonage's requests: of the SMS API, signed by its own library and as its documentation says; of the Messages
// API, with a token.
import { createHash, createHmac } from 'node:crypto'
import { AlgorithmTypes, Auth } from '@vonage/auth'
import { vonageKind } from '../../../src/supply/vonage/kind.ts'
import { defaultMaxAgeS } from '../../../src/supply/vonage/signature.ts'
import { jwtOf } from './jwt.ts'
import { type Sample, type SampleMessage, type SampleRequest, seconds } from './sample.ts'

export const secret = 'a-signature-secret-of-vonage-0123456789'

export type Method = 'md5hash' | 'md5' | 'sha1' | 'sha256' | 'sha512'
const algorithms: Readonly<Record<Method, AlgorithmTypes>> = {
  md5hash: AlgorithmTypes.md5hash,
  md5: AlgorithmTypes.md5hmac,
  sha1: AlgorithmTypes.sha1hmac,
  sha256: AlgorithmTypes.sha256hmac,
  sha512: AlgorithmTypes.sha512hmac,
}
export const methods = Object.keys(algorithms) as readonly Method[]

type Fields = Readonly<Record<string, string>>

export const fieldsOf = ({ ref, phone, sender, text }: SampleMessage, now: Date): Fields => ({
  msisdn: sender.replace('+', ''),
  to: phone.replace('+', ''),
  messageId: ref,
  text,
  type: 'text',
  keyword: text.split(' ')[0]?.toUpperCase() ?? '',
  'api-key': 'abcd1234',
  'message-timestamp': now.toISOString().slice(0, 19).replace('T', ' '),
  timestamp: String(seconds(now)),
  nonce: '5cd0e4a7-7e2c-4d5e-9d4f-1b7d5f3e6a10',
})

/** Signed by Vonage's library. */
export async function signedBySdk(fields: Fields, method: Method): Promise<Fields> {
  const signature = { algorithm: algorithms[method], secret }
  const auth = new Auth({ apiKey: 'abcd1234', apiSecret: 'unused', privateKey: '', signature })
  const signed = await auth.createSignatureHash({ ...fields, api_key: 'abcd1234' })
  return Object.fromEntries(Object.entries(signed).map(([name, value]) => [name, String(value)]))
}

/** Signed as the documentation says: each parameter with an ampersand before it, sorted. */
export function signedByTheDocumentation(fields: Fields, method: Method): Fields {
  const text = Object.keys(fields)
    .sort()
    .map((name) => `&${name}=${fields[name]?.replace(/[&=]/g, '_')}`)
    .join('')
  const made = method === 'md5hash' ? createHash('md5') : createHmac(method, secret)
  const sig = made.update(method === 'md5hash' ? text + secret : text).digest('hex')
  return { ...fields, sig }
}

const ways = {
  query: (url: string, fields: Fields): SampleRequest => ({
    method: 'GET',
    url: `${url}?${new URLSearchParams(fields)}`,
    headers: {},
    body: Buffer.alloc(0),
  }),
  form: (url: string, fields: Fields): SampleRequest => ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams(fields).toString()),
  }),
  json: (url: string, fields: Fields): SampleRequest => ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(fields)),
  }),
}

const signers = { 'its library': signedBySdk, 'the documentation': signedByTheDocumentation }

const ofSmsApi: readonly Sample[] = Object.entries(signers).flatMap(([who, sign]) =>
  methods.flatMap((method) =>
    Object.entries(ways).map(([way, send]) => ({
      name: `vonage: ${way}, ${method}, signed by ${who}`,
      kind: vonageKind,
      settings: { signature_secret: secret, signature_method: method },
      covers: { body: way !== 'query', url: false },
      signatureHeaders: [],
      maxAgeS: defaultMaxAgeS,
      request: async (url: string, now: Date, message: SampleMessage) =>
        send(url, await sign(fieldsOf(message, now), method)),
    })),
  ),
)

/** A body of the Messages API with its token. */
export function withToken(url: string, now: Date, body: Buffer, claims = {}): SampleRequest {
  const payload_hash = createHash('sha256').update(body).digest('hex')
  const iat = seconds(now)
  const token = jwtOf(
    { iat, jti: 'c5ba8f24', iss: 'Vonage', payload_hash, api_key: 'abcd1234', ...claims },
    secret,
  )
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return { method: 'POST', url, headers, body }
}

const messagesApi: Sample = {
  name: 'vonage: the Messages API',
  kind: vonageKind,
  settings: { signature_secret: secret },
  covers: { body: true, url: false },
  signatureHeaders: ['authorization'],
  maxAgeS: defaultMaxAgeS,
  async request(url, now, { ref, phone, sender, text }) {
    const message = {
      channel: 'sms',
      message_uuid: ref,
      to: phone.replace('+', ''),
      from: sender.replace('+', ''),
      timestamp: now.toISOString(),
      text,
      message_type: 'text',
      sms: { num_messages: '1', keyword: 'YOUR' },
      usage: { currency: 'EUR', price: '0.0' },
    }
    return withToken(url, now, Buffer.from(JSON.stringify(message)))
  },
}

export const samples: readonly Sample[] = [...ofSmsApi, messagesApi]
