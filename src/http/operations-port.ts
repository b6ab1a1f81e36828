// Health and metrics on a separate port: for workers, and for servers in addition to their public port.
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import type { App } from '../app.ts'
import { metricsReader } from './metrics.ts'
import { readiness } from './operations.ts'

const requestTimeoutMs = 10_000

/** A server for `/health/live`, `/health/ready` and `/metrics`, which does not listen yet.
 * @param isDraining whether this process is about to stop */
export function operationsServer(app: App, metrics: Registry, isDraining: () => boolean): Server {
  const readMetrics = metricsReader(metrics)
  return createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    const path = (request.url ?? '').split('?')[0] as string
    answer(response, request.method ?? '', path, { app, metrics, readMetrics, isDraining }).catch(
      (error) => {
        app.log.error({ err: error }, 'could not answer a request for health or metrics')
        if (!response.headersSent) response.writeHead(500)
        response.end()
      },
    )
  })
}

type Parts = {
  readonly app: App
  readonly metrics: Registry
  readonly readMetrics: () => Promise<string>
  readonly isDraining: () => boolean
}

async function answer(response: ServerResponse, method: string, path: string, parts: Parts) {
  const json = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  if (method !== 'GET' && method !== 'HEAD') return json(405, { status: 'only GET is supported' })
  if (path === '/health/live') return json(200, { status: 'live' })
  if (path === '/health/ready') {
    const answer = await readiness(parts.app, parts.isDraining())
    return json(answer.missing ? 503 : 200, answer)
  }
  if (path !== '/metrics') return json(404, { status: 'not found' })
  const text = await parts.readMetrics()
  response.writeHead(200, { 'content-type': parts.metrics.contentType })
  response.end(text)
}
