// Sends one request to a supplier, once: without retries or redirects, and on a connection of its own unless
// it only reads a page of many.
//
// It tells apart what decides about money: nothing was sent, or the supplier may have carried it out.
import {
  type Agent,
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { HttpRequest, Sent } from './upstream.ts'

/** A price list of every country has some 9 MB. */
const maxAnswerBytes = 10 * 1024 * 1024

export type Sending = {
  readonly timeoutMs: number
  /** Ends the request early, such as when the node stops. */
  readonly signal?: AbortSignal
  readonly now: () => Date
  /** Certificates to trust in place of the system's. */
  readonly ca?: string | undefined
  /** One that goes on from request to request; by default each has its own. */
  readonly connection?: KeptConnection | undefined
}

/** A connection for many requests that change nothing, one after the other. */
export type KeptConnection = { agentOf(protocol: string): Agent; close(): void }

export function keptConnection(): KeptConnection {
  const [http, https] = [HttpAgent, HttpsAgent].map(
    (Kind) => new Kind({ keepAlive: true, maxSockets: 1 }),
  ) as [HttpAgent, HttpsAgent]
  return {
    agentOf: (protocol) => (protocol === 'https:' ? https : http),
    close() {
      http.destroy()
      https.destroy()
    },
  }
}

/** Why a request has no answer that was not waited for any longer. */
export const timeWasOver = 'the time was over'

/** Sends a request and waits for the whole answer. It never throws, and keeps nothing of the URL or the
 * headers: they hold keys. */
export function send(request: HttpRequest, sending: Sending): Promise<Sent> {
  const time = AbortSignal.timeout(sending.timeoutMs)
  const signal = sending.signal ? AbortSignal.any([sending.signal, time]) : time
  const { ca, connection } = sending
  return exchanged(request, { signal, time, ca, connection }, (response) =>
    received(response, { now: sending.now, time }),
  )
}

export type Streaming = {
  /** How long nothing may come. */
  readonly idleMs: number
  readonly signal: AbortSignal
  readonly now: () => Date
  readonly ca?: string | undefined
  /** Takes a piece of the text. False ends the stream: it is too large. */
  readonly heard: (piece: string) => boolean
}

/** Sends a request and hands over the text of its answer as it comes. Like `send`, but the answer has
 * neither a size nor a time limit.
 * @returns why it ended; the answer if its status is not 200 */
export function streamed(request: HttpRequest, streaming: Streaming): Promise<Sent> {
  const { idleMs, signal, now, ca } = streaming
  const idle = new AbortController()
  const options = { signal: AbortSignal.any([signal, idle.signal]), time: idle.signal, ca }
  return exchanged(
    request,
    options,
    (response) =>
      response.statusCode === 200
        ? listened(response, streaming, idle.signal)
        : received(response, { now, time: idle.signal }),
    (sent) => sent.setTimeout(idleMs, () => idle.abort()),
  )
}

type Exchange = {
  readonly signal: AbortSignal
  /** The one of its signals that says that the time is over. */
  readonly time: AbortSignal
  readonly ca: string | undefined
  readonly connection?: KeptConnection | undefined
}

/** Sends a request, and gives the answer to `read` once its head is there. */
function exchanged(
  request: HttpRequest,
  exchange: Exchange,
  read: (response: IncomingMessage) => Promise<Sent>,
  prepare?: (sent: ClientRequest) => void,
): Promise<Sent> {
  return new Promise((resolve) => {
    let isOnItsWay = false
    const fail = (why: string) => resolve({ kind: isOnItsWay ? 'no_answer' : 'not_sent', why })
    try {
      const url = new URL(request.url)
      const open = openers.get(url.protocol)
      if (open === undefined) return fail('the URL is neither http nor https')
      const sent = open(url, optionsOf(request, exchange, url.protocol))
      prepare?.(sent)
      sent.once('socket', (socket) => {
        isOnItsWay = sent.reusedSocket
        if (sent.reusedSocket) return
        const ready = url.protocol === 'https:' ? 'secureConnect' : 'connect'
        socket.once(ready, () => {
          isOnItsWay = true
        })
      })
      sent.once('response', (response) => {
        isOnItsWay = true
        resolve(read(response))
      })
      sent.once('error', (error) => fail(reasonOf(error, exchange.time)))
      sent.once('close', () => fail('the connection was closed'))
      sent.end(request.body)
    } catch {
      // @NOTE a URL or a header that HTTP cannot carry; its text could hold a key
      fail('the request cannot be written: look at the settings')
    }
  })
}

const openers = new Map([
  ['http:', httpRequest],
  ['https:', httpsRequest],
])

const optionsOf = (
  { method, headers }: HttpRequest,
  { signal, ca, connection }: Exchange,
  protocol: string,
): RequestOptions => ({
  method,
  headers,
  // @NOTE its own connection: on a kept one, a request can be lost because the other side has just closed it
  agent: connection?.agentOf(protocol) ?? false,
  signal,
  ...(ca === undefined ? {} : { ca }),
})

/** The answer, if the whole of it arrives. */
function received(
  response: IncomingMessage,
  { now, time }: { readonly now: () => Date; readonly time: AbortSignal },
): Promise<Sent> {
  return new Promise((resolve) => {
    const lost = (why: string) => resolve({ kind: 'no_answer', why })
    const brokeOff = () => lost(time.aborted ? timeWasOver : 'the answer broke off')
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxAnswerBytes) chunks.push(chunk)
      else {
        lost('the answer is too large')
        response.destroy()
      }
    })
    response.once('end', () => {
      if (!response.complete) return brokeOff()
      const body = Buffer.concat(chunks).toString()
      const answer = {
        status: response.statusCode ?? 0,
        headers: headersOf(response),
        body,
        at: now(),
      }
      resolve({ kind: 'answered', answer })
    })
    response.once('error', brokeOff)
    response.once('close', brokeOff)
  })
}

/** The text of an answer, piece by piece, until it ends. */
function listened(
  response: IncomingMessage,
  { heard }: Streaming,
  idle: AbortSignal,
): Promise<Sent> {
  return new Promise((resolve) => {
    const over = (why: string) => resolve({ kind: 'no_answer', why })
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      if (heard(piece)) return
      over('the answer is too large')
      response.destroy()
    })
    const ended = () => over(idle.aborted ? timeWasOver : 'the stream ended')
    response.once('error', ended)
    response.once('close', ended)
  })
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )

/** In our words: the text of an error may repeat what was sent. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(?:ENOTFOUND|EAI_)/, 'the host is unknown'],
  [/^ECONNREFUSED$/, 'the connection was refused'],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'the host cannot be reached'],
  [/^(?:ECONNRESET|EPIPE)$/, 'the connection broke off'],
  [/CERT|SIGNATURE|ISSUER|ALTNAME/, 'the certificate is not trusted'],
  [/^(?:ERR_SSL|EPROTO|ERR_TLS)/, 'TLS failed'],
  [/^HPE_/, 'the answer is not HTTP'],
]

function reasonOf(error: Error, time: AbortSignal): string {
  if (error.name === 'AbortError') return time.aborted ? timeWasOver : 'it was stopped'
  const { code = '' } = error as { code?: string }
  return reasons.find(([pattern]) => pattern.test(code))?.[1] ?? 'the connection failed'
}
