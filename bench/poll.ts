// `poll`: order status reads a second through WhichOtp, beside a bare Fastify route with the same answer.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { fillPlatform, type Ground, portOf, startServer, stopper } from './ground.ts'
import { httpLoad, requestText } from './http-load.ts'
import { compare, perSecond, type Result } from './measure.ts'

const seconds = 3
const rounds = 3
const orders = 500

export async function poll(ground: Ground): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_poll', { numbers: 20_000, accounts: 50 })
  const server = await startServer(platform.url)
  const bought = await buySome(server, platform.keys)
  const bare = await startBare()
  const results: Result[] = []
  for (const clients of [8, 64]) {
    const read = (target: { host: string; port: number }) =>
      perSecond(seconds, async (going) => {
        let answered = 0
        await httpLoad(target, clients, {
          request: () => (going() ? (bought[answered % bought.length] as string) : null),
          answered(status) {
            if (status !== 200) throw new Error(`a poll was answered ${status}`)
            answered++
          },
        })
        return answered
      })
    results.push(
      await compare(
        `${clients} clients`,
        'polls/s',
        rounds,
        () => read(server),
        () => read(bare),
      ),
    )
  }
  await server.stop()
  await bare.stop()
  await platform.db.end()
  return results
}

/** Buys orders, each client with a key of its own; the polling request of each order. */
async function buySome(server: { host: string; port: number }, keys: readonly string[]) {
  const requests: string[] = []
  let asked = 0
  const headers = (client: number) => ({ authorization: `Bearer ${keys[client]}` })
  await httpLoad(server, keys.length, {
    request: (client) =>
      asked++ < orders
        ? requestText(
            'POST',
            '/v1/orders',
            headers(client),
            '{"service":"telegram","country":"DE"}',
          )
        : null,
    answered(_status, body, client) {
      const { id } = JSON.parse(body) as { id: string }
      requests.push(requestText('GET', `/whichotp/api/v1/orders/${id}`, headers(client)))
    },
  })
  return requests
}

/** Fastify with one route and nothing else, in a process of its own. */
export async function startBare() {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('bare-server.ts', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  return { host: '127.0.0.1', port: await portOf(child), stop: stopper(child) }
}
