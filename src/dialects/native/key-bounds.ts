// A key may not exceed the key that creates or changes it, in scopes, networks or lifetime.
import { BlockList, isIP } from 'node:net'
import type { App } from '../../app.ts'
import { keyIdOf, type Principal } from '../../core/accounts/principal.ts'
import { dialectScope } from '../../core/accounts/scopes.ts'
import { DomainError } from '../../core/error.ts'

export type WantedKey = {
  readonly scopes: readonly string[]
  readonly allowedIps: readonly string[]
  readonly expiresAt: Date | null
}

/** Fills in the omitted bounds from the calling key.
 * @throws forbidden if the new key would exceed the calling key */
export async function boundsFor(
  app: App,
  caller: Principal,
  asked: Partial<WantedKey>,
): Promise<WantedKey> {
  const own = await boundsOf(app, caller)
  const wanted = {
    scopes: asked.scopes ?? own.scopes,
    allowedIps: asked.allowedIps?.length ? asked.allowedIps : own.allowedIps,
    expiresAt: asked.expiresAt ?? own.expiresAt,
  }
  assertScopes(own, wanted.scopes)
  if (own.expiresAt && wanted.expiresAt && wanted.expiresAt > own.expiresAt)
    throw new DomainError('forbidden', 'The new key would expire later than this key.')
  const outside = own.allowedIps.length > 0 && wanted.allowedIps.some((it) => !isWithin(own, it))
  if (outside)
    throw new DomainError(
      'forbidden',
      'The new key would allow networks that this key does not allow.',
    )
  return wanted
}

/** Holds a change to the bounds of the calling key. Nothing is left out here: no networks and no end mean
 * that there are none. @throws forbidden if the changed key would exceed the calling key */
export async function assertWithin(app: App, caller: Principal, key: WantedKey): Promise<void> {
  const own = await boundsOf(app, caller)
  assertScopes(own, key.scopes)
  if (own.expiresAt && (key.expiresAt === null || key.expiresAt > own.expiresAt))
    throw new DomainError('forbidden', 'The key that you change works longer than this key.')
  if (own.allowedIps.length === 0) return
  if (key.allowedIps.length === 0 || key.allowedIps.some((it) => !isWithin(own, it)))
    throw new DomainError(
      'forbidden',
      'The key that you change would allow networks that this key does not allow.',
    )
}

/** The owner of an account, in a session, has no bounds but the scopes. */
async function boundsOf(app: App, caller: Principal): Promise<WantedKey> {
  const keyId = keyIdOf(caller)
  return keyId === undefined
    ? { scopes: caller.scopes, allowedIps: [], expiresAt: null }
    : app.keys.read(caller.accountId, keyId)
}

function assertScopes(own: WantedKey, asked: readonly string[]) {
  const needed = asked.map((scope) => dialectScope(scope)?.needs ?? scope)
  const more = needed.find((scope) => !own.scopes.includes(scope))
  if (more !== undefined)
    throw new DomainError('forbidden', `This key does not have the scope ${more}.`, { scope: more })
}

/** Whether the key allows a network. Invalid networks are refused when the key is created. */
function isWithin(own: WantedKey, network: string): boolean {
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
