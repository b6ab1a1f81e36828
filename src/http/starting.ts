// Answers on the public port while the server starts: it is live, and not ready.
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'

const requestTimeoutMs = 10_000

/** A server that answers 503 to everything except `/health/live`, and closes each connection afterwards.
 * @param missing what the start still waits for */
export function answerWhileStarting(missing: () => string): Server {
  return createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    const path = (request.url ?? '').split('?')[0]
    const isLive = path === '/health/live'
    const isHealth = isLive || path === '/health/ready'
    const body = isLive
      ? { status: 'live' }
      : isHealth
        ? { status: 'not ready', missing: [missing()] }
        : problem(missing())
    response.writeHead(isLive ? 200 : 503, {
      'content-type': isHealth ? 'application/json' : 'application/problem+json',
      connection: 'close',
      ...(isLive ? {} : { 'retry-after': '2' }),
    })
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(body))
  })
}

function problem(missing: string) {
  return {
    type: 'urn:numlet:problem:unavailable',
    title: 'Service Unavailable',
    status: 503,
    detail: `The server is starting: ${missing}.`,
    code: 'unavailable',
    request_id: randomUUID(),
  }
}
