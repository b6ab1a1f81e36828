// The URLs that a vendor may have signed for a request.
import type { FastifyRequest } from 'fastify'

/** What decides where a request was sent to. */
type Sent = Pick<FastifyRequest, 'url' | 'originalUrl' | 'protocol' | 'host'>

const defaultPorts = { 'http:': '80', 'https:': '443' } as const

/**
 * The likeliest first: the public URL, then the URL of the request as the trusted proxies name it, each also
 * with or without a port, because vendors differ in that.
 * @param publicUrl the configured one, or null
 */
export function requestUrls(publicUrl: string | null, request: Sent): string[] {
  const { url, originalUrl, protocol, host } = request
  const paths = originalUrl.startsWith('/') ? [originalUrl, url] : [url]
  const origins = [publicUrl, `${protocol}://${host}`].filter((one) => one !== null)
  return [
    ...new Set(
      origins.flatMap((origin) =>
        withAndWithoutPort(origin.replace(/\/+$/, '')).flatMap((one) =>
          paths.map((path) => one + path),
        ),
      ),
    ),
  ]
}

/** An origin, with a path if it has one, as it is and in its other spelling. */
function withAndWithoutPort(origin: string): string[] {
  const [, scheme, host, port, path] =
    /^(https?:)\/\/(\[[^\]]*\]|[^/:]*)(?::(\d+))?(.*)$/.exec(origin) ?? []
  if (scheme === undefined || host === undefined) return [origin]
  const other = port === undefined ? `:${defaultPorts[scheme as 'http:' | 'https:']}` : ''
  return [origin, `${scheme}//${host}${other}${path ?? ''}`]
}
