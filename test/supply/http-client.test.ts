// Requests to suppliers over real sockets: what was sent, what was answered, and what is not known.
import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Server,
  type Socket,
} from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { send } from '../../src/supply/http-client.ts'
import { selfSigned } from '../../src/supply/smtp/certificate.ts'
import type { HttpRequest } from '../../src/supply/upstream.ts'

const now = new Date('2026-03-14T09:26:53Z')
const secret = 'k3y-of-the-operator'
const sockets = new Set<Socket>()
const servers: Server[] = []
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})

async function listening<T extends Server | HttpServer>(server: T): Promise<number> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A supplier that does something once it has read a request. */
const supplier = async (answer: (socket: Socket) => void) => {
  let requests = 0
  const port = await listening(
    createSocketServer((socket) =>
      socket.once('data', () => {
        requests++
        answer(socket)
      }),
    ),
  )
  return { port, requests: () => requests }
}

const to = (port: number, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: `http://127.0.0.1:${port}/stubs?api_key=${secret}&action=getBalance`,
  headers: { authorization: `Bearer ${secret}` },
  ...more,
})

/** Long enough for every machine; those that must run out have a short one. */
const patient = { timeoutMs: 60_000, now: () => now }
const hasty = { timeoutMs: 1_000, now: () => now }
const http = (body: string, head = '200 OK') =>
  `HTTP/1.1 ${head}\r\nX-Price: 0.50\r\nContent-Length: ${body.length}\r\n\r\n${body}`

it('hands over an answer with its status, headers and body', async () => {
  const { port } = await supplier((socket) => socket.end(http('ACCESS_BALANCE:1', '503 Busy')))
  expect(await send(to(port), patient)).toEqual({
    kind: 'answered',
    answer: {
      status: 503,
      headers: { 'x-price': '0.50', 'content-length': '16' },
      body: 'ACCESS_BALANCE:1',
      at: now,
    },
  })
})

it('sends a body, on a connection of its own each time', async () => {
  const seen: (string | undefined)[] = []
  let connections = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen.push(`${request.method} ${request.headers.connection} ${body}`)
    response.end('ok')
  })
  server.on('connection', () => connections++)
  const port = await listening(server)
  const request = to(port, { method: 'POST', body: '{"a":"ü"}' })
  for (const _ of [1, 2]) expect(await send(request, patient)).toMatchObject({ kind: 'answered' })
  expect(seen).toEqual(['POST close {"a":"ü"}', 'POST close {"a":"ü"}'])
  expect(connections).toBe(2)
})

it('says that nothing was sent where there is no connection', async () => {
  const port = await listening(createSocketServer())
  const closed = servers.at(-1) as Server
  closed.close()
  await once(closed, 'close')
  expect(await send(to(port), patient)).toEqual({
    kind: 'not_sent',
    why: 'the connection was refused',
  })
  const nowhere = to(port, { url: `http://nowhere.invalid/?api_key=${secret}` })
  expect(await send(nowhere, patient)).toEqual({ kind: 'not_sent', why: 'the host is unknown' })
  for (const url of ['', 'x', 'ftp://127.0.0.1/', 'file:///etc/hostname', 'http://'])
    expect(await send(to(port, { url }), patient)).toMatchObject({ kind: 'not_sent' })
  const headers = { authorization: `Bearer ${secret}\n` }
  expect(await send(to(port, { headers }), patient)).toEqual({
    kind: 'not_sent',
    why: 'the request cannot be written: look at the settings',
  })
})

