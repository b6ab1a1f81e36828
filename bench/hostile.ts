// `hostile`: what 500 innocent customers notice while strangers attack the server in every way that trials
// have found, compared with no attack. HOSTILE_SECONDS sets the duration of each part.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createAccount } from '../src/core/accounts/accounts.ts'
import { creditAccount } from '../src/core/accounts/adjustments.ts'
import { createKey } from '../src/core/accounts/keys.ts'
import { audit } from '../src/core/audit/audit.ts'
import { buyInboxes } from '../src/core/inboxes/buy.ts'
import { addDomain } from '../src/core/inboxes/domains.ts'
import { type Amount, parseAmount } from '../src/core/money.ts'
import type { Database } from '../src/db/database.ts'
import { type BenchServer, fillPlatform, freePort, portOf, stopper } from './ground.ts'
import type { AttackPlan } from './hostile-attackers.ts'
import { type Innocents, innocents, type Noticed } from './hostile-innocents.ts'
import { pause, type Target } from './hostile-wire.ts'
import type { LoopDelay } from './loop-probe.ts'
import { percentile, type Result, result } from './measure.ts'

const attackSeconds = Number(process.env.HOSTILE_SECONDS ?? 30)
const peaceSeconds = Math.min(30, attackSeconds)
const innocentAccounts = 500

export async function hostile(ground: BenchServer): Promise<Result[]> {
  const size = { numbers: 60_000, accounts: innocentAccounts + 10 }
  const platform = await fillPlatform(ground, 'bench_hostile', size)
  const prepared = await prepare(platform.db)
  const nameServer = await silentNameServer()
  const server = await startWhole(platform.url, nameServer.address)
  const calm = await innocents(server.target, platform, prepared.innocentInboxes)
  try {
    const peace = await during(calm, server, peaceSeconds)
    const siege = await besieged(calm, server, {
      target: server.target,
      readersKey: platform.keys.at(-1) as string,
      keys: prepared.keys,
      inboxes: prepared.hostileInboxes,
    })
    await calm.stop()
    server.assertAlive()
    return compared(siege, peace)
  } finally {
    await server.stop()
    nameServer.close()
    await reportAudit(platform.db)
    await platform.db.end()
  }
}

type Observed = { readonly noticed: Noticed; readonly loop: LoopDelay }

async function during(calm: Innocents, server: Whole, seconds: number): Promise<Observed> {
  await server.loopDelay()
  const noticed = calm.notice()
  await pause(seconds * 1000)
  return { noticed, loop: await server.loopDelay() }
}

/** All attacks at once, from a process with the lowest priority: real attackers use machines of their own. */
async function besieged(calm: Innocents, server: Whole, plan: AttackPlan): Promise<Observed> {
  const attackers = fork(fileOf('hostile-attackers.ts'))
  setPriority(attackers.pid as number, constants.priority.PRIORITY_LOW)
  attackers.send(plan)
  const observed = await during(calm, server, attackSeconds)
  attackers.disconnect()
  await once(attackers, 'exit')
  return observed
}

function compared(siege: Observed, peace: Observed): Result[] {
  for (const [line, count] of counted(siege.noticed.wrong))
    process.stderr.write(`  besieged: ${line}, ${count} times\n`)
  const row = (name: string, ours: number, yardstick: number) =>
    result(name, 'ms', ours, Math.max(0.1, yardstick))
  const ofAll = (name: string, share: number, pick: (noticed: Noticed) => number[]) =>
    row(name, percentile(pick(siege.noticed), share), percentile(pick(peace.noticed), share))
  return [
    ofAll('requests, p50', 0.5, ({ requests }) => Object.values(requests).flat()),
    ofAll('requests, p99 (goal 100)', 0.99, ({ requests }) => Object.values(requests).flat()),
    ofAll('orders, p99', 0.99, ({ requests }) => requests.orders),
    ofAll('messages, p99', 0.99, ({ requests }) => requests.messages),
    ofAll('balances, p99', 0.99, ({ requests }) => requests.balances),
    ofAll('codes, p99', 0.99, ({ codes }) => codes),
    ofAll('codes, slowest (goal 2,000)', 1, ({ codes }) => codes),
    ofAll('mails, p99', 0.99, ({ mails }) => mails),
    row('event loop held, p99', siege.loop.p99, peace.loop.p99),
    row('event loop held, longest', siege.loop.max, peace.loop.max),
    row('of its own CPU time, longest (goal 50)', siege.loop.ownMax, peace.loop.ownMax),
    result('answered wrongly', 'answers', siege.noticed.wrong.length, 1),
  ]
}

