// The URLs that a vendor may have signed for a request.
import type { FastifyRequest } from 'fastify'

/** What decides where a request was sent to. */
type Sent = Pick<FastifyRequest, 'url' | 'originalUrl' | 'protocol' | 'host'>

/**
 * The likeliest first: at the public URL, then as the trusted proxies name it. Vendors differ in whether they
 * name the port: see `signedUrls`.
 * @param publicUrl the configured one, or null
 */
export function requestUrls(publicUrl: string | null, request: Sent): string[] {
  const { url, originalUrl, protocol, host } = request
  const paths = originalUrl.startsWith('/') ? [originalUrl, url] : [url]
  const origins = [publicUrl, `${protocol}://${host}`].filter((one) => one !== null)
  return [
    ...new Set(origins.flatMap((origin) => paths.map((path) => origin.replace(/\/+$/, '') + path))),
  ]
}
