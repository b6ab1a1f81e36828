// Where a webhook may go: https, to a host all of whose addresses are public.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { DomainError } from '../error.ts'
import { containsAddress, isPublicUnicast, isWebhookPort } from './address.ts'

export type Network = {
  /** The addresses of a host's name; it fails where there are none. */
  readonly resolve: (host: string) => Promise<readonly string[]>
  /** Networks (CIDR) that may be called although they are not public, and over plain http. */
  readonly allowed: readonly string[]
}

const maxUrlLength = 2048
const resolvePatienceMs = 5_000

/** The resolver that connections use, too, so that both see the same addresses. */
export async function systemResolve(host: string): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the resolver is slow')), resolvePatienceMs)
  })
  try {
    const found = await Promise.race([lookup(host, { all: true }), patience])
    return found.map(({ address }) => address)
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Fails unless a URL may be called. A name can lead elsewhere later on: whoever connects asks again.
 * @throws invalid_request
 */
export async function assertDestination(network: Network, text: string): Promise<void> {
  const url = parse(text)
  const addresses = await addressesOf(network, url)
  const isAllowed = containsAddress(network.allowed)
  const isFree = addresses.every(isAllowed)
  if (url.protocol !== 'https:' && !isFree) throw refused('must begin with https://')
  if (!addresses.every((address) => isPublicUnicast(address) || isAllowed(address)))
    throw refused('must lead to public addresses only')
  if (!isFree && !isWebhookPort(portOf(url)))
    throw refused('must use port 443, 80, or one from 8000 to 9000')
}

/** The port that a URL leads to. */
export const portOf = (url: URL): number =>
  Number(url.port) || (url.protocol === 'https:' ? 443 : 80)

/**
 * The same judgement for whoever connects. The returned function tells whether addresses may be reached;
 * over plain http or on another port (`isRestricted`), only the allowed networks may.
 * @param allowed networks (CIDR) that may be reached in any case
 */
export function reachability(
  allowed: readonly string[],
): (addresses: readonly string[], isRestricted: boolean) => boolean {
  const isAllowed = containsAddress(allowed)
  return (addresses, isRestricted) =>
    addresses.length > 0 &&
    addresses.every((address) => (!isRestricted && isPublicUnicast(address)) || isAllowed(address))
}

/** @NOTE the URL's own parser turns every way to write an IPv4 address (127.1, 0x7f.1, 2130706433) into the
 * usual one, so that none gets past the lists. */
function parse(text: string): URL {
  const isPlain = text.length <= maxUrlLength && /^[^\s\p{Cc}]+$/u.test(text) && text.isWellFormed()
  const url = isPlain ? URL.parse(text) : null
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.port === '0')
    throw refused('must be a URL that begins with https://')
  if (url.username !== '' || url.password !== '') throw refused('must hold no user and no password')
  return url
}

async function addressesOf(network: Network, url: URL): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0) return [host]
  const found = await network.resolve(host).catch(() => [])
  if (found.length === 0) throw refused('must name a host that can be found')
  return found
}

const refused = (detail: string) =>
  new DomainError('invalid_request', `The webhook’s URL ${detail}.`, {
    fields: [{ pointer: '/url', detail }],
  })
