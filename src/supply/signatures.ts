// What vendors' signatures are made of and compared with.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { InboundRequest } from './supplier.ts'

export type HmacHash = 'md5' | 'sha1' | 'sha256' | 'sha512'

/** The HMAC of texts and bytes, one after the other. */
export function hmac(
  hash: HmacHash,
  key: string,
  form: 'hex' | 'base64' | 'base64url',
  ...pieces: readonly (string | Buffer)[]
): string {
  const made = createHmac(hash, key)
  for (const piece of pieces) made.update(piece)
  return made.digest(form)
}

/** Compares in constant time. Texts are compared and not bytes: base64 writes the same bytes in several
 * ways. */
export function isSame(given: string | undefined, expected: string): boolean {
  const bytes = Buffer.from(given ?? '')
  const wanted = Buffer.from(expected)
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted)
}

/** Whether a time in Unix seconds is within a tolerance of the request's arrival, to either side. */
export function isRecent(seconds: string | undefined, receivedAt: Date, toleranceS: number) {
  if (seconds === undefined || !/^\d{1,12}$/.test(seconds)) return false
  return Math.abs(receivedAt.getTime() / 1000 - Number(seconds)) <= toleranceS
}

/** The URLs that a vendor may have signed, each as it is, without its port, and with the usual port. Their
 * query is the one that is read. */
export function signedUrls({ urls, query }: InboundRequest): readonly string[] {
  const forms = urls.flatMap((one) => {
    const url = withoutQuery(one) + (query === '' ? '' : `?${query}`)
    const parts = /^(https?):\/\/(\[[^\]/?#]*\]|[^/?#:]*)(?::\d+)?(.*)$/is.exec(url)
    if (!parts) return [url]
    const [, scheme = '', host = '', rest = ''] = parts
    const port = scheme.toLowerCase() === 'https' ? 443 : 80
    return [url, `${scheme}://${host}${rest}`, `${scheme}://${host}:${port}${rest}`]
  })
  return [...new Set(forms)]
}

export const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')

export type Claims = Readonly<Record<string, unknown>>

/** The claims of `Authorization: Bearer JWT`, if it is signed with this key by HS256; null if not. Their
 * times are not checked. */
export function signedClaims(authorization: string | undefined, key: string): Claims | null {
  const jwt = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]+) *$/i.exec(authorization ?? '')
  if (!jwt) return null
  const [, header = '', claims = '', signature = ''] = jwt
  if (!isSame(signature, hmac('sha256', key, 'base64url', `${header}.${claims}`))) return null
  return decoded(header)?.alg === 'HS256' ? decoded(claims) : null
}

function decoded(text: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Claims) : null
  } catch {
    return null
  }
}

/** Clocks differ: a token may be this much too old or too new. */
const leewayS = 60

/** Whether a token's `exp` and `nbf` hold when the request arrives; a claim that is not there does not
 * matter. */
export function isInForce({ exp, nbf }: Claims, receivedAt: Date): boolean {
  const now = receivedAt.getTime() / 1000
  if (exp !== undefined && !(typeof exp === 'number' && now <= exp + leewayS)) return false
  return nbf === undefined || (typeof nbf === 'number' && now >= nbf - leewayS)
}
