// `code-to-client`: the time from the acceptance of a message to the code at the client, by long poll and by
// stream, at 500 messages per second; compared with a bare durable insert and a bare HTTP response.
import pg from 'pg'
import { openDatabase } from '../src/db/database.ts'
import {
  type BenchServer,
  fillPlatform,
  type Platform,
  type ServerProcess,
  startServer,
} from './ground.ts'
import { httpLoad, keptConnection, requestText } from './http-load.ts'
import { messageTo } from './inbound.ts'
import { percentile, type Result, result } from './measure.ts'
import { startBare } from './poll.ts'
import { openStream } from './streams.ts'

const messagesASecond = 500
const seconds = 6
const messages = messagesASecond * seconds
const clients = 100
const senders = 16

export async function codeToClient(ground: BenchServer): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_code', { numbers: 20_000, accounts: clients })
  const server = await startServer(platform.url)
  const polled = await byLongPolls(server, platform)
  const streamed = await byStreams(server, platform)
  await server.stop()
  await platform.db.end()
  const yardstick = await bareWay(ground)
  return [['long poll', polled] as const, ['stream', streamed] as const].flatMap(
    ([way, latencies]) =>
      [0.5, 0.99].map((share) =>
        result(
          `${way}, p${share * 100}`,
          'ms',
          percentile(latencies, share),
          percentile(yardstick, share),
        ),
      ),
  )
}

type Bought = { readonly id: string; readonly phone: string; readonly client: number }

/** Orders that wait for their code, alternating between the clients. */
async function buyAll(server: ServerProcess, keys: readonly string[]): Promise<Bought[]> {
  const bought: Bought[] = []
  let asked = 0
  await httpLoad(server, clients, {
    request(client) {
      if (asked++ >= messages) return null
      const authorization = { authorization: `Bearer ${keys[client]}` }
      return requestText('POST', '/v1/orders', authorization, '{"service":"telegram"}')
    },
    answered(status, body, client) {
      if (status !== 201) throw new Error(`no order: ${status} ${body}`)
      bought.push({ ...(JSON.parse(body) as { id: string; phone: string }), client })
    },
  })
  return bought
}

/** A message in progress: its time is recorded when it is accepted and the client has the code. A client that
 * has the code before the acceptance is known has waited 0 ms. */
function journey(latencies: number[]) {
  let accepted: number | null = null
  let known: number | null = null
  const end = () => {
    if (accepted !== null && known !== null) latencies.push(Math.max(0, known - accepted))
  }
  return {
    accepted() {
      accepted = performance.now()
      end()
    },
    known() {
      known = performance.now()
      end()
    },
  }
}

type Due = { readonly phone: string; readonly accepted: () => void }

/** Each client polls its orders one after the other. Each polled order gets a message. */
async function byLongPolls(server: ServerProcess, { keys, secret }: Platform): Promise<number[]> {
  const orders = Map.groupBy(await buyAll(server, keys), (order) => order.client)
  const latencies: number[] = []
  const due: Due[] = []
  const polled = new Map<number, () => void>()
  const polling = httpLoad(server, clients, {
    request(client) {
      const order = orders.get(client)?.pop()
      if (!order) return null
      const { accepted, known } = journey(latencies)
      due.push({ phone: order.phone, accepted })
      polled.set(client, known)
      const authorization = { authorization: `Bearer ${keys[client]}` }
      return requestText('GET', `/v1/orders/${order.id}?wait=30`, authorization)
    },
    answered(status, body, client) {
      if (status !== 200 || (JSON.parse(body) as { code: string | null }).code === null)
        throw new Error(`a long poll ended without a code: ${status} ${body}`)
      polled.get(client)?.()
    },
  })
  await Promise.all([polling, send(server, secret, due)])
  return latencies
}

/** Each client has one open stream, which carries the codes of all its orders. */
async function byStreams(server: ServerProcess, { keys, secret }: Platform): Promise<number[]> {
  const bought = await buyAll(server, keys)
  const latencies: number[] = []
  const known = new Map<string, () => void>()
  const all = Promise.withResolvers<void>()
  const sockets = await Promise.all(
    keys.slice(0, clients).map((key) =>
      openStream(server, key, '?types=order.code_received', (event) => {
        const id = /"id":"(ord_\w+)"/.exec(event)?.[1] ?? ''
        known.get(id)?.()
        known.delete(id)
        if (known.size === 0) all.resolve()
      }),
    ),
  )
  const due = bought.map((order): Due => {
    const { accepted, known: isKnown } = journey(latencies)
    known.set(order.id, isKnown)
    return { phone: order.phone, accepted }
  })
  await Promise.all([all.promise, send(server, secret, due)])
  for (const socket of sockets) socket.destroy()
  return latencies
}

/** Sends a message to each number that is due, one every 2 ms. A late one is sent at once. */
async function send(server: ServerProcess, secret: string, due: Due[]): Promise<void> {
  let sent = 0
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: senders }, async () => {
      const connection = await keptConnection(server)
      while (sent < messages) {
        const wait = begun + (sent / messagesASecond) * 1000 - performance.now()
        const next = wait > 0 ? undefined : due.shift()
        if (!next) {
          await new Promise((resolve) => setTimeout(resolve, Math.max(1, wait)))
          continue
        }
        const { status } = await connection.ask(messageTo(secret, next.phone, ++allSent))
        sent++
        next.accepted()
        if (status !== 200) throw new Error(`a message was answered ${status}`)
      }
      connection.close()
    }),
  )
}

/** Numbers the messages of the whole run. */
let allSent = 0

async function bareWay(ground: BenchServer): Promise<number[]> {
  const url = await ground.createDatabase('bench_bare_code')
  const db = openDatabase({ url, poolSize: 1 })
  await db.query(
    'create table messages (id bigint generated always as identity primary key, text text)',
  )
  await db.end()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const bare = await startBare()
  const connection = await keptConnection(bare)
  const request = requestText('GET', '/whichotp/api/v1/orders/ord_00000000000', {})
  const latencies: number[] = []
  let next = performance.now()
  for (let done = 0; done < messages / 2; done++) {
    next += 1000 / messagesASecond
    const begun = performance.now()
    await client.query({
      name: 'put',
      text: 'insert into messages (text) values ($1)',
      values: ['x'],
    })
    await connection.ask(request)
    latencies.push(performance.now() - begun)
    const rest = next - performance.now()
    if (rest > 1) await new Promise((resolve) => setTimeout(resolve, rest))
  }
  connection.close()
  await client.end()
  await bare.stop()
  return latencies
}
