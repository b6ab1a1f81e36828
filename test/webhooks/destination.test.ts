// Where webhooks may go: to public hosts by https, however an address is written.
import { describe, expect, it } from 'vitest'
import { DomainError } from '../../src/core/error.ts'
import { isPublicUnicast, parseNetworks } from '../../src/core/webhooks/address.ts'
import {
  assertDestination,
  LookupFailure,
  type Network,
} from '../../src/core/webhooks/destination.ts'

const publicIpv4 = '93.184.215.14'
const publicIpv6 = '2606:2800:21f:cb07:6820:80da:af6b:8b2c'

const names: Record<string, readonly string[]> = {
  'example.com': [publicIpv4, publicIpv6],
  'inside.example.com': ['10.1.2.3'],
  'both.example.com': [publicIpv4, '127.0.0.1'],
  'mapped.example.com': ['::ffff:93.184.215.14'],
  'nowhere.example.com': [],
  localhost: ['127.0.0.1', '::1'],
}

const network = (...allowed: string[]): Network => ({
  allowed,
  resolve: async (host) => {
    const found = names[host]
    if (!found) throw new LookupFailure('not_found')
    return found
  },
})

const verdict = (url: string, ...allowed: string[]) =>
  assertDestination(network(...allowed), 1, url).then(
    () => 'allowed',
    (error: unknown) => {
      if (!(error instanceof DomainError)) throw error
      expect(error.code).toBe('invalid_request')
      expect(error.detail.fields).toEqual([{ pointer: '/url', detail: expect.any(String) }])
      return 'refused'
    },
  )

describe('a webhook may go', () => {
  it.each([
    'https://example.com/hook',
    'https://EXAMPLE.com:8443/a?b=c#d',
    'https://example.com:443/',
    'https://example.com:80/',
    'https://example.com:8000/',
    'https://example.com:9000/',
    `https://${publicIpv4}/hook`,
    `https://[${publicIpv6}]/hook`,
  ])('to %s', async (url) => {
    expect(await verdict(url)).toBe('allowed')
  })
})

describe('a webhook may not go', () => {
  const literals = [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f.1',
    '0x7f000001',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '0',
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    `[::ffff:${publicIpv4}]`,
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::10.0.0.1]',
    '[64:ff9b:1::1]',
    '[100::1]',
    '[2001::1]',
    '[2001:db8::1]',
    '[2002:7f00:1::]',
    '[3fff::1]',
    '[5f00::1]',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[fe80::1]',
    '[ff02::1]',
    '１２７.0.0.1',
    'ⓛocalhost',
    'localhost',
    'inside.example.com',
    'both.example.com',
    'mapped.example.com',
    'nowhere.example.com',
    'unknown.example.com',
  ]
  it.each(literals)('to https://%s', async (host) => {
    expect(await verdict(`https://${host}/`)).toBe('refused')
  })

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://',
    'https:///',
    'example.com',
    '',
    ' ',
    'https://example.com:0/',
    // S9: ports of services that speak no HTTP
    ...[21, 22, 25, 81, 444, 465, 587, 2525, 3306, 5432, 6379, 7999, 9001, 65535].map(
      (port) => `https://example.com:${port}/`,
    ),
    `https://${publicIpv4}:25/`,
    `https://[${publicIpv6}]:25/`,
    'https://example.com:99999/',
    'https://user@example.com/',
    'https://user:password@example.com/',
    'https://exa mple.com/',
    'https://example.com/\u0000',
    'https://example.com/\n',
    'https://example.com/\ud800',
    'https://[::1%25eth0]/',
    `https://example.com/${'a'.repeat(2_100)}`,
  ])('to %j', async (url) => {
    expect(await verdict(url)).toBe('refused')
  })
})

describe('networks that are allowed', () => {
  it('may be private, and be reached without https', async () => {
    expect(await verdict('http://127.0.0.1:9000/hook', '127.0.0.0/8')).toBe('allowed')
    expect(await verdict('https://inside.example.com/', '10.0.0.0/8')).toBe('allowed')
    expect(await verdict('http://localhost/', '127.0.0.0/8', '::1/128')).toBe('allowed')
  })

  it('may be reached on every port', async () => {
    expect(await verdict('http://127.0.0.1:25/', '127.0.0.0/8')).toBe('allowed')
    expect(await verdict('https://inside.example.com:5432/', '10.0.0.0/8')).toBe('allowed')
    expect(await verdict('https://example.com:25/', '10.0.0.0/8')).toBe('refused')
    expect(await verdict('https://both.example.com:25/', '127.0.0.0/8')).toBe('refused')
  })

  it('open nothing else', async () => {
    expect(await verdict('http://localhost/', '127.0.0.0/8')).toBe('refused')
    expect(await verdict('https://10.0.0.1/', '127.0.0.0/8')).toBe('refused')
    expect(await verdict('http://example.com/', '127.0.0.0/8')).toBe('refused')
    expect(await verdict('http://nowhere.example.com/', '0.0.0.0/0')).toBe('refused')
  })

  it('are read from a list, or not at all', () => {
    expect(parseNetworks('')).toEqual([])
    expect(parseNetworks('10.0.0.0/8, ::1/128')).toEqual(['10.0.0.0/8', '::1/128'])
    for (const wrong of ['10.0.0.0', '10.0.0.0/33', 'example.com/8', '::1/129', '10.0.0.0/8/8'])
      expect(parseNetworks(wrong)).toBeNull()
  })
})

it('what is no address is no public one', () => {
  for (const text of ['', 'example.com', '1.2.3', '2606::1%eth0', '[::1]'])
    expect(isPublicUnicast(text)).toBe(false)
})
