// Requests that `fetch` would refuse to send, or would correct.
import { request } from 'node:http'
import { connect } from 'node:net'
import type { Reply } from './server.ts'

export type RawRequest = {
  readonly method: string
  /** Sent unchanged, without normalisation. */
  readonly path: string
  readonly key?: string | null
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Buffer
}

/** One hand-written request. The body of the response is parsed if it is JSON. */
export function sendRaw(
  server: { readonly url: string },
  raw: RawRequest,
): Promise<Reply<unknown>> {
  const { hostname, port } = new URL(server.url)
  const key = raw.key ? { authorization: `Bearer ${raw.key}` } : {}
  const length = raw.body === undefined ? {} : { 'content-length': Buffer.byteLength(raw.body) }
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method: raw.method,
        path: raw.path,
        agent: false,
        headers: { ...key, ...length, ...raw.headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const headers = new Headers()
          for (const [name, value] of Object.entries(response.headers))
            headers.set(name, String(value))
          const text = Buffer.concat(chunks).toString()
          const isJson = headers.get('content-type')?.includes('json') && text !== ''
          resolve({
            status: response.statusCode as number,
            headers,
            body: isJson ? JSON.parse(text) : text,
          })
        })
      },
    )
    // @NOTE a server that refuses a large body may close the connection before all of it was sent
    sent.on('error', reject)
    sent.end(raw.body)
  })
}

/** Writes bytes to a new socket. @returns everything that came back until the server closed */
export function sendBytes(
  server: { readonly url: string },
  bytes: string | Buffer,
): Promise<string> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.end(bytes))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
  })
}

export type Exchange = {
  /** Everything that came back until the server closed the connection. */
  readonly text: string
  /** Whether the connection was reset instead of ended. */
  readonly isReset: boolean
  readonly writtenBytes: number
}

/** Writes bytes, or pieces one after the other, to a socket that stays open until the server ends it. Like
 * many simple clients it keeps writing while the response arrives. */
export function exchange(
  server: { readonly url: string },
  pieces: string | Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
): Promise<Exchange> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let isReset = false
    const socket = connect(Number(port), hostname, async () => {
      for await (const piece of typeof pieces === 'string' ? [pieces] : pieces) {
        if (socket.destroyed || !socket.writable) return
        if (!socket.write(piece))
          await new Promise<void>((go) => {
            socket.once('drain', go)
            socket.once('close', () => go())
          })
      }
    })
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {
      isReset = true
    })
    socket.on('close', () =>
      resolve({
        text: Buffer.concat(chunks).toString('latin1'),
        isReset,
        writtenBytes: socket.bytesWritten,
      }),
    )
  })
}
