// A real server for tests: the program's own composition, on a separate database per file.
import { afterAll } from 'vitest'
import { type App, buildApp } from '../../src/app.ts'
import { type Config, toConfig } from '../../src/config.ts'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { createSupplier } from '../../src/core/inventory/suppliers.ts'
import { type Amount, parseAmount } from '../../src/core/money.ts'
import type { Network } from '../../src/core/webhooks/destination.ts'
import type { Database } from '../../src/db/database.ts'
import { openLog } from '../../src/log.ts'
import { openResolver, type ResolverOptions } from '../../src/push/resolver.ts'
import { buildServer } from '../../src/roles.ts'
import { type Template, testDatabase, testKey } from './database.ts'

export type TestServer = {
  readonly url: string
  readonly app: App
  readonly db: Database
  readonly databaseUrl: string
  /** Moves the server's clock, which does not run by itself. */
  advance(seconds: number): void
}

/** Serves on a free port of 127.0.0.1 until the file is done. The clock does not run by itself, no job runs
 * by itself, and nothing is rate-limited unless the test says so. */
export async function testServer(
  options: {
    template?: Template
    env?: Record<string, string>
    /** How the hosts of webhooks are looked up. */
    resolver?: ResolverOptions
  } = {},
): Promise<TestServer> {
  const { url: databaseUrl } = await testDatabase(options.template ?? 'demo')
  return serverOn(databaseUrl, options.env, options.resolver)
}

/** Example names count as public, without a real lookup. */
const resolveExamples =
  (resolve: Network['resolve']): Network['resolve'] =>
  async (host, accountId) =>
    /(^|\.)example\.(com|net|org)$/.test(host) ? ['93.184.215.14'] : resolve(host, accountId)

/** When the clocks of a file's servers begin: those of two that deal with each other show the same time. */
let startedAt: number | undefined

/** Another server on an existing database. */
export async function serverOn(
  databaseUrl: string,
  env: Record<string, string> = {},
  resolver: ResolverOptions = {},
): Promise<TestServer> {
  const config: Config = toConfig({
    NUMLET_RATE_LIMIT: '0',
    NUMLET_LOG: 'silent',
    NUMLET_ENCRYPTION_KEY: testKey,
    ...env,
  })
  let offsetMs = 0
  startedAt ??= Date.now()
  const start = startedAt
  const clock = () => new Date(start + offsetMs)
  const resolve = resolveExamples(openResolver(resolver))
  const log = openLog(config.logLevel)
  const app = await buildApp(config, databaseUrl, log, { clock, resolve })
  const server = buildServer(app)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const tail = setInterval(() => void app.events.tail.poll().catch(() => undefined), 25)
  afterAll(async () => {
    startedAt = undefined
    clearInterval(tail)
    app.events.watch.close()
    await server.close()
    await app.close()
  })
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    app,
    db: app.db,
    databaseUrl,
    advance(seconds) {
      offsetMs += seconds * 1000
    },
  }
}

let customers = 0

/** A new account with money and a key. */
export async function testCustomer(
  db: Database,
  options: { credit?: string; currency?: string; scopes?: string[] } = {},
): Promise<{ accountId: number; key: string }> {
  const account = await createAccount(db, {
    email: `customer${++customers}@example.com`,
    currency: options.currency ?? 'USD',
  })
  const amount = parseAmount(options.credit ?? '100') as Amount
  if (amount > 0n)
    await creditAccount(db, new Date(), { accountId: account.id, amount, reference: 'test' })
  const { key } = await createKey(db, new Date(), { accountId: account.id, scopes: options.scopes })
  return { accountId: account.id, key }
}

/** A new supplier and its secret, for messages by `POST /api/callback`. */
export async function testSupplier(db: Database, name = 'test-supplier') {
  const { supplier, secret } = await createSupplier(db, { name, kind: 'http-callback' })
  return { supplierId: supplier.id, secret }
}

export type Reply<T = Record<string, unknown>> = {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** One HTTP call with a key. The body of the response is parsed if it is JSON. */
export async function call<T = Record<string, unknown>>(
  server: { readonly url: string },
  key: string | null,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply<T>> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson && text !== '' ? JSON.parse(text) : text) as T,
  }
}
