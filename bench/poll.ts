// `poll`: order status reads per second through WhichOtp, compared with a bare Fastify route with the same
// response; and through every other dialect, compared with WhichOtp.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createKey } from '../src/core/accounts/keys.ts'
import '../src/dialects/all.ts'
import {
  type BenchServer,
  fillPlatform,
  type Platform,
  portOf,
  type ServerProcess,
  startServer,
  stopper,
} from './ground.ts'
import { httpLoad, requestText } from './http-load.ts'
import { compare, perSecond, type Result } from './measure.ts'

const seconds = 3
const rounds = 3
const orders = 500
const clientCounts = [8, 64]
/** The number of clients when dialects are compared. */
const dialectClients = 64

type Target = { readonly host: string; readonly port: number }

export async function poll(ground: BenchServer): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_poll', { numbers: 20_000, accounts: 50 })
  const server = await startServer(platform.url)
  const bought = await buySome(server, platform)
  const whichotp = bought.map(ways.whichotp)
  const bare = await startBare()
  const results: Result[] = []
  for (const clients of clientCounts)
    results.push(
      await compare(
        `${clients} clients`,
        'polls/s',
        rounds,
        () => pollAll(server, clients, whichotp),
        () => pollAll(bare, clients, whichotp),
      ),
    )
  const { whichotp: _, ...others } = ways
  for (const [name, way] of Object.entries(others)) {
    const theirs = bought.map(way)
    results.push(
      await compare(
        `${name} beside whichotp`,
        'polls/s',
        rounds,
        () => pollAll(server, dialectClients, theirs),
        () => pollAll(server, dialectClients, whichotp),
      ),
    )
  }
  await server.stop()
  await bare.stop()
  await platform.db.end()
  return results
}

/** A waiting order, and the keys of its account. */
type Waiting = { readonly number: number; readonly key: string; readonly handlerKey: string }

const get = (path: string, key: string) =>
  requestText('GET', path, { authorization: `Bearer ${key}` })

const handlerApi = '/stubs/handler_api.php'

/** How each dialect reads the state of an order. */
const ways = {
  whichotp: ({ number, key }: Waiting) => get(`/whichotp/api/v1/orders/${number}`, key),
  otpzap: ({ number, key }: Waiting) => get(`/otpzap/api/v1/order/check?order_id=${number}`, key),
  zapotp: ({ number, key }: Waiting) => get(`/zapotp/account/api/v1/sms?order_id=${number}`, key),
  otpwall: ({ number, key }: Waiting) => get(`/otpwall/v1/activation/${number}/status`, key),
  smsverificationservice: ({ number, key }: Waiting) =>
    get(`/smsverificationservice/api/v1/order/${number}/status/`, key),
  handler_api: ({ number, handlerKey: key }: Waiting) =>
    requestText('GET', `${handlerApi}?api_key=${key}&action=getStatus&id=${number}`, {}),
  '5sim': ({ number, key }: Waiting) => get(`/fivesim/v1/user/check/${number}`, key),
  native: ({ number, key }: Waiting) => get(`/v1/orders/${number}`, key),
} as const satisfies Record<string, (order: Waiting) => string>

function pollAll(target: Target, clients: number, requests: readonly string[]): Promise<number> {
  return perSecond(seconds, async (going) => {
    let answered = 0
    await httpLoad(target, clients, {
      request: () => (going() ? (requests[answered % requests.length] as string) : null),
      answered(status, body) {
        if (status !== 200) throw new Error(`a poll was answered ${status}: ${body}`)
        answered++
      },
    })
    return answered
  })
}

/** Buys orders, one account per client. */
async function buySome(server: ServerProcess, platform: Platform): Promise<Waiting[]> {
  const accounts = await platform.db.query<{ id: number }>('select id from accounts order by id')
  const handlerKeys: string[] = []
  for (const { id: accountId } of accounts)
    handlerKeys.push(
      (await createKey(platform.db, new Date(), { accountId, scopes: ['handler-api'] })).key,
    )
  const bought: Waiting[] = []
  let asked = 0
  const body = '{"service":"telegram","country":"DE"}'
  await httpLoad(server, platform.keys.length, {
    request: (client) =>
      asked++ < orders
        ? requestText(
            'POST',
            '/v1/orders',
            { authorization: `Bearer ${platform.keys[client]}` },
            body,
          )
        : null,
    answered(_status, answer, client) {
      const { number } = JSON.parse(answer) as { number: number }
      bought.push({
        number,
        key: platform.keys[client] as string,
        handlerKey: handlerKeys[client] as string,
      })
    },
  })
  return bought
}

/** Fastify with a single route, in a separate process. */
export async function startBare() {
  const file = fileURLToPath(new URL('bare-server.ts', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { host: '127.0.0.1', port: await portOf(child), stop: stopper(child) }
}
