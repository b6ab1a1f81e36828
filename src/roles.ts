// The roles of the one program: start (everything), serve, work, migrate.
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { type App, buildApp } from './app.ts'
import { commandName } from './command-name.ts'
import { type Config, keyStoreOf } from './config.ts'
import { installCatalog } from './core/catalog/install.ts'
import { esimCodes } from './core/esims/esim.ts'
import { ensureEpoch } from './core/events/epoch.ts'
import { prepareSearch } from './core/messages/hints.ts'
import { vaultSource } from './core/vault/keys.ts'
import { databaseTime } from './db/clock.ts'
import { assertWritable } from './db/condition.ts'
import { type Database, openDatabase } from './db/database.ts'
import { assertDurable } from './db/durability.ts'
import { awaitFree, findEmbedded, startEmbedded } from './db/embedded/embedded.ts'
import { assertMigrated, migrate, pendingMigrations } from './db/migrate.ts'
import { assertReachable } from './db/reach.ts'
import { asJob } from './db/shares.ts'
import { type Demo, findDemoAccount, installDemo } from './demo.ts'
import { pushForms } from './dialects/all.ts'
import { openEngine } from './engine/engine.ts'
import { arrival } from './http/arrival.ts'
import { allowOrigins } from './http/cors.ts'
import { mountDialects } from './http/dialect.ts'
import { documentationRoutes } from './http/documentation.ts'
import { drainable } from './http/drain.ts'
import { homePage } from './http/home-page.ts'
import { openMetrics } from './http/metrics.ts'
import { operationRoutes } from './http/operations.ts'
import { operationsServer } from './http/operations-port.ts'
import { payPage } from './http/pay-page.ts'
import { trustsAnyProxy } from './http/proxies.ts'
import { countRates } from './http/rates.ts'
import { createServer } from './http/server.ts'
import { webApp } from './http/web-app.ts'
import { jobs, nodeJobs, simulatorJob, startJobs } from './jobs/schedule.ts'
import { openLog } from './log.ts'
import { everyDialect } from './mounted.ts'
import { gatewayWork } from './payments/work.ts'
import { type BoundPort, bindHttp, bindMail, PortUnavailable } from './ports.ts'
import { pushWork } from './push/work.ts'
import { writeReference } from './reference.ts'
import { hearStop, type Stop, StoppedEarly } from './stop.ts'
import { askingWork, streamWork } from './supply/asking/work.ts'
import { supplierKindNamed } from './supply/kinds.ts'
import { smppEngine } from './supply/smpp/engine.ts'
import { type MailServer, startMailServer } from './supply/smtp/server.ts'
import { printWelcome } from './welcome.ts'

const exitTimeoutMs = 1_000
/** How long the end of the drain waits for a moment without a request. */
const quietTimeoutMs = 1_000

const progress = (line: string) => process.stderr.write(`${line}\n`)

/** What a start is still waiting for, in words for clients that ask meanwhile. */
type Phase = { missing: string }

type Role = {
  /** Whether this start creates the schema and the demo. */
  readonly preparing: boolean
  readonly serving: boolean
  readonly working: boolean
}

/** Everything on this machine: database, schema, demo, server and jobs, until SIGINT or SIGTERM. */
export async function start(config: Config): Promise<void> {
  await runRole(config, { preparing: true, serving: true, working: true })
}

/** Only the HTTP server. The schema must exist. */
export async function serve(config: Config): Promise<void> {
  await runRole(config, { preparing: false, serving: true, working: false })
}

/** Only the jobs. */
export async function work(config: Config): Promise<void> {
  await runRole(config, { preparing: false, serving: false, working: true })
}

/** Upgrades the schema and the catalog to this version. If a server is running on the embedded database,
 * nothing is changed: the server upgraded the database when it started. */
export async function migrateOnly(config: Config): Promise<void> {
  const running = config.databaseUrl === null ? await findEmbedded(config.dataDir) : null
  if (running !== null) return withConnection(running, assertNothingPending)
  await untilStoppedEarly(async (stop) => {
    await withDatabase(config, stop, async (url) => {
      const done = await stop.during(withConnection(url, bringUp))
      progress(done.length === 0 ? 'Nothing to migrate.' : `Applied ${done.join(', ')}.`)
    })
  })
}

async function assertNothingPending(db: Database): Promise<void> {
  const pending = await pendingMigrations(db)
  if (pending.length > 0)
    throw new Error(
      `The database lacks ${pending.length} of this version’s migrations, and a server is running on it. ` +
        'Stop that server and start it again: each start applies them.',
    )
  progress('Nothing to migrate.')
}

