// Who sent a request, and to which host, where the operator's own proxies stand in front of the server.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { App } from '../app.ts'
import { containsAddress } from '../core/webhooks/address.ts'

/** How many proxies stand in front, or the networks (CIDR) that they are in. 0 or no network: none. */
export type ProxyTrust = App['config']['trustProxy']

/** What stands in place of an address that a proxy did not name. No network contains it. */
export const unknownAddress = 'unknown'

export const trustsAnyProxy = (trust: ProxyTrust): boolean =>
  typeof trust === 'number' ? trust > 0 : trust.length > 0

/**
 * Returns a function that reduces `X-Forwarded-For`, `-Host` and `-Proto` to the one value that is believed,
 * or removes them. What reads them afterwards cannot be misled by what a client sent.
 */
export function forwardedReader(trust: ProxyTrust): (request: IncomingMessage) => void {
  const isProxy =
    typeof trust === 'number' ? (_: string, hop: number) => hop < trust : containsAddress(trust)
  return ({ headers, socket }) => {
    const peer = plainAddress(socket.remoteAddress ?? '') ?? unknownAddress
    const { address, hops } = senderOf(peer, headers['x-forwarded-for'], isProxy)
    // A proxy that is counted may set the host alone.
    const passed = typeof trust === 'number' ? trust : hops
    const kept = {
      'x-forwarded-for': passed > 0 ? address : undefined,
      'x-forwarded-host': valueAt(headers['x-forwarded-host'], passed, isHost),
      'x-forwarded-proto': valueAt(headers['x-forwarded-proto'], passed, isProtocol),
    }
    for (const [name, value] of Object.entries(kept))
      if (value === undefined) delete headers[name]
      else headers[name] = value
  }
}

/** Goes from the nearest peer outwards for as long as it is one of the proxies. An entry that is no address
 * ends the way: what stands behind it was written by nobody known. */
function senderOf(
  peer: string,
  forwarded: string | string[] | undefined,
  isProxy: (address: string, hop: number) => boolean,
): { address: string; hops: number } {
  const entries = entriesOf(forwarded)
  let address = peer
  let hops = 0
  while (isProxy(address, hops)) {
    hops++
    const entry = entries.at(-hops)
    if (entry === undefined) break
    address = plainAddress(entry) ?? unknownAddress
  }
  return { address, hops }
}

/** What the outermost of the proxies wrote: each appends one entry, or replaces what is there. */
function valueAt(
  header: string | string[] | undefined,
  passed: number,
  isSound: (value: string) => boolean,
): string | undefined {
  const entries = entriesOf(header)
  const value = entries[Math.max(0, entries.length - passed)]
  return value !== undefined && isSound(value) ? value : undefined
}

/** The entries in their order. Empty ones count: they take the place of what a proxy did not know. */
function entriesOf(header: string | string[] | undefined): string[] {
  const text = [header ?? ''].flat().join(',')
  return text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim())
}

/** A host name or an address, with or without a port. */
export const isHost = (text: string) =>
  text.length <= 260 && /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(text)

const isProtocol = (text: string) => /^https?$/.test(text)

/** An address in its usual form, without port, brackets and zone; an IPv4 address that is mapped into IPv6
 * as IPv4. Null: it is no address. */
export function plainAddress(text: string): string | null {
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1]
  const address = (bare ?? text).replace(/%.*$/, '')
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : null
  const usual = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(usual) ?? []
  if (high === undefined || low === undefined) return usual
  const bits = [high, low].flatMap((half) => {
    const value = Number.parseInt(half, 16)
    return [value >> 8, value & 255]
  })
  return bits.join('.')
}
