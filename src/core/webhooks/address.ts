// Decides which IP addresses are public unicast, by IANA's special-purpose address registries:
// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://www.iana.org/assignments/iana-ipv6-special-registry
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

type Block = readonly [network: string, bits: number, name: string]

/** All IPv4 blocks that are not hosts of the public internet. */
const blockedIpv4: readonly Block[] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private use'],
  ['100.64.0.0', 10, 'shared by carriers'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link local; clouds keep their metadata there'],
  ['172.16.0.0', 12, 'private use'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.31.196.0', 24, 'AS112'],
  ['192.52.193.0', 24, 'multicast tunnels'],
  ['192.88.99.0', 24, 'relays of 6to4, given up'],
  ['192.168.0.0', 16, 'private use'],
  ['192.175.48.0', 24, 'AS112'],
  ['198.18.0.0', 15, 'benchmarks'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved, and broadcast'],
]

/** The only block from which IPv6 global unicast addresses are assigned; everything outside is not public. */
const globalIpv6: Block = ['2000::', 3, 'global unicast']

/** Special blocks inside it. Those that map to IPv4 addresses are refused, whatever the address: a public
 * host can be named without them. */
const blockedIpv6: readonly Block[] = [
  ['2001::', 23, 'protocol assignments: Teredo, benchmarks, ORCHID'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4'],
  ['2620:4f:8000::', 48, 'AS112'],
  ['3fff::', 20, 'documentation'],
]

const listOf = (blocks: readonly Block[], family: 'ipv4' | 'ipv6') => {
  const list = new BlockList()
  for (const [network, bits] of blocks) list.addSubnet(network, bits, family)
  return list
}

const ipv4 = listOf(blockedIpv4, 'ipv4')
const global = listOf([globalIpv6], 'ipv6')
const ipv6 = listOf(blockedIpv6, 'ipv6')

/** Whether an address, in its canonical form and without a zone, is a host of the public internet. An IPv4
 * address in IPv6 form is not accepted. */
export function isPublicUnicast(address: string): boolean {
  if (isIPv4(address)) return !ipv4.check(address, 'ipv4')
  if (!isIPv6(address) || address.includes('%')) return false
  return global.check(address, 'ipv6') && !ipv6.check(address, 'ipv6')
}

/** Networks in CIDR form, separated by commas or white space. @returns null if one of them is invalid */
export function parseNetworks(text: string): readonly string[] | null {
  const networks = text.split(/[\s,]+/).filter(Boolean)
  return networks.every(isNetwork) ? networks : null
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '', more] = text.split('/')
  const most = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : -1
  return more === undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= most
}

/** Returns a function that tells whether an address is in one of the networks (CIDR). */
export function containsAddress(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [start = '', bits = ''] = network.split('/')
    list.addSubnet(start, Number(bits), isIP(start) === 6 ? 'ipv6' : 'ipv4')
  }
  return (address) =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Ports that webhooks may use on any host. Other ports belong to other protocols, such as mail or
 * databases. */
export const isWebhookPort = (port: number) =>
  port === 443 || port === 80 || (port >= 8_000 && port <= 9_000)
