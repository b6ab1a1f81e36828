// A webhook receiver that behaves as a test tells it, and the engine that sends to it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, vi } from 'vitest'
import type { App } from '../../src/app.ts'
import type { Database } from '../../src/db/database.ts'
import { pushForms } from '../../src/dialects/all.ts'
import { type Engine, openEngine } from '../../src/engine/engine.ts'
import { type PushOptions, pushWork } from '../../src/push/work.ts'
import type { TlsFiles } from '../../src/supply/smtp/certificate.ts'
import { eventually } from './program.ts'
import { call, type TestServer, testCustomer } from './server.ts'

export type Received = {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

export type Reaction = (response: ServerResponse, request: Received) => unknown

export type Receiver = {
  readonly url: string
  readonly port: number
  /** In order of arrival. */
  readonly received: Received[]
  /** How it reacts from now on; 200 at first. */
  react(reaction: Reaction | number): void
  /** The number of open connections. */
  connections(): number
}

/** Listens on 127.0.0.1 until the file is done. */
export async function openReceiver(tls?: TlsFiles): Promise<Receiver> {
  const received: Received[] = []
  let react: Reaction = (response) => response.end('ok')
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const one = {
      path: request.url ?? '',
      headers: request.headers as Record<string, string>,
      body,
    }
    received.push(one)
    react(response, one)
  }
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void take(request, response).catch(() => response.destroy())
  const server = tls ? createTlsServer({ ...tls }, listener) : createServer(listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/hook`,
    port,
    received,
    react(reaction) {
      react =
        typeof reaction === 'number'
          ? (response) => response.writeHead(reaction).end(`answer ${reaction}`)
          : reaction
    },
    connections: () => sockets.size,
  }
}

/** Lets a server send to this machine. */
export const allowLocal = { NUMLET_WEBHOOK_ALLOW: '127.0.0.0/8' }

/** The webhook engine of a server. It works only when it is told to. */
export function testEngine(app: App, options: PushOptions = {}) {
  const engine = openEngine(app, [pushWork(app, pushForms, options)])
  afterAll(() => engine.stop())
  return {
    ...engine,
    /** Sends everything that is due now, and waits for the responses. */
    async deliver() {
      await eventually(async () => {
        while ((await engine.turn()) > 0) await engine.idle()
        return hasSeenAll(app.db)
      })
    },
  } satisfies Engine & { deliver(): Promise<void> }
}

/** Whether the outbox is read to its end. A transaction in another test's database may delay that. */
export async function hasSeenAll(db: Database): Promise<boolean> {
  const rows = await db.query(
    `select 1 as yes from event_readers r join events e on (e.epoch, e.xid, e.id) > (r.epoch, r.xid, r.id)
      where r.name = 'webhooks' limit 1`,
  )
  return rows.length === 0
}

export type Hook = { readonly id: string; readonly secret: string }

/** A customer with an endpoint. */
export async function testHook(
  server: TestServer,
  wanted: { url: string; events?: string[]; format?: string },
) {
  const { key, accountId } = await testCustomer(server.db)
  const { status, body } = await call<Hook>(server, key, 'POST', '/v1/webhooks', {
    events: ['*'],
    ...wanted,
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return { key, accountId, ...body }
}

/** Verifies a delivery with the standard's own library, at the server's time. @returns the body */
export function verified(app: App, secret: string, { headers, body }: Received): unknown {
  vi.useFakeTimers({ now: app.now(), toFake: ['Date'] })
  try {
    return new Webhook(secret).verify(body, headers)
  } finally {
    vi.useRealTimers()
  }
}
