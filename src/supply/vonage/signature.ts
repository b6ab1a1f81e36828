// Vonage’s signatures: `sig` among the parameters of the SMS API, a JWT of the Messages API.
import { createHash } from 'node:crypto'
import { type HmacHash, hmac, isInForce, isRecent, isSame, signedClaims } from '../signatures.ts'
import type { InboundRequest, Settings, StoredRequest } from '../supplier.ts'
import { type Parameters, parametersOf } from './parameters.ts'

/** As the dashboard offers them: a hash of the text and the secret, and four HMACs. */
export const methods = ['md5hash', 'md5', 'sha1', 'sha256', 'sha512'] as const
type Method = (typeof methods)[number]

/** A day of retries, which may carry the time of the first attempt, and an hour for clocks. What is sent
 * again within that time has the same id, and is stored once. */
export const defaultMaxAgeS = 25 * 60 * 60

/** The method of a name, which may be written as the dashboard or the SDK writes it (`SHA256HMAC`). */
export const methodNamed = (name: string): Method | undefined => {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return methods.find((one) => one === plain || `${one}hmac` === plain)
}

/** Requests of the Messages API carry a token, those of the SMS API do not. */
export const isMessagesApi = (request: StoredRequest): boolean =>
  /^Bearer /i.test(request.header('authorization') ?? '')

/** Whether Vonage signed the request. */
export function verifyVonage(request: InboundRequest, settings: Settings): boolean {
  const secret = settings.signature_secret
  if (!secret) return false
  const maxAgeS = Number(settings.max_age_s ?? defaultMaxAgeS)
  if (isMessagesApi(request)) return isTokenGood(request, secret, maxAgeS)
  const method = methodNamed(settings.signature_method ?? 'md5hash')
  const parameters = parametersOf(request)
  const sent = parameters.get('timestamp')
  if (method === undefined) return false
  if (!isRecent(sent, request.receivedAt, maxAgeS)) return false
  const given = parameters.get('sig')?.toLowerCase()
  return signedTexts(parameters).some((text) => isSame(given, signatureOf(text, method, secret)))
}

/** The claims are those of the documentation: `iat`, and `payload_hash`, which may be absent. */
function isTokenGood(request: InboundRequest, secret: string, maxAgeS: number): boolean {
  const claims = signedClaims(request.header('authorization'), secret)
  if (claims === null || !isInForce(claims, request.receivedAt)) return false
  const { iat, payload_hash: hash } = claims
  if (!isRecent(String(iat), request.receivedAt, maxAgeS)) return false
  if (hash === undefined) return true
  const expected = createHash('sha256').update(request.body).digest('hex')
  return typeof hash === 'string' && isSame(hash.toLowerCase(), expected)
}

/**
 * What may have been signed: `&a=1&b=2` as the documentation has it, the same without its first character,
 * and the forms of Vonage’s own libraries, in which every `&` and `=` is an underscore.
 */
function signedTexts(parameters: Parameters): readonly string[] {
  const pairs = [...parameters].filter(([name]) => name !== 'sig').sort(byName)
  const plain = (text: string) => text.replace(/[&=]/g, '_')
  const documented = pairs.map(([name, value]) => `&${plain(name)}=${plain(value)}`).join('')
  const bare = documented.slice(1)
  return [documented, bare, plain(bare), plain(new URLSearchParams(pairs).toString())]
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]) => (a < b ? -1 : 1)

function signatureOf(text: string, method: Method, secret: string): string {
  if (method === 'md5hash') return createHash('md5').update(text).update(secret).digest('hex')
  return hmac(method satisfies HmacHash, secret, 'hex', text)
}