it('does not know what became of a request whose answer is missing', async () => {
  const whole = http('ACCESS_NUMBER:635468024:12015550123')
  const cases: [string, (socket: Socket) => void][] = [
    ['reset before a byte', (socket) => socket.resetAndDestroy()],
    ['closed before a byte', (socket) => socket.end()],
    ['half a head', (socket) => socket.end(whole.slice(0, 20))],
    ['half an answer', (socket) => socket.end(whole.slice(0, -10))],
    ['no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    [
      'a broken chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'),
    ],
    [
      'another protocol',
      (socket) => socket.end('HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    ],
  ]
  for (const [name, answer] of cases) {
    const { port, requests } = await supplier(answer)
    expect([name, await send(to(port), patient)]).toMatchObject([name, { kind: 'no_answer' }])
    expect([name, requests()]).toEqual([name, 1])
  }
})

it('waits no longer than its time, for the first byte and for the last', async () => {
  const dripping = (socket: Socket, text: string) => {
    let sent = 0
    const drip = setInterval(() => socket.write(text[sent++ % text.length] as string), 10)
    socket.once('close', () => clearInterval(drip))
  }
  const cases: ((socket: Socket) => void)[] = [
    () => undefined,
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nA'),
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n')
      dripping(socket, 'A')
    },
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      dripping(socket, 'X-A: 1\r\n')
    },
  ]
  // @NOTE a connection to this machine is there long before, so that only the answer can be late
  const sent = await Promise.all(
    cases.map(async (answer) => send(to((await supplier(answer)).port), hasty)),
  )
  const late = { kind: 'no_answer', why: 'the time was over' }
  expect(sent).toEqual(cases.map(() => late))
})

it('ends when it is told to', async () => {
  const stop = new AbortController()
  const { port } = await supplier(() => stop.abort())
  const sent = await send(to(port), { ...patient, signal: stop.signal })
  expect(sent).toEqual({ kind: 'no_answer', why: 'it was stopped' })
  expect(await send(to(port), { ...patient, signal: stop.signal })).toMatchObject({
    kind: 'not_sent',
  })
})

it('takes an answer of ten megabytes, and none that is larger', async () => {
  for (const [mb, kind] of [
    [10, 'answered'],
    [11, 'no_answer'],
  ] as const) {
    const body = Buffer.alloc(mb * 1024 * 1024, 'x')
    const port = await listening(createServer((_request, response) => response.end(body)))
    expect(await send(to(port), patient)).toMatchObject({ kind })
  }
})

it('follows no redirect', async () => {
  const { port: other, requests } = await supplier((socket) => socket.end(http('ok')))
  const { port } = await supplier((socket) =>
    socket.end(
      `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${other}/\r\nContent-Length: 0\r\n\r\n`,
    ),
  )
  expect(await send(to(port), patient)).toMatchObject({ kind: 'answered', answer: { status: 302 } })
  expect(requests()).toBe(0)
})

it('sends nothing to a server whose certificate is not trusted', async () => {
  let requests = 0
  const open = (name: string) => {
    const files = selfSigned(name, new Date())
    const server = createSecureServer(files, (request, response) => {
      requests++
      if (request.url === '/broken') request.socket.destroy()
      else response.end('ok')
    })
    server.on('tlsClientError', () => undefined)
    return listening(server).then((port) => ({ url: `https://localhost:${port}/`, ca: files.cert }))
  }
  const { url, ca } = await open('localhost')
  const unknown = await send(to(0, { url }), patient)
  expect(unknown).toEqual({ kind: 'not_sent', why: 'the certificate is not trusted' })
  const another = await open('supplier.example')
  const wrongName = await send(to(0, { url: another.url }), { ...patient, ca: another.ca })
  expect(wrongName).toEqual({ kind: 'not_sent', why: 'the certificate is not trusted' })
  expect(requests).toBe(0)
  expect(await send(to(0, { url }), { ...patient, ca })).toMatchObject({ kind: 'answered' })
  const broken = await send(to(0, { url: `${url}broken` }), { ...patient, ca })
  expect(broken).toMatchObject({ kind: 'no_answer' })
})

it('says nothing of the URL, the headers or the answer when it fails', async () => {
  const { port } = await supplier((socket) => socket.end(`HTTP/1.1 x ${secret}\r\n\r\n${secret}`))
  const urls = [`http://127.0.0.1:${port}/?api_key=${secret}`, `http://[${secret}/`, `x:${secret}`]
  for (const url of urls)
    expect(JSON.stringify(await send(to(port, { url }), patient))).not.toContain(secret)
})
