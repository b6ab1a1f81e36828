// `webhooks`: deliveries per second to a receiver on this machine, from the commit of many events to the
// arrival of the last one; compared with bare signed POSTs of the same bodies.
import { fork, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { buildApp } from '../src/app.ts'
import { toConfig } from '../src/config.ts'
import { newSecret } from '../src/core/webhooks/endpoint.ts'
import type { Database } from '../src/db/database.ts'
import '../src/dialects/all.ts'
import { openLog } from '../src/log.ts'
import type { PushOrder } from './bare-push.ts'
import { type BenchServer, fillPlatform, stopper } from './ground.ts'
import { compare, type Result } from './measure.ts'

const accounts = 25
const ordersEach = 20
const deliveriesARound = 5_000
const rounds = 3
const connections = 64
const allow = { NUMLET_WEBHOOK_ALLOW: '127.0.0.0/8' }

export async function webhooks(ground: BenchServer): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_webhooks', { numbers: 10_000, accounts })
  const receiver = await openReceiver()
  await fillOrders(platform.url, receiver.url)
  const stop = await startWorker(platform.url)
  await receiver.waitFor(accounts * ordersEach)
  // The log has been filled before, as it is after the first day.
  await measured(receiver, () => emitEvents(platform.db))
  await platform.db.query('vacuum analyze')
  const bare = await startBare()
  const result = await compare(
    `${accounts} accounts`,
    'deliveries/s',
    rounds,
    () => measured(receiver, () => emitEvents(platform.db)),
    () =>
      measured(receiver, () =>
        bare.push({
          url: receiver.url,
          bodies: receiver.bodies,
          secret: newSecret(),
          count: deliveriesARound,
          connections,
        }),
      ),
  )
  bare.stop()
  await stop()
  await receiver.stop()
  await platform.db.end()
  return [result]
}

type Receiver = Awaited<ReturnType<typeof openReceiver>>

async function measured(receiver: Receiver, begin: () => Promise<unknown>) {
  const before = receiver.count()
  const start = performance.now()
  await begin()
  await receiver.waitFor(before + deliveriesARound)
  return deliveriesARound / ((performance.now() - start) / 1000)
}

/** Answers 200 to everything, counts, and keeps the first bodies. */
async function openReceiver() {
  const bodies: string[] = []
  let count = 0
  let waiting: { until: number; resolve: () => void } | null = null
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.end('ok')
      if (bodies.length < accounts * ordersEach) bodies.push(Buffer.concat(chunks).toString())
      count++
      if (waiting && count >= waiting.until) waiting.resolve()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    bodies,
    count: () => count,
    waitFor: (until: number) =>
      new Promise<void>((resolve) => {
        if (count >= until) return resolve()
        waiting = { until, resolve }
      }),
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** Orders of many accounts, each of which has an endpoint. */
async function fillOrders(url: string, receiverUrl: string) {
  const config = toConfig({ DATABASE_URL: url, ...allow })
  const app = await buildApp(config, url, openLog('silent'))
  const rows = await app.db.query<{ id: number }>('select id from accounts order by id')
  for (const { id: accountId } of rows) {
    const endpoint = {
      url: receiverUrl,
      events: ['*'],
      format: 'standard',
      description: '',
    } as const
    await app.webhooks.create({ accountId, ...endpoint, once: null })
    const any = { country: null, operatorId: null, pool: null, offerId: null, area: null }
    const selection = { ...any, serviceId: 22, maxPrice: null }
    await app.orders.buy({ accountId, selection, quantity: ordersEach, once: null })
  }
  await app.close()
}

/** Creates the events of a round in one commit, alternating between the orders. */
const emitEvents = (db: Database) =>
  db.query(
    `insert into events (account_id, type, order_id, created_at)
     select o.account_id, 'order.created', o.id, now()
       from orders o, generate_series(1, $1::int / (select count(*)::int from orders)) n order by n, o.id`,
    [deliveriesARound],
  )

async function startWorker(url: string): Promise<() => Promise<void>> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'work'], {
    env: { ...process.env, ...allow, DATABASE_URL: url, NUMLET_LOG: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return stopper(child)
}

async function startBare() {
  const child = fork(fileURLToPath(new URL('bare-push.ts', import.meta.url)))
  const heard = (word: string) =>
    new Promise<void>((resolve) => {
      const listen = (message: unknown) => {
        if (message !== word) return
        child.off('message', listen)
        resolve()
      }
      child.on('message', listen)
    })
  await heard('ready')
  return {
    push: async (order: PushOrder) => {
      const done = heard('done')
      child.send(order)
      await done
    },
    stop: () => void child.kill('SIGTERM'),
  }
}
