// Allowed webhook URLs: https, and a host with only public addresses.
import { isIP } from 'node:net'
import { DomainError } from '../error.ts'
import { containsAddress, isPublicUnicast, isWebhookPort } from './address.ts'

/**
 * Looks up the addresses of a host.
 * @param accountId the account; each may have a few concurrent look-ups. Omitted: no limit applies
 * @throws LookupFailure
 */
export type Resolve = (host: string, accountId?: number) => Promise<readonly string[]>

/** Why a look-up failed: the name does not exist, its name servers do not answer, or the account has too many
 * concurrent look-ups. */
export class LookupFailure extends Error {
  override readonly name = 'LookupFailure'
  readonly kind: 'not_found' | 'no_answer' | 'too_many'
  constructor(kind: LookupFailure['kind']) {
    super(`host look-up: ${kind}`)
    this.kind = kind
  }
}

export type Network = {
  readonly resolve: Resolve
  /** Networks (CIDR) that may be called although they are not public, and over plain http. */
  readonly allowed: readonly string[]
}

const maxUrlLength = 2048
const lookupRetryS = 5

/**
 * Fails unless a URL may be called. The host's addresses can change later: check again when connecting.
 * @param accountId the URL's owner
 * @throws invalid_request, host_lookup_failed, rate_limited
 */
export async function assertDestination(
  network: Network,
  accountId: number,
  text: string,
): Promise<void> {
  const url = parse(text)
  const addresses = await addressesOf(network, accountId, url)
  const isAllowed = containsAddress(network.allowed)
  const isFree = addresses.every(isAllowed)
  if (url.protocol !== 'https:' && !isFree) throw refused('must begin with https://')
  if (!addresses.every((address) => isPublicUnicast(address) || isAllowed(address)))
    throw refused('must resolve to public addresses only')
  if (!isFree && !isWebhookPort(portOf(url)))
    throw refused('must use port 443, 80, or one from 8000 to 9000')
}

/** The port of a URL. */
export const portOf = (url: URL): number =>
  Number(url.port) || (url.protocol === 'https:' ? 443 : 80)

/**
 * The same check at connection time. The returned function tells whether addresses may be connected to. Over
 * plain http or on another port (`isRestricted`), only the allowed networks may.
 * @param allowed networks (CIDR) that are always allowed
 */
export function reachability(
  allowed: readonly string[],
): (addresses: readonly string[], isRestricted: boolean) => boolean {
  const isAllowed = containsAddress(allowed)
  return (addresses, isRestricted) =>
    addresses.length > 0 &&
    addresses.every((address) => (!isRestricted && isPublicUnicast(address)) || isAllowed(address))
}

/** @NOTE the URL parser converts every notation of an IPv4 address (127.1, 0x7f.1, 2130706433) to the
 * canonical one, so that none bypasses the lists. */
function parse(text: string): URL {
  const isPlain = text.length <= maxUrlLength && /^[^\s\p{Cc}]+$/u.test(text) && text.isWellFormed()
  const url = isPlain ? URL.parse(text) : null
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.port === '0')
    throw refused('must be a URL that begins with https://')
  if (url.username !== '' || url.password !== '')
    throw refused('must not contain a user or a password')
  return url
}

async function addressesOf(
  network: Network,
  accountId: number,
  url: URL,
): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0) return [host]
  const found = await network.resolve(host, accountId).catch((error: unknown) => {
    if (error instanceof LookupFailure) throw lookupRefusal(error.kind, host)
    throw error
  })
  if (found.length === 0) throw lookupRefusal('not_found', host)
  return found
}

function lookupRefusal(kind: LookupFailure['kind'], host: string): DomainError {
  if (kind === 'not_found') return refused(`names a host that does not exist: ${host}`)
  if (kind === 'too_many')
    return new DomainError(
      'rate_limited',
      'This account has too many webhook hosts being looked up at once. Try again shortly.',
      { retryAfterS: lookupRetryS },
    )
  return new DomainError(
    'host_lookup_failed',
    `The webhook's host ${host} cannot be looked up right now: its name servers do not answer. ` +
      'Check its DNS, or try again shortly.',
    { retryAfterS: lookupRetryS, fields: [{ pointer: '/url', detail: 'cannot be looked up now' }] },
  )
}

const refused = (detail: string) =>
  new DomainError('invalid_request', `The webhook's URL ${detail}.`, {
    fields: [{ pointer: '/url', detail }],
  })
