// The requests of a list: on one connection, which is replaced if the other side has closed it.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { listSender, type Peer } from '../../src/supply/asking/peer.ts'
import type { HttpRequest } from '../../src/supply/upstream.ts'

const servers: Server[] = []
const sockets = new Set<Socket>()
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})

/** A platform that answers with the number of the request on its connection, as `answer` says. */
async function platform(answer: (socket: Socket, place: number, connection: number) => void) {
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    let place = 0
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => answer(socket, ++place, connection))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  return { url: `http://127.0.0.1:${address.port}/`, connections: () => connections }
}

const http = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const peer = { app: { now: () => new Date() }, settings: {} } as unknown as Peer
const patient = { allMs: 60_000, eachMs: 30_000 }
const get = (url: string): HttpRequest => ({ method: 'GET', url, headers: {} })

/** What comes of some requests, one after the other. */
const some = (count: number, url: string, limits = patient) =>
  listSender(peer, limits, async (send) => {
    const said: string[] = []
    for (let request = 0; request < count; request++) {
      const sent = await send(get(url))
      said.push(sent.kind === 'answered' ? sent.answer.body : sent.why)
    }
    return said
  })

it('go over one connection', async () => {
  const { url, connections } = await platform((socket, place) => socket.write(http(`${place}`)))
  expect(await some(3, url)).toEqual(['1', '2', '3'])
  expect(connections()).toBe(1)
  // A long list leaves nothing behind with each page.
  const warnings: string[] = []
  const note = (warning: Error) => warnings.push(warning.name)
  process.on('warning', note)
  expect(await some(30, url)).toHaveLength(30)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', note)
  expect(warnings).toEqual([])
  expect(connections()).toBe(2)
  // A connection ends with its list.
  expect(await some(3, url)).toEqual(['1', '2', '3'])
  expect(connections()).toBe(3)
})

it('have another connection when it was closed, once', async () => {
  const { url, connections } = await platform((socket, place, connection) => {
    if (place > 1) socket.destroy()
    else socket.write(http(`connection ${connection}`))
  })
  const said = await some(3, url)
  expect(said.slice(0, 2)).toEqual(['connection 1', 'connection 2'])
  expect(connections()).toBeGreaterThanOrEqual(2)
  const dead = await platform((socket) => socket.destroy())
  expect(await some(3, dead.url)).toEqual(Array(3).fill('the connection broke off'))
  expect(dead.connections()).toBe(3)
})

it('are not sent again when the time is over', async () => {
  const silent = await platform((socket, place) => {
    if (place === 1) socket.write(http('1'))
  })
  const said = await some(3, silent.url, { allMs: 60_000, eachMs: 500 })
  expect(said.slice(1)).toContain('the time was over')
  expect(silent.connections()).toBeLessThanOrEqual(3)
})
