// Host names that belong to one dialect: its prefix is implied there, so its documented URLs work unchanged.
import type { IncomingMessage } from 'node:http'
import type { Dialect } from './dialect.ts'

/** Dialect name by lower-case host name. */
export type HostTies = ReadonlyMap<string, string>

/** Paths served on every host: load balancers ask for health, suppliers and payment gateways call whatever
 * address they were given, and links to the payment page use the host of the request. */
const onEveryHost = ['/health', '/api/callback', '/api/wallet/callback', '/pay', '/docs/errors']

/**
 * Returns a function that maps a request's path to the path for the router. On a host of a dialect, every
 * path belongs to that dialect, with or without its prefix. Nothing else is served there.
 * @param isBehindProxy whether X-Forwarded-Host holds the value that `forwardedReader` accepted
 */
export function rewriteByHost(
  ties: HostTies,
  dialects: readonly Pick<Dialect, 'name' | 'territory'>[],
  isBehindProxy: boolean,
): (request: IncomingMessage, url: string) => string {
  if (ties.size === 0) return (_request, url) => url
  const territories = new Map(
    [...ties].map(([host, name]) => [host, territoryOf(name, dialects)] as const),
  )
  return (request, url) => {
    const territory = territories.get(hostOf(request, isBehindProxy))
    if (territory === undefined || !url.startsWith('/')) return url
    const isThere = [territory, ...onEveryHost].some((place) => isBelow(url, place))
    return isThere ? url : territory + url
  }
}

function territoryOf(name: string, dialects: readonly Pick<Dialect, 'name' | 'territory'>[]) {
  const dialect = dialects.find((one) => one.name === name)
  if (!dialect) throw new Error(`a host is assigned to ${name}, which is not mounted`)
  return dialect.territory
}

const isBelow = (url: string, place: string) =>
  url.startsWith(place) && /^(?:$|[/?])/.test(url.slice(place.length))

/** The lower-case host name of the request, without the port. */
function hostOf({ headers }: IncomingMessage, isBehindProxy: boolean): string {
  const forwarded = isBehindProxy ? headers['x-forwarded-host'] : undefined
  const host = String(forwarded ?? headers.host ?? '')
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}