function counted(lines: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts]
}

async function reportAudit(db: Database) {
  const { ok, checks } = await audit(db, new Date())
  process.stderr.write(`  audit: ${ok ? 'clean' : 'NOT CLEAN'}\n`)
  for (const check of checks.filter((one) => !one.ok))
    process.stderr.write(`  ${check.name}: ${check.detail}\n`)
  if (!ok) throw new Error('the audit is not clean')
}

// The platform

const noLimits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }
const usd = (text: string) => parseAmount(text) as Amount
/** Valid, and as costly to search as a pattern may be. */
const costlyPattern = '(?:[\\pL\\pN]?){235}\\pS'

/** Inboxes of an innocent and of a hostile account, and as many keys as the hostile account may have. */
async function prepare(db: Database) {
  const terms = { price: usd('0.01'), capacity: 10_000, sessionS: 86_400 }
  await db.begin((tx) => addDomain(tx, { domain: 'bench.example.com', ...terms }))
  const account = async (email: string) => {
    const { id } = await createAccount(db, { email, currency: 'USD' })
    await creditAccount(db, new Date(), { accountId: id, amount: usd('1000'), reference: 'bench' })
    return id
  }
  const inboxes = async (accountId: number, pattern: string | null) => {
    const selection = { site: 'example.com', domains: [], subject: null, pattern, once: null }
    const addresses: string[] = []
    while (addresses.length < 100) {
      const bought = await buyInboxes(db, new Date(), noLimits, {
        accountId,
        quantity: 20,
        ...selection,
      })
      if (!('orders' in bought)) throw new Error('no inbox was bought')
      addresses.push(...bought.orders.map((order) => order.email as string))
    }
    return addresses
  }
  const innocent = await account('innocent@example.com')
  const stranger = await account('hostile@example.com')
  const keys: string[] = []
  while (keys.length < 50) keys.push((await createKey(db, new Date(), { accountId: stranger })).key)
  return {
    keys,
    innocentInboxes: await inboxes(innocent, null),
    hostileInboxes: await inboxes(stranger, costlyPattern),
  }
}

// The server

type Whole = {
  readonly target: Target
  /** How long its event loop was held since the last call. */
  loopDelay(): Promise<LoopDelay>
  /** Throws if the server has ended. */
  assertAlive(): void
  stop(): Promise<void>
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** `numlet start` on an existing database: server, jobs and mail in one process, with the default limits. */
async function startWhole(url: string, nameServer: string): Promise<Whole> {
  const smtpPort = await freePort()
  const probe = pathToFileURL(fileOf('loop-probe.ts')).href
  const child = spawn(process.execPath, ['--import', probe, fileOf('../src/main.ts'), 'start'], {
    env: {
      ...process.env,
      DATABASE_URL: url,
      PORT: '0',
      NUMLET_SMTP_PORT: String(smtpPort),
      NUMLET_SIMULATOR_AUTO: '0',
      NUMLET_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      NUMLET_DNS: nameServer,
      NUMLET_DRAIN_S: '0',
      NUMLET_LOG: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const port = await portOf(child)
  return {
    target: { port, smtpPort },
    loopDelay: () => delayOf(child),
    assertAlive() {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('the server ended')
    },
    stop: stopper(child),
  }
}

async function delayOf(child: ChildProcess): Promise<LoopDelay> {
  child.send('delay')
  const [delay] = (await once(child, 'message')) as [LoopDelay]
  return delay
}

/** A name server that never answers. */
async function silentNameServer() {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => socket.close(),
  }
}
