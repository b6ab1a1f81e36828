// Twilio's signature: an HMAC over the URL and the fields of the form, or over the URL with the body's hash.
import { createHash } from 'node:crypto'
import { formOf } from '../bodies.ts'
import { type HmacHash, hmac, isSame, signedUrls } from '../signatures.ts'
import type { InboundRequest, Settings, StoredRequest } from '../supplier.ts'

export const signatureHeader = 'x-twilio-signature'
/** `key=ID,algorithm=HMAC_SHA256`: the request is signed with a shared key instead of the auth token. */
export const settingsHeader = 'x-twilio-webhooks-signature-settings'

const hashes: Readonly<Record<string, HmacHash>> = { HMAC_SHA1: 'sha1', HMAC_SHA256: 'sha256' }

/** Whether Twilio signed the request. */
export function verifyTwilio(request: InboundRequest, settings: Settings): boolean {
  const used = request.header(settingsHeader)
  const hash = hashes[algorithmIn(used)]
  const key = used === undefined ? settings.auth_token : settings.shared_key
  if (!key || hash === undefined) return false
  const bodyHash = bodyHashOf(request)
  if (bodyHash !== null && !isSame(bodyHash, sha256(request.body))) return false
  const fields = bodyHash === null && request.method === 'POST' ? signedForm(request.body) : ''
  const given = request.header(signatureHeader)
  if (fields === null) return false
  return signedUrls(request).some((url) => isSame(given, hmac(hash, key, 'base64', url, fields)))
}

/** The SHA-256 of a body that is no form, as Twilio adds it to the URL; null: the body is a form. */
export const bodyHashOf = ({ query }: StoredRequest): string | null =>
  new URLSearchParams(query).get('bodySHA256')

function algorithmIn(header: string | undefined): string {
  const named = /(?:^|,)\s*algorithm\s*=\s*([^,\s]+)/.exec(header ?? '')?.[1]
  return named === undefined ? 'HMAC_SHA1' : named.toUpperCase()
}

const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex')

/** Names and values without anything between them, sorted by name; the values of a repeated name sorted,
 * each once. Null if there are too many. */
function signedForm(body: Buffer): string | null {
  const form = formOf(body.toString())
  if (form === null) return null
  return [...form.keys()]
    .sort()
    .flatMap((name) => [...new Set(form.get(name))].sort().map((value) => name + value))
    .join('')
}
