// httpSMS’s signature: a token of some minutes, which names the URL and does not cover the body.
import { isInForce, signedClaims, signedUrls } from '../signatures.ts'
import type { InboundRequest, Settings } from '../supplier.ts'

export const defaultIssuer = 'api.httpsms.com'

/** Whether the token is one of httpSMS, for this URL, and has not expired. */
export function verifyHttpsms(request: InboundRequest, settings: Settings): boolean {
  const key = settings.signing_key
  if (!key) return false
  const claims = signedClaims(request.header('authorization'), key)
  if (claims === null || claims.iss !== (settings.issuer ?? defaultIssuer)) return false
  if (typeof claims.exp !== 'number' || !isInForce(claims, request.receivedAt)) return false
  const urls = signedUrls(request)
  const audience: readonly unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  return audience.some((one) => urls.some((url) => url === one))
}
