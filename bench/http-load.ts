// A load generator for HTTP/1.1: as many sockets as clients, each sends the next request when it has the answer.
import { connect, type Socket } from 'node:net'

export type Exchange = {
  /** The next request of a client, as bytes on the wire; null ends the client. */
  readonly request: (client: number) => string | null
  /** Told of each answer. */
  readonly answered?: (status: number, body: string, client: number) => void
}

const headEnd = '\r\n\r\n'

/** Runs `clients` closed loops against a server until each has ended. */
export async function httpLoad(
  server: { readonly host: string; readonly port: number },
  clients: number,
  exchange: Exchange,
): Promise<void> {
  await Promise.all(Array.from({ length: clients }, (_, client) => loop(server, client, exchange)))
}

function loop(
  server: { readonly host: string; readonly port: number },
  client: number,
  exchange: Exchange,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(server)
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    let buffer = ''
    const next = () => {
      const request = exchange.request(client)
      if (request === null) {
        socket.destroy()
        resolve()
      } else socket.write(request, 'latin1')
    }
    socket.on('connect', next)
    socket.on('error', reject)
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
      exchange.answered?.(status, body, client)
      next()
    })
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
