// A load generator for HTTP/1.1: one socket per client, which sends its next request after each response.
import { connect, type Socket } from 'node:net'

export type Exchange = {
  /** The next request of a client, as bytes on the wire; null ends the client. */
  readonly request: (client: number) => string | null
  /** Called with each response. */
  readonly answered?: (status: number, body: string, client: number) => void
}

type Address = { readonly host: string; readonly port: number }

const headEnd = '\r\n\r\n'

/** Runs `clients` closed loops against a server until all have ended. */
export async function httpLoad(
  server: Address,
  clients: number,
  exchange: Exchange,
): Promise<void> {
  await Promise.all(Array.from({ length: clients }, (_, client) => loop(server, client, exchange)))
}

function loop(server: Address, client: number, exchange: Exchange): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(server)
    const next = () => {
      const request = exchange.request(client)
      if (request === null) {
        socket.destroy()
        resolve()
      } else socket.write(request, 'latin1')
    }
    socket.on('connect', next)
    socket.on('error', reject)
    onAnswers(socket, (status, body) => {
      exchange.answered?.(status, body, client)
      next()
    })
  })
}

export type KeptConnection = {
  /** Sends a request. The next one waits for its response. */
  ask(request: string): Promise<{ readonly status: number; readonly body: string }>
  close(): void
}

export function keptConnection(server: Address): Promise<KeptConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect(server)
    let answered: (answer: { status: number; body: string }) => void = () => undefined
    let lost: (error: Error) => void = reject
    socket.on('error', (error) => lost(error))
    socket.on('close', () => lost(new Error('the server closed the connection')))
    socket.on('connect', () =>
      resolve({
        ask: (request) =>
          new Promise((hear, fail) => {
            answered = hear
            lost = fail
            socket.write(request, 'latin1')
          }),
        close: () => socket.destroy(),
      }),
    )
    onAnswers(socket, (status, body) => answered({ status, body }))
  })
}

/** Reports each response on a connection, as long as one request is sent at a time. */
function onAnswers(socket: Socket, tell: (status: number, body: string) => void) {
  socket.setNoDelay(true)
  socket.setEncoding('latin1')
  let buffer = ''
  socket.on('data', (chunk) => {
    buffer += chunk
    const end = buffer.indexOf(headEnd)
    if (end < 0) return
    const start = buffer.indexOf('content-length: ')
    const length = Number(buffer.slice(start + 16, buffer.indexOf('\r', start)))
    if (buffer.length < end + 4 + length) return
    const status = Number(buffer.slice(9, 12))
    const body = buffer.slice(end + 4, end + 4 + length)
    buffer = buffer.slice(end + 4 + length)
    tell(status, body)
  })
}

/** The bytes of a request. */
export function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: bench.example.com']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== undefined)
    lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
  else if (method === 'POST') lines.push('content-length: 0')
  return `${lines.join('\r\n')}${headEnd}${body ?? ''}`
}
