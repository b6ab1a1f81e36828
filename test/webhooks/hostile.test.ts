// Slow and hostile receivers: each attempt costs one slot for a bounded time, and hurts nobody else.

import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import type { Network } from '../../src/core/webhooks/destination.ts'
import { openSender, type SenderOptions } from '../../src/push/sender.ts'
import { selfSigned } from '../../src/supply/smtp/certificate.ts'
import { eventually } from '../harness/program.ts'
import {
  allowLocal,
  openReceiver,
  type Reaction,
  testEngine,
  testHook,
} from '../harness/receiver.ts'
import { call, testServer } from '../harness/server.ts'

const local: Network = { allowed: ['127.0.0.0/8'], resolve: async () => ['127.0.0.1'] }
/** For receivers that answer, however busy the machine is. */
const timeoutMs = 60_000
/** For those that do not. */
const short = { timeoutMs: 1_000 }
/** What a busy machine may add to it: much less than for ever. */
const leewayMs = 20_000

const senders: { close(): void }[] = []
afterAll(() => {
  for (const sender of senders) sender.close()
})
const send = (url: string, options: Partial<SenderOptions> = {}) => {
  const sender = openSender({ network: local, timeoutMs, ...options })
  senders.push(sender)
  return sender.send({ url, headers: { 'content-type': 'application/json' }, body: '{}' })
}

/** A server that speaks by the byte. */
async function rawServer(talk: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(talk)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('an attempt', async () => {
  const receiver = await openReceiver()
  const against = async (reaction: Reaction | number, options: Partial<SenderOptions> = {}) => {
    receiver.react(reaction)
    const answer = await send(receiver.url, options)
    expect(answer.durationMs).toBeLessThan((options.timeoutMs ?? 0) + leewayMs)
    return answer
  }

  it('brings the answer’s beginning and its time', async () => {
    expect(await against((response) => response.end('thank you'))).toMatchObject({
      status: 200,
      error: null,
      response: 'thank you',
      durationMs: expect.any(Number),
    })
  })

  it('ends in time where nothing is answered', async () => {
    const answer = await against(() => {}, short)
    expect(answer).toMatchObject({ status: null, error: 'timeout', response: null })
    expect(answer.durationMs).toBeGreaterThanOrEqual(short.timeoutMs - 20)
    await eventually(async () => receiver.connections() === 0)
  })

  it('ends in time where the body never does, and counts as answered', async () => {
    const answer = await against((response) => {
      response.writeHead(200)
      response.write('a')
    }, short)
    expect(answer).toMatchObject({ status: 200, response: 'a' })
    await eventually(async () => receiver.connections() === 0)
  })

  it('reads no more than some kilobytes of an endless body', async () => {
    let written = 0
    const answer = await against((response) => {
      response.writeHead(200)
      const flood = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) written += 65_536
      }
      response.on('drain', flood)
      flood()
    })
    expect(answer).toMatchObject({ status: 200, response: 'x'.repeat(500) })
    await eventually(async () => receiver.connections() === 0)
    expect(written).toBeLessThan(20_000_000)
  })

  it('cuts 100 MB off', async () => {
    const answer = await against((response) => {
      response.writeHead(500, { 'content-length': 100 * 1024 * 1024 })
      response.end(Buffer.alloc(100 * 1024 * 1024, 'y'))
    })
    expect(answer).toMatchObject({ status: 500, response: 'y'.repeat(500) })
    await eventually(async () => receiver.connections() === 0)
  })

  it('follows no redirect', async () => {
    const before = receiver.received.length
    const answer = await against((response) =>
      response.writeHead(302, { location: `${receiver.url}/elsewhere` }).end(),
    )
    expect(answer.status).toBe(302)
    expect(receiver.received).toHaveLength(before + 1)
  })

  it('is told of what was dropped', async () => {
    const answer = await against((response) => response.destroy())
    expect(answer).toMatchObject({
      status: null,
      error: expect.stringContaining('connection failed'),
    })
  })

  it('keeps out of its log what no database takes', async () => {
    const answer = await against((response) => response.end('a\u0000b\u001b[31m\nc'))
    expect(answer.response).toBe('ab[31m\nc')
  })

  it('uses a connection again, and begins anew where it had ended meanwhile', async () => {
    const sender = openSender({ network: local, timeoutMs })
    senders.push(sender)
    let requests = 0
    const host = await rawServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', () => {
        if (++requests === 2) socket.destroy()
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      })
    })
    const letter = { url: `http://${host}/`, headers: {}, body: '{}' }
    expect((await sender.send(letter)).status).toBe(200)
    expect((await sender.send(letter)).status).toBe(200)
    expect(requests).toBe(3)
  })

  it('ends in time where the connection says nothing, or no HTTP, or headers without end', async () => {
    const silent = await rawServer((socket) => void socket.on('error', () => {}))
    expect(await send(`http://${silent}/`, short)).toMatchObject({ error: 'timeout' })
    // TLS that never begins.
    expect(await send(`https://${silent}/`, short)).toMatchObject({ error: 'timeout' })
    const other = await rawServer((socket) => {
      socket.on('error', () => {})
      socket.end('SSH-2.0-OpenSSH\r\n')
    })
    expect((await send(`http://${other}/`)).error).toMatch(/^invalid HTTP/)
    const headers = await rawServer((socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 200 OK\r\n')
      const flood = () => {
        while (!socket.destroyed && socket.write(`x: ${'y'.repeat(1_000)}\r\n`));
      }
      socket.on('drain', flood)
      flood()
    })
    expect((await send(`http://${headers}/`, short)).error).toMatch(/^invalid HTTP|timeout/)
  })

  it('trusts certificates that it knows, and no others', async () => {
    const files = selfSigned('hooks.example.com', new Date())
    const secure = await openReceiver(files)
    const url = `https://hooks.example.com:${secure.port}/hook`
    expect((await send(url)).error).toMatch(/^TLS failed/)
    expect(secure.received).toHaveLength(0)
    expect(await send(url, { ca: files.cert })).toMatchObject({ status: 200 })
    const elsewhere = `https://other.example.com:${secure.port}/hook`
    expect((await send(elsewhere, { ca: files.cert })).error).toMatch(/^TLS failed/)
  })
})

