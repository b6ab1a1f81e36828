// A server that speaks a gateway's protocol, for tests: it keeps what it was asked to make, and can be told
// to fail at a given moment.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterAll } from 'vitest'

export type Asked = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
export type Said = { readonly status: number; readonly body: unknown }

/** What happens to an answer: it is sent, its connection is cut before or after the work was done, or it is
 * another one, or it comes when a promise is kept. */
export type Mishap = 'cut-before' | 'cut-after' | Said | Promise<void>

export type FakeServer = {
  readonly url: string
  /** Everything that was asked, in its order. */
  readonly asked: Asked[]
  /** What happens to the next requests, one each. */
  readonly mishaps: Mishap[]
  /** Called when a request has come and before it is worked on, and when it was and before it is answered. */
  onStep: ((step: 'asked' | 'done', asked: Asked) => void) | null
}

/** Serves until the file is done.
 * @param work answers a request; what it makes stays made whether or not the answer arrives */
export async function fakeServer(work: (asked: Asked) => Said): Promise<FakeServer> {
  const fake: { -readonly [K in keyof FakeServer]: FakeServer[K] } = {
    url: '',
    asked: [],
    mishaps: [],
    onStep: null,
  }
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://gateway')
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    fake.asked.push(asked)
    fake.onStep?.('asked', asked)
    const mishap = fake.mishaps.shift()
    if (mishap === 'cut-before') return request.socket.destroy()
    if (mishap instanceof Promise) await mishap
    const isOther = typeof mishap === 'object' && 'status' in mishap
    const said = isOther ? mishap : work(asked)
    fake.onStep?.('done', asked)
    if (mishap === 'cut-after') return request.socket.destroy()
    response.writeHead(said.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(said.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  fake.url = `http://127.0.0.1:${address.port}`
  return fake
}

/** The user of RFC 7617's header, whose password is empty. */
export const basicUser = ({ headers }: Asked) =>
  Buffer.from(headers.authorization?.replace(/^Basic /, '') ?? '', 'base64')
    .toString()
    .replace(/:$/, '')