/** Runs a role from start to end. Nothing is created before its ports are bound. */
async function runRole(config: Config, role: Role): Promise<void> {
  await untilStoppedEarly(async (stop) => {
    const phase: Phase = { missing: 'the database is starting' }
    if (config.databaseUrl === null) await awaitFree(config.dataDir, progress, stop.signal)
    const ports = await openPorts(config, role, phase)
    try {
      await withDatabase(config, stop, async (url) => {
        const demo = await stop.during(prepare(config, url, role, phase))
        phase.missing = 'the server is being built'
        const app = await stop.during(
          buildApp(config, url, openLog(config.logLevel), { name: nameOf(role) }),
        )
        await serveUntilStopped(app, { ...role, demo, stop, ports })
      })
    } finally {
      await ports.close()
    }
  })
}

const nameOf = ({ serving, working }: Role) =>
  serving && working ? 'numlet start' : serving ? 'numlet serve' : 'numlet work'

/** A start that is stopped halfway has done what was asked: it is not a failure. */
async function untilStoppedEarly(run: (stop: Stop) => Promise<void>): Promise<void> {
  const stop = hearStop()
  try {
    await run(stop)
  } catch (error) {
    if (!stop.signal.aborted || !isAbort(error)) throw error
    progress('Stopped before the start was complete. Nothing is lost; start again to go on.')
    // A statement may still be running on an external database. Its result is not waited for.
    setTimeout(() => process.exit(), exitTimeoutMs).unref()
  }
}

const isAbort = (error: unknown) =>
  error instanceof StoppedEarly || (error as Error | null)?.name === 'AbortError'

/** Runs with DATABASE_URL, otherwise with an embedded PostgreSQL. */
async function withDatabase(
  config: Config,
  stop: Stop,
  run: (url: string) => Promise<void>,
): Promise<void> {
  if (config.databaseUrl !== null) {
    await stop.during(assertReachable(config.databaseUrl))
    return run(config.databaseUrl)
  }
  const { dataDir } = config
  const embedded = await startEmbedded({ dataDir, progress, signal: stop.signal })
  void stop.asked.then(() => embedded.leaving())
  try {
    await run(embedded.url)
  } finally {
    await embedded.stop()
  }
}

async function withConnection<T>(url: string, run: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, poolSize: 3, kind: 'migrations', name: 'numlet migrate' })
  try {
    return await run(db)
  } finally {
    await db.end()
  }
}

async function bringUp(db: Database): Promise<string[]> {
  await assertWritable(db)
  await assertDurable(db)
  const done = await migrate(db, { progress })
  await followHistory(db)
  await db.begin(async (tx) => installCatalog(tx, await databaseTime(tx)))
  return done
}

/** After a restore or a promotion, before anything is written. */
async function followHistory(db: Database): Promise<void> {
  const raised = await ensureEpoch(db, await databaseTime(db))
  if (raised)
    progress(
      `The database is another one than before (${raised.reason}): epoch ${raised.epoch} of its events ` +
        'begins, and the numbers of orders and all else go on with a gap.',
    )
}

function prepare(config: Config, url: string, role: Role, phase: Phase): Promise<Demo | null> {
  return withConnection(url, async (db) => {
    if (!role.preparing) {
      await assertWritable(db)
      await assertDurable(db)
      await assertMigrated(db)
      await followHistory(db)
      return null
    }
    phase.missing = 'the schema is being upgraded'
    const done = await bringUp(db)
    if (done.length > 0) progress('The database schema is up to date.')
    if (!config.demo) return null
    phase.missing = 'the demo is being created'
    const vault = await vaultSource(keyStoreOf(config), esimCodes).openOrMake()
    const demo = await installDemo(db, await databaseTime(db), vault)
    if (demo) progress(`Created the demo: ${demo.numbers} fictional numbers and an account.`)
    else if (await findDemoAccount(db))
      progress(
        `The demo account’s key was shown when it was created. New key: ${commandName} demo key`,
      )
    return demo
  })
}

async function serveUntilStopped(
  app: App,
  role: Role & { demo: Demo | null; stop: Stop; ports: Ports },
): Promise<void> {
  const { stop, ports } = role
  const table = role.working ? [...jobs, ...(app.config.simulatorAuto ? [simulatorJob] : [])] : []
  const background = asJob(() => startJobs(app, [...table, ...nodeJobs]))
  const engine = role.working ? asJob(() => openEngine(app, worksOf(app))) : null
  asJob(() => engine?.start())
  const smpp = role.working ? asJob(() => smppEngine(app)) : null
  asJob(() => smpp?.start())
  const server = role.serving ? buildServer(app) : null
  // Before the first message: it takes longer than the event loop may be held.
  if (server) prepareSearch()
  const operations = await openOperations(app, server, ports)
  let mail: MailServer | null = null
  try {
    if (ports.mail) {
      mail = await startMailServer(app, ports.mail)
      process.stdout.write(`Mail comes in on ${ports.mail.url}\n`)
    }
    if (server && ports.http) {
      await server.ready()
      await ports.http.handTo(server.server)
      if (role.demo) await printWelcome(ports.http.url, role.demo, app)
      process.stdout.write(`Numlet is ready on ${ports.http.url}\n`)
    } else progress('The worker is running. Stop it with SIGINT or SIGTERM.')
    const signal = await stop.asked
    if (server && signal === 'SIGTERM') await drain({ app, server, mail, stop })
  } finally {
    app.events.watch.close()
    await server?.close()
    await mail?.stop()
    // Numbers that are being asked for are not left waiting: nobody else has their answers.
    await Promise.all([engine?.stop(), smpp?.stop()])
    await background.stop()
    operations?.close()
    operations?.closeAllConnections()
    await app.close()
  }
}

