// What a new key may be: no mightier than the one that makes it, in scopes, in addresses and in time.
import { BlockList, isIP } from 'node:net'
import type { App } from '../../app.ts'
import { type ApiKey, type Caller, readKey } from '../../core/accounts/keys.ts'
import { DomainError } from '../../core/error.ts'

export type WantedKey = {
  readonly scopes: readonly string[]
  readonly allowedIps: readonly string[]
  readonly expiresAt: Date | null
}

/** Fills in the bounds of the key that asks where none are asked for.
 * @throws forbidden when more is asked for than the key that asks has itself */
export async function boundsFor(
  app: App,
  caller: Caller,
  asked: Partial<WantedKey>,
): Promise<WantedKey> {
  const own = await readKey(app.db, caller.accountId, caller.keyId)
  const wanted = {
    scopes: asked.scopes ?? own.scopes,
    allowedIps: asked.allowedIps?.length ? asked.allowedIps : own.allowedIps,
    expiresAt: asked.expiresAt ?? own.expiresAt,
  }
  assertScopes(own, wanted.scopes)
  if (own.expiresAt && wanted.expiresAt && wanted.expiresAt > own.expiresAt)
    throw new DomainError('forbidden', 'This key ends before the one that you ask for.')
  const outside = own.allowedIps.length > 0 && wanted.allowedIps.some((it) => !isWithin(own, it))
  if (outside)
    throw new DomainError('forbidden', 'This key may not be used from everywhere that you ask for.')
  return wanted
}

function assertScopes(own: ApiKey, asked: readonly string[]) {
  // A key for handler_api buys by that protocol, so only one that buys may make it.
  const needed = asked.map((scope) => (scope === 'handler-api' ? 'buy' : scope))
  const more = needed.find((scope) => !(own.scopes as readonly string[]).includes(scope))
  if (more !== undefined)
    throw new DomainError('forbidden', `This key lacks the scope ${more} itself.`, { scope: more })
}

/** Whether a network lies in one that the key allows. What is no network is refused when the key is made. */
function isWithin(own: ApiKey, network: string): boolean {
  const [address = '', bits] = network.split('/')
  const version = isIP(address)
  if (version === 0) return true
  const length = bits === undefined ? (version === 4 ? 32 : 128) : Number(bits)
  const family = version === 4 ? 'ipv4' : 'ipv6'
  return own.allowedIps.some((allowed) => {
    const [start = '', width] = allowed.split('/')
    if (isIP(start) !== version || Number(width) > length) return false
    const list = new BlockList()
    list.addSubnet(start, Number(width), family)
    return list.check(address, family)
  })
}
