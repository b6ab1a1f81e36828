// Telnyx’s signature: Ed25519 over the time and the body.
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { isRecent } from '../signatures.ts'
import type { InboundRequest, Settings } from '../supplier.ts'

export const signatureHeader = 'telnyx-signature-ed25519'
export const timestampHeader = 'telnyx-timestamp'

const toleranceS = 300

/** Whether Telnyx signed the request, at most five minutes ago. */
export function verifyTelnyx(request: InboundRequest, settings: Settings): boolean {
  const key = publicKeyOf(settings.public_key ?? '')
  const signature = bytesOf(request.header(signatureHeader), 64)
  const timestamp = request.header(timestampHeader)
  if (key === null || signature === null) return false
  if (!isRecent(timestamp, request.receivedAt, toleranceS)) return false
  return verify(null, Buffer.concat([Buffer.from(`${timestamp}|`), request.body]), key, signature)
}

/** @returns null if the text is not an Ed25519 key */
export function publicKeyOf(text: string): KeyObject | null {
  const bytes = bytesOf(text.trim(), 32)
  if (bytes === null) return null
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return null
  }
}

/** Bytes of a length in base64; null if they are written in any way but the usual one. */
function bytesOf(text: string | undefined, length: number): Buffer | null {
  const bytes = Buffer.from(text ?? '', 'base64')
  return bytes.length === length && bytes.toString('base64') === text ? bytes : null
}