/** Everything that calls the world. */
const worksOf = (app: App) => [
  pushWork(app, pushForms),
  askingWork(app, supplierKindNamed),
  streamWork(app, supplierKindNamed),
  gatewayWork(app),
]

/** Health and metrics on a separate port, if one is set. */
async function openOperations(app: App, server: FastifyInstance | null, ports: Ports) {
  if (ports.operations === null) return null
  const metrics = server ? server.metrics : openMetrics(app)
  const isDraining = () => server?.drain.isDraining() ?? false
  const operations = operationsServer(app, metrics, isDraining)
  await ports.operations.handTo(operations)
  progress(`Health and metrics are on ${ports.operations.url}`)
  return operations
}

/** Goes on serving for the drain time, unless a second signal comes. */
async function drain(parts: {
  readonly app: App
  readonly server: FastifyInstance
  readonly mail: MailServer | null
  readonly stop: Stop
}): Promise<void> {
  const { app, server, mail, stop } = parts
  const { drainS } = app.config
  if (drainS === 0) return
  server.drain.begin()
  mail?.drain()
  // Long polls and streams end in the first half: their clients use the rest of the time to go elsewhere.
  app.events.watch.closeWithin((drainS * 1_000) / 2)
  progress(`Stopping in ${drainS} s (NUMLET_DRAIN_S); a second signal stops at once.`)
  const over = new AbortController()
  const drained = pause(drainS * 1_000, undefined, { signal: over.signal }).catch(() => {})
  await Promise.race([drained, stop.urgent])
  over.abort()
  await Promise.race([server.drain.quiet(quietTimeoutMs), stop.urgent])
}

type Ports = {
  readonly http: BoundPort | null
  readonly mail: BoundPort | null
  readonly operations: BoundPort | null
  close(): Promise<void>
}

async function openPorts(config: Config, role: Role, phase: Phase): Promise<Ports> {
  const { host, port, metricsPort } = config
  const bound: BoundPort[] = []
  const close = async () => {
    for (const one of bound) await one.close()
  }
  const take = async (wanted: Promise<BoundPort | null>) => {
    const one = await wanted
    if (one) bound.push(one)
    return one
  }
  const missing = () => phase.missing
  try {
    const http = role.serving
      ? await take(bindHttp({ host, port, variable: 'PORT' }, missing))
      : null
    const mail = role.serving ? await take(bindMailPort(config)) : null
    const own = { host, port: metricsPort ?? 0, variable: 'NUMLET_METRICS_PORT' }
    const operations = metricsPort === null ? null : await take(bindHttp(own, missing))
    return { http, mail, operations, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function bindMailPort(config: Config): Promise<BoundPort | null> {
  const { host, smtpPort, isSmtpPortSet } = config
  if (smtpPort === null) return null
  try {
    return await bindMail(host, smtpPort)
  } catch (error) {
    // Several servers on one machine: the first takes the mail, and nobody asked the others to.
    if (isSmtpPortSet || !(error instanceof PortUnavailable && error.isTaken)) throw error
    progress(
      `Port ${smtpPort} is in use by another program, so this server takes no mail. ` +
        'Set NUMLET_SMTP_PORT to another port to receive mail (0 picks a free one).',
    )
    return null
  }
}

/** The server with all routes, which does not listen yet. */
export function buildServer(app: App) {
  const { hosts, publicUrl, trustProxy } = app.config
  const server = createServer({
    log: app.log,
    isBehindProxy: trustsAnyProxy(trustProxy),
    rewriteUrl: arrival({ trust: trustProxy, ties: hosts, dialects: everyDialect }),
  })
  server.decorate('drain', drainable(server))
  allowOrigins(server, app.config.corsOrigins)
  const rates = countRates(app)
  documentationRoutes(server, { write: () => writeReference(publicUrl), admit: rates.ofReader })
  operationRoutes(server, app)
  homePage(server)
  webApp(server)
  payPage(server, app)
  mountDialects(server, app, rates, everyDialect)
  return server
}
