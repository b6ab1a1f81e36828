// The roles of the one program: start (everything), serve, work, migrate.
import { type App, buildApp } from './app.ts'
import { type Config, keyPlacesOf } from './config.ts'
import { installCatalog } from './core/catalog/install.ts'
import { esimCodes } from './core/esims/esim.ts'
import { vaultSource } from './core/vault/keys.ts'
import { type Database, openDatabase } from './db/database.ts'
import { assertDurable } from './db/durability.ts'
import { type EmbeddedDatabase, findEmbedded, startEmbedded } from './db/embedded/embedded.ts'
import { migrate, pendingMigrations } from './db/migrate.ts'
import { type Demo, installDemo } from './demo.ts'
import { fivesim } from './dialects/fivesim/routes.ts'
import { handlerApiPush } from './dialects/handler-api/push.ts'
import { handlerApi } from './dialects/handler-api/routes.ts'
import { standardPush } from './dialects/native/push.ts'
import { native } from './dialects/native/routes.ts'
import { otpwall } from './dialects/otpwall/routes.ts'
import { otpzapPush } from './dialects/otpzap/push.ts'
import { otpzap } from './dialects/otpzap/routes.ts'
import { smsVerificationServicePush } from './dialects/smsverificationservice/push.ts'
import { smsVerificationService } from './dialects/smsverificationservice/routes.ts'
import { whichotp } from './dialects/whichotp/routes.ts'
import { zapotp } from './dialects/zapotp/routes.ts'
import { arrival } from './http/arrival.ts'
import { mountDialects } from './http/dialect.ts'
import { documentRoutes } from './http/documentation.ts'
import { operationRoutes } from './http/operations.ts'
import { payPage } from './http/pay-page.ts'
import { trustsAnyProxy } from './http/proxies.ts'
import { createServer } from './http/server.ts'
import { jobs, nodeJobs, simulatorJob, startJobs } from './jobs/schedule.ts'
import { openLog } from './log.ts'
import { walletCallback } from './payments/routes.ts'
import { pushEngine } from './push/engine.ts'
import type { PushForms } from './push/form.ts'
import { untilStopped } from './stop.ts'
import { httpCallback } from './supply/http-callback/routes.ts'
import { MailPortTaken, type MailServer, startMailServer } from './supply/smtp/server.ts'
import { printWelcome } from './welcome.ts'

/** Each format of webhooks is written by the dialect whose words it has. */
export const pushForms: PushForms = {
  standard: standardPush,
  otpzap: otpzapPush,
  smsverificationservice: smsVerificationServicePush,
  'handler-api': handlerApiPush,
}

const progress = (line: string) => process.stderr.write(`${line}\n`)

/** Everything on this machine: database, schema, demo, server and jobs, until SIGINT or SIGTERM. */
export async function start(config: Config): Promise<void> {
  // @NOTE heard from the first moment: a signal during the set-up stops as cleanly as later
  const stopped = untilStopped()
  const log = openLog(config.logLevel)
  await withDatabase(config, async (url) => {
    const demo = await prepare(config, url)
    const app = await buildApp(config, url, log)
    await serveUntilStopped(app, { serving: true, working: true, demo, stopped })
  })
}

/** The HTTP server alone; the schema must be there. */
export async function serve(config: Config): Promise<void> {
  await runRole(config, { serving: true, working: false })
}

/** The jobs alone. */
export async function work(config: Config): Promise<void> {
  await runRole(config, { serving: false, working: true })
}

/** Brings the schema and the catalog's facts to this version. Under a server that runs on the embedded
 * database nothing is changed: it has brought its own version when it started. */
export async function migrateOnly(config: Config): Promise<void> {
  const running = config.databaseUrl === null ? await findEmbedded(config.dataDir) : null
  if (running !== null) return withConnection(running, assertNothingPending)
  await withDatabase(config, async (url) => {
    await withConnection(url, async (db) => {
      await assertDurable(db)
      const done = await migrate(db)
      await db.begin(installCatalog)
      progress(done.length === 0 ? 'Nothing to migrate.' : `Applied ${done.join(', ')}.`)
    })
  })
}

async function assertNothingPending(db: Database): Promise<void> {
  const pending = await pendingMigrations(db)
  if (pending.length > 0)
    throw new Error(
      `The database lacks ${pending.length} of this version’s migrations, and a server runs on it: ` +
        'stop that one; the next start brings them.',
    )
  progress('Nothing to migrate.')
}

