// SMSGate’s signature: an HMAC over the body and the time.
import { hmac, isRecent, isSame } from '../signatures.ts'
import type { InboundRequest, Settings } from '../supplier.ts'

export const signatureHeader = 'x-signature'
export const timestampHeader = 'x-timestamp'

/** The app signs each attempt anew. Phones’ clocks are set by their networks. */
const toleranceS = 300

/** Whether the phone signed the request, at most five minutes ago. */
export function verifySmsgate(request: InboundRequest, settings: Settings): boolean {
  const key = settings.signing_key
  const timestamp = request.header(timestampHeader)
  if (!key || timestamp === undefined) return false
  if (!isRecent(timestamp, request.receivedAt, toleranceS)) return false
  const expected = hmac('sha256', key, 'hex', request.body, timestamp)
  return isSame(request.header(signatureHeader), expected)
}
