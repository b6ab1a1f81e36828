// The signature of Standard Webhooks 1.0: https://github.com/standard-webhooks/standard-webhooks
import { createHmac } from 'node:crypto'

export type Signed = {
  /** The same for every attempt of one event. */
  readonly id: string
  readonly at: Date
  readonly body: string
  /** All of them sign: the receiver may know any of them. */
  readonly secrets: readonly string[]
}

const prefix = 'whsec_'
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The three headers of the standard. */
export function standardHeaders({ id, at, body, secrets }: Signed): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const keys = secrets.flatMap(keysOf)
  const signatures = keys.map((key) => {
    const hash = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`)
    return `v1,${hash.digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

/**
 * The key bytes of a secret. A secret without the standard's prefix, such as OTPZap's, is decoded as
 * base64 by some libraries and used as text by others, so there is a signature for both.
 */
function keysOf(secret: string): Buffer[] {
  if (secret.startsWith(prefix) && base64.test(secret.slice(prefix.length)))
    return [Buffer.from(secret.slice(prefix.length), 'base64')]
  const asItIs = Buffer.from(secret, 'utf8')
  return base64.test(secret) ? [asItIs, Buffer.from(secret, 'base64')] : [asItIs]
}
