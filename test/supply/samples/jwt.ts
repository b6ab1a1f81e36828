// Tokens signed by HS256, as RFC 7515 has them.
import { createHmac } from 'node:crypto'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token with these claims. */
export function jwtOf(
  claims: unknown,
  key: string,
  header: unknown = { alg: 'HS256', typ: 'JWT' },
): string {
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}
