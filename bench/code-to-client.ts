// `code-to-client`: from a message's acceptance to the answer of the long poll that waits for it, at 500
// messages a second; beside a bare durable insert followed by a bare HTTP answer, at the same rate.
import pg from 'pg'
import { openDatabase } from '../src/db/database.ts'
import { fillPlatform, type Ground, startServer } from './ground.ts'
import { httpLoad, requestText } from './http-load.ts'
import { messageTo } from './inbound.ts'
import { percentile, type Result, result } from './measure.ts'
import { startBare } from './poll.ts'

const perSecondRate = 500
const seconds = 6
const clients = 100

type Waiting = { phone: string; accepted: number; resolve: (ms: number) => void }

export async function codeToClient(ground: Ground): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_code', { numbers: 20_000, accounts: 100 })
  const server = await startServer(platform.url)
  const ours = await waitAndSend(server, platform.keys, platform.secret)
  await server.stop()
  await platform.db.end()
  const yardstick = await bareWay(ground)
  return [0.5, 0.99].map((share) =>
    result(`p${share * 100}`, 'ms', percentile(ours, share), percentile(yardstick, share)),
  )
}

/**
 * Each client buys a number, then waits for its code by a long poll, again and again; a sender sends one
 * message each 2 ms to a number whose long poll is under way.
 */
async function waitAndSend(
  server: { host: string; port: number },
  keys: readonly string[],
  secret: string,
): Promise<number[]> {
  const queue: Waiting[] = []
  const latencies: number[] = []
  const current = new Map<number, { id: string; waiting: Waiting | null }>()
  const until = performance.now() + seconds * 1000
  const polling = httpLoad(server, clients, {
    request(client) {
      const authorization = { authorization: `Bearer ${keys[client]}` }
      const order = current.get(client)
      if (order?.waiting) {
        queue.push(order.waiting)
        return requestText('GET', `/v1/orders/${order.id}?wait=30`, authorization)
      }
      if (performance.now() > until) return null
      return requestText('POST', '/v1/orders', authorization, '{"service":"telegram"}')
    },
    answered(status, body, client) {
      const order = JSON.parse(body) as { id: string; phone: string; code: string | null }
      const known = current.get(client)
      if (known?.waiting) {
        if (order.code === null) throw new Error('a long poll ended without a code')
        known.waiting.resolve(performance.now())
        current.delete(client)
      } else if (status === 201)
        current.set(client, { id: order.id, waiting: waitingFor(order.phone, latencies) })
      else throw new Error(`no order: ${status} ${body}`)
    },
  })
  const ended = { polling: false }
  const all = polling.then(() => {
    ended.polling = true
  })
  await Promise.all([all, sendAtRate(server, secret, queue, ended)])
  return latencies
}

/** The long poll's answer may come before the acceptance of the message does: then it took no time. */
function waitingFor(phone: string, latencies: number[]): Waiting {
  let answered = 0
  const waiting: Waiting = {
    phone,
    accepted: 0,
    resolve(at) {
      answered = at
      if (waiting.accepted > 0) latencies.push(Math.max(0, at - waiting.accepted))
    },
  }
  return new Proxy(waiting, {
    set(target, name, value) {
      if (name === 'accepted' && answered > 0) latencies.push(Math.max(0, answered - value))
      return Reflect.set(target, name, value)
    },
  })
}

async function sendAtRate(
  server: { host: string; port: number },
  secret: string,
  queue: Waiting[],
  ended: { readonly polling: boolean },
): Promise<void> {
  let sent = 0
  const sockets = 16
  const begun = performance.now()
  // @NOTE each socket takes its turn at its time; a message that is late is sent at once
  await Promise.all(
    Array.from({ length: sockets }, async () => {
      while (!ended.polling) {
        const due = begun + (sent / perSecondRate) * 1000
        const wait = due - performance.now()
        if (wait > 0 || queue.length === 0) {
          await new Promise((resolve) => setTimeout(resolve, Math.max(1, wait)))
          continue
        }
        const waiting = queue.shift() as Waiting
        const id = ++sent
        let asked = false
        await httpLoad(server, 1, {
          request: () => {
            if (asked) return null
            asked = true
            return messageTo(secret, waiting.phone, id)
          },
          answered(status) {
            if (status !== 200) throw new Error(`a message was answered ${status}`)
            waiting.accepted = performance.now()
          },
        })
      }
    }),
  )
}

async function bareWay(ground: Ground): Promise<number[]> {
  const url = await ground.createDatabase('bench_bare_code')
  const db = openDatabase({ url, poolSize: 1 })
  await db.query(
    'create table messages (id bigint generated always as identity primary key, text text)',
  )
  await db.end()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const bare = await startBare()
  const latencies: number[] = []
  const request = requestText('GET', '/whichotp/api/v1/orders/ord_00000000000', {})
  let next = performance.now()
  const total = perSecondRate * (seconds / 2)
  let done = 0
  let begun = 0
  while (done < total) {
    next += 1000 / perSecondRate
    begun = performance.now()
    await client.query({
      name: 'put',
      text: 'insert into messages (text) values ($1)',
      values: ['x'],
    })
    let asked = false
    await httpLoad(bare, 1, {
      request: () => {
        if (asked) return null
        asked = true
        return request
      },
    })
    latencies.push(performance.now() - begun)
    done++
    const rest = next - performance.now()
    if (rest > 1) await new Promise((resolve) => setTimeout(resolve, rest))
  }
  await client.end()
  await bare.stop()
  return latencies
}
