// Decides what a request means before the router sees it: its sender and its path.
import type { IncomingMessage } from 'node:http'
import type { Dialect } from './dialect.ts'
import { type HostTies, rewriteByHost } from './hosts.ts'
import { forwardedReader, isHost, type ProxyTrust, trustsAnyProxy } from './proxies.ts'

type Mounted = Pick<Dialect, 'name' | 'territory' | 'isStrict'>

/** Returns the server's `rewriteUrl`, which reads the proxies' headers and returns the path to route. */
export function arrival(options: {
  readonly trust: ProxyTrust
  readonly ties: HostTies
  readonly dialects: readonly Mounted[]
}): (request: IncomingMessage) => string {
  const isBehindProxy = trustsAnyProxy(options.trust)
  const readForwarded = isBehindProxy ? forwardedReader(options.trust) : null
  const rewrite = rewriteByHost(options.ties, options.dialects, isBehindProxy)
  const lenient = options.dialects.filter((one) => !one.isStrict).map((one) => one.territory)
  return (request) => {
    readForwarded?.(request)
    const path = rewrite(request, originForm(request))
    return path.includes('//') ? withoutEmptySegments(path, lenient) : path
  }
}

/** Strips the host from an absolute-form target (RFC 9112, 3.2.2). A target that names another host stays
 * as it is, and `faultOf` refuses it. */
function originForm({ url = '/', headers }: IncomingMessage): string {
  if (url.startsWith('/')) return url
  const [, host, rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? []
  if (host === undefined || host.toLowerCase() !== headers.host?.toLowerCase()) return url
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** In the other dialects, repeated slashes count as one: clients join `BASE/` and `/path`. */
function withoutEmptySegments(url: string, territories: readonly string[]): string {
  const [, path = '', query = ''] = /^([^?]*)(.*)$/s.exec(url) ?? []
  const plain = path.replace(/\/{2,}/g, '/')
  const isLenient = territories.some((one) => plain === one || plain.startsWith(`${one}/`))
  return isLenient ? plain + query : url
}

/** Why a proxy in front could read a request differently from us; null if it could not. */
export function faultOf({ url = '', rawHeaders, headers }: IncomingMessage): string | null {
  if (!url.startsWith('/') && url !== '*') return 'The target names another host.'
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') hosts++
  if (hosts > 1) return 'There is more than one Host header.'
  if (headers.host && !isHost(headers.host)) return 'The Host header is malformed.'
  return null
}
