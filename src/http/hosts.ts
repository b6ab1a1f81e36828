// Host names that belong to one dialect: there its prefix is implied, and its documented URLs work whole.
import type { IncomingMessage } from 'node:http'
import type { Dialect } from './dialect.ts'

/** Names of dialects by the host names that are theirs, in small letters. */
export type HostTies = ReadonlyMap<string, string>

/** What is answered on every host: balancers ask for health, suppliers and payment gateways bring news to
 * whatever address they were given, and links to the payer's page are built on the host that was asked. */
const onEveryHost = ['/health', '/api/callback', '/api/wallet/callback', '/pay', '/docs/errors']

/**
 * Returns a function that gives a request's path as the router is to see it. On a host that is a dialect's,
 * every path is below that dialect's territory, whether or not it says so: nothing else is served there.
 * @param isBehindProxy whether X-Forwarded-Host holds what `forwardedReader` has left of it
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
  if (!dialect) throw new Error(`a host is tied to ${name}, which is not mounted`)
  return dialect.territory
}

const isBelow = (url: string, place: string) =>
  url.startsWith(place) && /^(?:$|[/?])/.test(url.slice(place.length))

/** The name that the client asked for: without a port, in small letters. */
function hostOf({ headers }: IncomingMessage, isBehindProxy: boolean): string {
  const forwarded = isBehindProxy ? headers['x-forwarded-host'] : undefined
  const host = String(forwarded ?? headers.host ?? '')
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}
