// Three nodes are restarted one after the other under load: not one request fails.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setInterval } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testDatabase, testKey } from '../harness/database.ts'
import { freePort } from '../harness/ports.ts'
import { eventually } from '../harness/program.ts'
import { canRunCommand } from '../harness/programs.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { testCustomer } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { ask, type Started, startNumlet } from '../start/program.ts'

const nodes = 3
const clients = 16
/** For all clients together; a busy machine may do less. */
const requestsASecond = 1_000
const patienceMs = 600_000

type Answer = { readonly status: number; readonly isClosing: boolean; readonly body: string }

function send(
  agent: Agent,
  url: string,
  key: string,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const sent = request(
      `${url}${path}`,
      {
        agent,
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (part) => {
          body += part
        })
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            isClosing: response.headers.connection === 'close',
            body,
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(text)
  })
}

type Buyer = { readonly key: string; readonly selection: { service: string; country: string } }

/** However fast the machine is, there are numbers enough: each serves its service once. */
const purchaseEvery = 40
const numbers = 5_000

/** Clients that buy, look, wait and cancel, at a steady rate, until stopped.
 * @param urls the nodes, or the balancer alone */
function load(urls: readonly string[], { key, selection }: Buyer) {
  const seen = { done: 0, failed: [] as string[] }
  let isOver = false
  const client = async (i: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    let node = i % urls.length
    let order: string | null = null
    let n = 0
    // The rate is part of the test: clients that ask as fast as they can would leave no moment idle.
    for await (const _ of setInterval((1_000 * clients) / requestsASecond)) {
      if (isOver) break
      n++
      const [method, path, body] =
        order !== null
          ? n % 3 === 2
            ? (['POST', `/v1/orders/${order}/cancel`] as const)
            : (['GET', `/v1/orders/${order}`] as const)
          : n % purchaseEvery === 0
            ? (['POST', '/v1/orders', selection] as const)
            : (['GET', '/v1/balance'] as const)
      try {
        const answer = await send(agent, urls[node] as string, key, method, path, body)
        seen.done++
        if (answer.status >= 400)
          seen.failed.push(`${method} ${path}: ${answer.status} ${answer.body}`)
        if (path === '/v1/orders') order = JSON.parse(answer.body).id
        if (path.endsWith('/cancel')) order = null
        // A client that is told so goes to the next node.
        if (answer.isClosing) node = (node + 1) % urls.length
      } catch (error) {
        seen.failed.push(`${method} ${path}: ${error}`)
      }
    }
    agent.destroy()
  }
  const running = Array.from({ length: clients }, (_, i) => client(i))
  return {
    seen,
    async stop() {
      isOver = true
      await Promise.all(running)
      return seen
    },
  }
}

async function cluster() {
  const { db, url } = await testDatabase('demo')
  const { key } = await testCustomer(db, { credit: '100000' })
  const { slug, country } = await ownService(db, { numbers })
  const ports = await Promise.all(Array.from({ length: nodes }, freePort))
  const start = async (i: number): Promise<Started> => {
    const started = startNumlet(
      {
        DATABASE_URL: url,
        NUMLET_ENCRYPTION_KEY: testKey,
        PORT: String(ports[i]),
        NUMLET_RATE_LIMIT: '0',
        NUMLET_CANCEL_COOLDOWN_S: '0',
        NUMLET_DATABASE_POOL: '5',
        NUMLET_DRAIN_S: '10',
        NUMLET_LOG: 'warn',
      },
      { args: ['serve'] },
    )
    await started.ready()
    return started
  }
  const running: Started[] = []
  for (let i = 0; i < nodes; i++) running.push(await start(i))
  return {
    buyer: { key, selection: { service: slug, country } },
    ports,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    /** Restarts each node. @param between called after each, when it is ready again */
    async restartEach(between: () => Promise<void>) {
      for (const [i, node] of running.entries()) {
        node.child.kill('SIGTERM')
        expect(await node.ended).toBe(0)
        running[i] = await start(i)
        await between()
      }
    },
    async stop() {
      for (const node of running) node.child.kill('SIGINT')
      for (const node of running) expect(await node.ended).toBe(0)
    },
  }
}

async function balancer(ports: readonly number[]): Promise<string> {
  const scratch = await newScratch()
  const port = await freePort()
  const file = join(scratch, 'haproxy.cfg')
  await writeFile(
    file,
    `global
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 70s
  timeout server 70s
  timeout check 30s
  option redispatch 1
frontend numlet
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
  option httpchk GET /health/ready
  default-server check inter 500ms fall 2 rise 1
${ports.map((one, i) => `  server node${i} 127.0.0.1:${one}\n`).join('')}`,
  )
  const child: ChildProcess = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    await dropScratch(scratch)
  })
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => (await ask(url, '/health/ready'))?.status === 200, patienceMs)
  return url
}

async function restartUnderLoad(
  urls: readonly string[],
  nodesOf: Awaited<ReturnType<typeof cluster>>,
) {
  const clientsOf = load(urls, nodesOf.buyer)
  const progress = async () => {
    const { done } = clientsOf.seen
    await eventually(async () => clientsOf.seen.done > done + 500, patienceMs)
  }
  const begun = performance.now()
  await progress()
  await nodesOf.restartEach(progress)
  const { done, failed } = await clientsOf.stop()
  const seconds = (performance.now() - begun) / 1_000
  process.stderr.write(
    `${done} requests, ${Math.round(done / seconds)}/s, ${failed.length} failed\n`,
  )
  expect(failed).toEqual([])
  await nodesOf.stop()
}

describe('a rolling restart of three nodes fails no request', { timeout: patienceMs }, () => {
  const hasBalancer = canRunCommand('haproxy -v', 'haproxy', 'the tests behind a balancer')
  it.skipIf(!hasBalancer)('behind HAProxy, which asks /health/ready', async () => {
    const three = await cluster()
    await restartUnderLoad([await balancer(three.ports)], three)
  })

  it('of clients that keep their connections and go to another node when they are told', async () => {
    const three = await cluster()
    await restartUnderLoad(three.urls, three)
  })
})