describe('addresses that are not public', () => {
  const strict = (addresses: string[]): Partial<SenderOptions> => ({
    network: { allowed: [], resolve: async () => addresses },
  })
  const literals = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '0.0.0.0',
    '[::]',
    '[64:ff9b::7f00:1]',
    '169.254.169.254',
    '10.0.0.1',
  ]
  it.each(literals)('are not connected to: %s', async (host) => {
    for (const scheme of ['http', 'https'])
      expect(await send(`${scheme}://${host}:9/`, strict([]))).toMatchObject({
        status: null,
        error: 'address not allowed',
      })
  })

  it('are not reached by a name, nor by one of several addresses', async () => {
    const receiver = await openReceiver()
    const url = `http://hooks.example.com:${receiver.port}/`
    for (const addresses of [
      ['127.0.0.1'],
      ['93.184.215.14', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      [],
    ])
      for (const one of [url, url.replace('http:', 'https:')])
        expect((await send(one, strict(addresses))).error).toMatch(
          /^address not allowed$|^name not found$/,
        )
    expect(receiver.received).toHaveLength(0)
    expect(receiver.connections()).toBe(0)
  })

  it('are refused on ports of other services even where they are public (S9)', async () => {
    const { port } = await openReceiver()
    for (const host of ['hooks.example.com', '93.184.215.14'])
      for (const other of [25, 5432, port])
        expect((await send(`https://${host}:${other}/`, strict(['93.184.215.14']))).error).toBe(
          'address not allowed',
        )
  })

  it('are refused without https even where they are public', async () => {
    const answer = await send('http://hooks.example.com/', strict(['93.184.215.14']))
    expect(answer.error).toBe('address not allowed')
  })
})

describe('a name that leads elsewhere by the time of sending', async () => {
  const server = await testServer()
  const receiver = await openReceiver()
  let addresses = ['93.184.215.14']
  const network: Network = { allowed: [], resolve: async () => addresses }
  const app = { ...server.app, webhooks: { ...server.app.webhooks, network } }
  const engine = testEngine(app)

  it('is refused at the moment of connecting', async () => {
    const url = 'https://hooks.example.com:8443/'
    const hook = await testHook(server, { url })
    addresses = ['127.0.0.1']
    await call(server, hook.key, 'POST', `/v1/webhooks/${hook.id}/test`)
    await engine.deliver()
    const { body } = await call<{ data: { attempts: { error: string }[] }[] }>(
      server,
      hook.key,
      'GET',
      `/v1/webhooks/${hook.id}/deliveries`,
    )
    expect(body.data[0]?.attempts).toMatchObject([{ status: null, error: 'address not allowed' }])
    expect(receiver.connections()).toBe(0)
  })
})

