// S9: requests that a proxy in front may read otherwise than the server does are refused, and the connection
// with them; what is slow is not waited for.
import { describe, expect, it } from 'vitest'
import { toConfig } from '../../src/config.ts'
import { createServer } from '../../src/http/server.ts'
import { openLog } from '../../src/log.ts'
import { exchange } from '../harness/raw.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { stateOf } from '../harness/state.ts'

describe('S9: requests that can be read in two ways', async () => {
  const server = await testServer({ env: { NUMLET_HOSTS: 'api.example.com=whichotp' } })
  const { key } = await testCustomer(server.db)
  const bearer = `authorization: Bearer ${key}\r\n`
  const get = (lines: string, target = '/v1/balance', version = 'HTTP/1.1') =>
    `GET ${target} ${version}\r\n${lines}${bearer}\r\n`
  const post = (lines: string, body: string) =>
    `POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${bearer}${lines}\r\n${body}`
  const order = '{"service":"whatsapp","country":"US"}'

  const refused: Record<string, string> = {
    'two Host headers': get('host: a\r\nhost: b\r\n'),
    'two Host headers that agree': get('host: a\r\nHOST: a\r\n'),
    'a Host with a path': get('host: a/b\r\n'),
    'a Host with a user': get('host: user@a\r\n'),
    'a Host with blanks': get('host: a b\r\n'),
    'two names in one Host': get('host: a, b\r\n'),
    'a Host with an escape': get('host: a%2eb\r\n'),
    'a Host that is not ASCII': get('host: b\u00fccher.example\r\n'),
    'a Host with a port that is none': get('host: a:b\r\n'),
    'no Host': get(''),
    'a target on another host': get('host: a\r\n', 'http://b/v1/balance'),
    'a target on another host’s dialect': get(
      'host: a\r\n',
      'http://api.example.com/api/v1/balance',
    ),
    'a target with a user': get('host: a\r\n', 'http://u@a/v1/balance'),
    'a target of another scheme': get('host: a\r\n', 'ftp://a/v1/balance'),
    'a target without a slash': get('host: a\r\n', 'v1/balance'),
    'HTTP/0.9': 'GET /v1/balance\r\n\r\n',
    'HTTP/2.0 in words': get('host: a\r\n', '/v1/balance', 'HTTP/2.0'),
    'a method in small letters': get('host: a\r\n').replace('GET', 'get'),
    'a folded header': get('host: a\r\nx-note: a\r\n b\r\n'),
    'a blank before the colon': get('host : a\r\n'),
    'a header without a colon': get('host: a\r\nnonsense\r\n'),
    'a NUL in a header': get('host: a\r\nx-note: \u0000\r\n'),
    'a bare CR in a header': get('host: a\r\nx-note: a\rb\r\n'),
    'lines that end in LF alone': get('host: a\r\n').replaceAll('\r\n', '\n'),
    'two lengths': post(`content-length: ${order.length}\r\ncontent-length: 5\r\n`, order),
    'two lengths that agree': post(
      `content-length: ${order.length}\r\ncontent-length: ${order.length}\r\n`,
      order,
    ),
    'a list of lengths': post(`content-length: ${order.length}, ${order.length}\r\n`, order),
    'a length with a sign': post(`content-length: +${order.length}\r\n`, order),
    'a length and chunks': post('content-length: 3\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'),
    'chunks and a length': post('transfer-encoding: chunked\r\ncontent-length: 3\r\n', '0\r\n\r\n'),
    'chunks that are not last': post('transfer-encoding: chunked, identity\r\n', '0\r\n\r\n'),
    'chunks by another name': post('transfer-encoding: xchunked\r\n', '0\r\n\r\n'),
    'chunks twice': post(
      'transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n',
      '0\r\n\r\n',
    ),
    'a chunk of a bad size': post('transfer-encoding: chunked\r\n', '0x5\r\nhello\r\n0\r\n\r\n'),
    'a chunk that is longer than it says': post(
      'transfer-encoding: chunked\r\n',
      '2\r\nhello\r\n0\r\n\r\n',
    ),
  }
  it.each(Object.entries(refused))(
    '%s: 400, and the connection is closed',
    async (_name, bytes) => {
      const before = await stateOf(server.db)
      // @NOTE a second request behind the first one must not be answered
      const sent = Buffer.from(bytes + get('host: a\r\n'), 'latin1')
      const { text } = await exchange(server, [sent])
      expect(text).toMatch(/^HTTP\/1\.1 400 /)
      expect(text).toMatch(/\r\nconnection: close\r\n/i)
      expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
      expect(await stateOf(server.db)).toEqual(before)
    },
  )

  const taken: Record<string, string> = {
    'a target that names its host': get('host: a\r\nconnection: close\r\n', 'http://a/v1/balance'),
    'a target and a Host in other case': get(
      'host: A:80\r\nconnection: close\r\n',
      'HTTP://a:80/v1/orders?limit=1',
    ),
    'a Host that is an IPv6 address': get('host: [::1]:8080\r\nconnection: close\r\n'),
    'an empty Host': get('host:\r\nconnection: close\r\n'),
    'HTTP/1.0 without a Host': get('', '/v1/balance', 'HTTP/1.0'),
  }
  it.each(Object.entries(taken))('%s: 200', async (_name, bytes) => {
    expect((await exchange(server, bytes)).text).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('are refused in the words of the dialect that they were sent to', async () => {
    const bytes = get('host: a\r\nhost: b\r\n', '/otpwall/v1/balance')
    expect((await exchange(server, bytes)).text).toMatch(/\r\n\r\n\{"error":"Bad request"\}$/)
  })

  it('do not have a malformed host in their answers’ links', async () => {
    const { text } = await exchange(server, get('host: a b/<script>\r\n'))
    expect(text).toContain('"type":"/docs/errors/malformed_request","title":"Malformed request"')
    expect(text).not.toContain('<script>')
  })

  it('that are not HTTP get the same title, and a detail that says what is wrong', async () => {
    const garbage = await exchange(server, 'nonsense\r\n\r\n')
    expect(garbage.text).toContain('"title":"Malformed request","status":400')
    expect(garbage.text).toContain('"detail":"The request is not valid HTTP."')
    const long = await exchange(server, get(`host: a\r\nx-note: ${'a'.repeat(70_000)}\r\n`))
    expect(long.text).toContain('"title":"Malformed request","status":431')
    expect(long.text).toContain('"detail":"The headers are too large."')
  })

  it('with an unknown expectation: 417', async () => {
    const { text } = await exchange(
      server,
      get('host: a\r\nexpect: miracles\r\nconnection: close\r\n'),
    )
    expect(text).toMatch(/^HTTP\/1\.1 417 /)
    expect(text).toContain('expectation_failed')
  })
})

describe('S9: slow requests', async () => {
  const requestTimeoutMs = 300
  const { logLevel } = toConfig({ NUMLET_LOG: 'silent' })
  const server = createServer({ log: openLog(logLevel), requestTimeoutMs })
  server.post('/', async () => ({ done: true }))
  await server.listen({ host: '127.0.0.1', port: 0 })
  const address = server.server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`

  it('have 30 seconds in all, headers and body', async () => {
    const usual = createServer({ log: openLog(logLevel) })
    expect(usual.server.requestTimeout).toBe(30_000)
    expect(usual.server.headersTimeout).toBe(30_000)
    await usual.close()
  })

  const head = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n'
  it.each([
    ['nothing', ''],
    ['a part of a line', 'POST / HT'],
    ['a part of the headers', `${head}x-note: slow\r\n`],
    ['a part of a body', `${head}content-length: 500\r\n\r\n{`],
    ['a part of a chunk', `${head}transfer-encoding: chunked\r\n\r\n5\r\n{`],
    ['no last chunk', `${head}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`],
  ])('that bring %s: 408, and the connection is closed', async (_what, bytes) => {
    expect((await exchange({ url }, bytes)).text).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('closes', () => server.close())
})
