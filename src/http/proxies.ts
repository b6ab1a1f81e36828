// The sender and the host of a request behind the operator's own proxies.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { App } from '../app.ts'
import { containsAddress } from '../core/webhooks/address.ts'

/** The number of proxies in front, or their networks (CIDR). 0 or no network: none. */
export type ProxyTrust = App['config']['trustProxy']

/** Stands for an address that a proxy did not name. No network contains it. */
const unknownAddress = 'unknown'

export const trustsAnyProxy = (trust: ProxyTrust): boolean =>
  typeof trust === 'number' ? trust > 0 : trust.length > 0

/**
 * Returns a function that reduces `X-Forwarded-For`, `-Host` and `-Proto` to the one trusted value, or
 * removes them. Code that reads them later cannot be misled by what a client sent.
 */
export function forwardedReader(trust: ProxyTrust): (request: IncomingMessage) => void {
  const isProxy =
    typeof trust === 'number' ? (_: string, hop: number) => hop < trust : containsAddress(trust)
  return ({ headers, socket }) => {
    const peer = plainAddress(socket.remoteAddress ?? '') ?? unknownAddress
    const { address, hops } = senderOf(peer, headers['x-forwarded-for'], isProxy)
    // A counted proxy may set only the host.
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

/** Walks outwards from the nearest peer while it is one of the proxies. An entry that is not an address
 * ends the walk: whoever wrote the entries behind it is unknown. */
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

/** The value that the outermost proxy wrote: each proxy appends one entry, or replaces the header. */
function valueAt(
  header: string | string[] | undefined,
  passed: number,
  isSound: (value: string) => boolean,
): string | undefined {
  const entries = entriesOf(header)
  const value = entries[Math.max(0, entries.length - passed)]
  return value !== undefined && isSound(value) ? value : undefined
}

/** The entries in order. Empty ones count: a proxy writes one for a value that it does not know. */
function entriesOf(header: string | string[] | undefined): string[] {
  const text = [header ?? ''].flat().join(',')
  return text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim())
}

/** A host name or an address, with or without a port. */
export const isHost = (text: string) =>
  text.length <= 260 && /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(text)

const isProtocol = (text: string) => /^https?$/.test(text)

/** An address in canonical form, without port, brackets and zone; an IPv4-mapped IPv6 address as IPv4.
 * Null if it is not an address. */
function plainAddress(text: string): string | null {
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