describe('beside a receiver that hangs', async () => {
  const server = await testServer({ env: allowLocal })
  const sender = openSender({ network: server.app.webhooks.network, timeoutMs: 60_000 })
  const slots = { all: 8, slow: 6, ofAccount: 3, ofHost: 4 }
  const engine = testEngine(server.app, { sender, slots })

  it('everybody else is served', async () => {
    const slow = await openReceiver()
    const held: { end(): void }[] = []
    slow.react((response) => held.push(response))
    const hanging = await testHook(server, { url: slow.url })
    for (let one = 0; one < 20; one++)
      await call(server, hanging.key, 'POST', `/v1/webhooks/${hanging.id}/test`)
    await engine.turn()
    await eventually(async () => slow.received.length === slots.ofAccount)
    // Nothing more is sent to it, however often there is a turn.
    expect(await engine.turn()).toBe(0)

    const quick = await openReceiver()
    const others = await Promise.all(
      Array.from({ length: 3 }, () => testHook(server, { url: quick.url })),
    )
    for (const { key, id } of others)
      for (let one = 0; one < 5; one++) await call(server, key, 'POST', `/v1/webhooks/${id}/test`)
    await eventually(async () => {
      await engine.turn()
      return quick.received.length === 15
    })
    expect(slow.received).toHaveLength(slots.ofAccount)

    // One host has its own limit, whosever the accounts are.
    const second = await testHook(server, { url: slow.url })
    for (let one = 0; one < 5; one++)
      await call(server, second.key, 'POST', `/v1/webhooks/${second.id}/test`)
    await engine.turn()
    await eventually(async () => slow.received.length === slots.ofHost)
    expect(await engine.turn()).toBe(0)
    slow.react(200)
    for (const response of held) response.end()
    await eventually(async () => {
      await engine.turn()
      return slow.received.length === 25
    })
    await engine.idle()
  })
})

describe('a host that does not answer', async () => {
  const server = await testServer({ env: allowLocal })
  const sender = openSender({ network: server.app.webhooks.network, timeoutMs })
  const engine = testEngine(server.app, { sender })

  it('is asked by one attempt at a time after five, until it answers', async () => {
    const receiver = await openReceiver()
    receiver.react((response) => response.destroy())
    const hook = await testHook(server, { url: receiver.url })
    for (let one = 0; one < 5; one++)
      await call(server, hook.key, 'POST', `/v1/webhooks/${hook.id}/test`)
    await engine.deliver()
    expect(receiver.received).toHaveLength(5)
    for (let one = 0; one < 5; one++)
      await call(server, hook.key, 'POST', `/v1/webhooks/${hook.id}/test`)
    await engine.deliver()
    expect(receiver.received).toHaveLength(5)
    server.advance(6)
    await engine.deliver()
    expect(receiver.received).toHaveLength(6)
    server.advance(6)
    await engine.deliver()
    expect(receiver.received).toHaveLength(6)
    receiver.react(200)
    server.advance(6)
    await engine.deliver()
    expect(receiver.received.length).toBeGreaterThanOrEqual(10)
  })
})

describe('beside a dead path of the same host', async () => {
  const server = await testServer({ env: allowLocal })
  const sender = openSender({ network: server.app.webhooks.network, timeoutMs: 500 })
  const slots = { all: 8, slow: 6, ofAccount: 3, ofHost: 4 }
  const engine = testEngine(server.app, { sender, slots })

  it('another account is served, also where its turn comes later', async () => {
    const receiver = await openReceiver()
    receiver.react((response, { path }) => {
      if (path.startsWith('/alive')) response.end('ok')
    })
    const base = receiver.url.replace('/hook', '')
    const dead = await testHook(server, { url: `${base}/dead` })
    const alive = await testHook(server, { url: `${base}/alive` })
    const test = ({ key, id }: typeof dead) => call(server, key, 'POST', `/v1/webhooks/${id}/test`)
    for (let one = 0; one < 30; one++) await test(dead)
    const silences = () => receiver.received.filter(({ path }) => path === '/dead').length
    await eventually(async () => {
      await engine.turn()
      await engine.idle()
      return silences() >= 5
    })
    // The breaker of the first account is open by now: what it has left waits.
    const before = silences()
    for (let one = 0; one < 5; one++) {
      await test(alive)
      await engine.turn()
      await engine.idle()
    }
    expect(receiver.received.filter(({ path }) => path === '/alive')).toHaveLength(5)
    expect(silences()).toBe(before)
  })
})

it('a request that broke off on a kept connection is sent once more, and not on each of those', async () => {
  const receiver = await openReceiver()
  const sender = openSender({ network: local, timeoutMs })
  senders.push(sender)
  const letter = { url: receiver.url, headers: { 'content-type': 'application/json' }, body: '{}' }
  const held: { end(text: string): void }[] = []
  receiver.react((response) => held.push(response))
  const first = Promise.all(Array.from({ length: 20 }, () => sender.send(letter)))
  await eventually(async () => held.length === 20)
  for (const response of held) response.end('ok')
  await first
  expect(receiver.connections()).toBe(20)
  receiver.react((response) => response.socket?.resetAndDestroy())
  expect(await sender.send(letter)).toMatchObject({
    status: null,
    error: expect.stringMatching(/^connection failed/),
  })
  expect(receiver.received).toHaveLength(22)
})