async function runRole(config: Config, role: { serving: boolean; working: boolean }) {
  const stopped = untilStopped()
  await withDatabase(config, async (url) => {
    await withConnection(url, assertDurable)
    const app = await buildApp(config, url, openLog(config.logLevel))
    await serveUntilStopped(app, { ...role, demo: null, stopped })
  })
}

/** Runs with DATABASE_URL, else with an embedded PostgreSQL of our own. */
async function withDatabase(config: Config, run: (url: string) => Promise<void>): Promise<void> {
  if (config.databaseUrl !== null) return run(config.databaseUrl)
  const embedded: EmbeddedDatabase = await startEmbedded({ dataDir: config.dataDir, progress })
  try {
    await run(embedded.url)
  } finally {
    await embedded.stop()
  }
}

async function withConnection<T>(url: string, run: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, poolSize: 2 })
  try {
    return await run(db)
  } finally {
    await db.end()
  }
}

function prepare(config: Config, url: string): Promise<Demo | null> {
  return withConnection(url, async (db) => {
    await assertDurable(db)
    const done = await migrate(db)
    if (done.length > 0) progress('Bringing the database’s schema up to date ...')
    await db.begin(installCatalog)
    if (!config.demo) return null
    const vault = await vaultSource(keyPlacesOf(config), esimCodes).openOrMake()
    const demo = await installDemo(db, new Date(), vault)
    if (demo) progress(`Made the demo: ${demo.numbers} fictional numbers and an account.`)
    return demo
  })
}

async function serveUntilStopped(
  app: App,
  role: { serving: boolean; working: boolean; demo: Demo | null; stopped: Promise<unknown> },
): Promise<void> {
  const table = role.working ? [...jobs, ...(app.config.simulatorAuto ? [simulatorJob] : [])] : []
  const background = startJobs(app, [...table, ...nodeJobs])
  const push = role.working ? pushEngine(app, pushForms) : null
  push?.start()
  const server = role.serving ? buildServer(app) : null
  let mail: MailServer | null = null
  try {
    if (server) {
      mail = await takeMail(app)
      const address = await listen(server, app.config)
      if (role.demo) printWelcome(address, role.demo, app)
      process.stdout.write(`Numlet is ready on ${address}\n`)
    } else progress('Numlet works. Stop it with SIGINT or SIGTERM.')
    await role.stopped
  } finally {
    app.watch.close()
    await server?.close()
    await mail?.stop()
    await push?.stop()
    await background.stop()
    await app.close()
  }
}

async function takeMail(app: App): Promise<MailServer | null> {
  const { host, smtpPort, isSmtpPortSet } = app.config
  if (smtpPort === null) return null
  try {
    const mail = await startMailServer(app, { host, port: smtpPort })
    progress(`Mail comes in on smtp://${hostInUrl(host)}:${mail.port}`)
    return mail
  } catch (error) {
    // Several servers on one machine: the first takes the mail, and nobody asked the others to.
    if (isSmtpPortSet || !(error instanceof MailPortTaken)) throw error
    progress(`${error.message} This server goes on without mail.`)
    return null
  }
}

/** The server with every route, not yet listening. */
export function buildServer(app: App) {
  const { hosts, publicUrl, trustProxy } = app.config
  const dialects = [
    native,
    whichotp,
    otpzap,
    otpwall,
    zapotp,
    smsVerificationService,
    fivesim,
    handlerApi,
    walletCallback,
    httpCallback,
  ]
  const server = createServer({
    log: app.log,
    isBehindProxy: trustsAnyProxy(trustProxy),
    rewriteUrl: arrival({ trust: trustProxy, ties: hosts, dialects }),
  })
  documentRoutes(server, { publicUrl })
  operationRoutes(server, app)
  payPage(server, app)
  mountDialects(server, app, dialects)
  return server
}

async function listen(server: ReturnType<typeof buildServer>, config: Config): Promise<string> {
  await server.listen({ host: config.host, port: config.port })
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : config.port
  return `http://${hostInUrl(config.host)}:${port}`
}

const hostInUrl = (host: string) => (host.includes(':') ? `[${host}]` : host)
