// A worker thread: mounts all routes on a server of its own, which nobody can reach, and sends their OpenAPI
// document to reference.ts.
import { parentPort, workerData } from 'node:worker_threads'
import type { App } from './app.ts'
import { mountDialects } from './http/dialect.ts'
import { describeRoutes } from './http/documentation.ts'
import type { Rates } from './http/rates.ts'
import { createServer } from './http/server.ts'
import { openLog } from './log.ts'
import { everyDialect } from './mounted.ts'

/** Stands for everything that a handler would use. The routes are described, and never called. */
const unused: never = new Proxy(() => unused, { get: () => unused }) as never

const server = createServer({ log: openLog('silent') })
describeRoutes(server, workerData as string | null)
mountDialects(server, unused as App, unused as Rates, everyDialect)
await server.ready()
parentPort?.postMessage(JSON.stringify(server.swagger()))
