// One attempt: a POST to a receiver that may be slow, hostile or at a forbidden address.
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { performance } from 'node:perf_hooks'
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent'
import { isWebhookPort } from '../core/webhooks/address.ts'
import { LookupFailure, type Network, portOf, reachability } from '../core/webhooks/destination.ts'

/** For everything: look-up, connection, TLS, headers, body. */
const defaultTimeoutMs = 5_000
/** The maximum of the response's body; the rest is cut off with the connection. */
const readBytes = 4_096
const excerptLength = 500
/** How long idle connections are kept. */
const idleMs = 4_000
/** Connections to one host; further attempts wait for one of them. */
const maxConnections = 64

export type PushRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Answer = {
  readonly status: number | null
  /** Why there was no response, in a few words for the endpoint's owner; null if there was one. */
  readonly error: string | null
  readonly response: string | null
  readonly retryAfter: string | undefined
  readonly durationMs: number
}

export type Sender = {
  /** Never rejects. */
  send(push: PushRequest): Promise<Answer>
  close(): void
}

export type SenderOptions = {
  readonly network: Network
  readonly timeoutMs?: number
  /** Certificates that are trusted instead of the default ones. */
  readonly ca?: string
}

class Forbidden extends Error {}

export function openSender(options: SenderOptions): Sender {
  const { network } = options
  const mayReach = reachability(network.allowed)
  const isOpen = network.allowed.length > 0
  const common = {
    maxSockets: maxConnections,
    maxFreeSockets: maxConnections,
    timeout: idleMs,
    // @NOTE the agent cannot allow networks of only one family: if any are allowed, only the stricter check
    // of this file is used
    allowPrivateIPAddress: isOpen,
    allowMetaIPAddress: isOpen,
  }
  const secureAgent = (keepAlive: boolean, isRestricted: boolean) =>
    new RequestFilteringHttpsAgent({
      ...common,
      keepAlive,
      lookup: lookupFor(network, mayReach, isRestricted),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    })
  const agentsWith = (keepAlive: boolean) => ({
    'http:': new RequestFilteringHttpAgent({
      ...common,
      keepAlive,
      lookup: lookupFor(network, mayReach, true),
    }),
    'https:': secureAgent(keepAlive, false),
    // Another port over TLS: only in the allowed networks.
    'https: other port': secureAgent(keepAlive, true),
  })
  const kept = agentsWith(true)
  const fresh = agentsWith(false)
  const open = (url: URL, push: PushRequest, agents: typeof kept): ClientRequest => {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const isPlain = url.protocol !== 'https:'
    const isOtherPort = !isWebhookPort(portOf(url))
    if (isIP(host) !== 0 && !mayReach([host], isPlain || isOtherPort)) throw new Forbidden()
    const headers = { ...push.headers, 'content-length': Buffer.byteLength(push.body) }
    const settings = { method: 'POST', headers }
    return isPlain
      ? plainRequest(url, { ...settings, agent: agents['http:'] })
      : tlsRequest(url, {
          ...settings,
          agent: agents[isOtherPort ? 'https: other port' : 'https:'],
        })
  }
  return {
    async send(push) {
      const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
      const first = await timed((begins) => attempt(open, push, kept, timeoutMs, begins))
      if (first.outcome !== 'stale') return { ...first.outcome, durationMs: first.durationMs }
      // @NOTE a kept connection may be closed at the very moment of its use: that is not a response of the
      // receiver. The request is sent once more, on a new connection, which cannot be stale
      const left = timeoutMs - first.durationMs
      const second = await timed((begins) => attempt(open, push, fresh, left, begins))
      const outcome = second.outcome === 'stale' ? brokenOff : second.outcome
      return { ...outcome, durationMs: first.durationMs + second.durationMs }
    },
    close() {
      for (const agent of [...Object.values(kept), ...Object.values(fresh)]) agent.destroy()
    },
  }
}

/** Checks every address of a name, at the time of connecting. */
function lookupFor(
  network: Network,
  mayReach: ReturnType<typeof reachability>,
  isRestricted: boolean,
): LookupFunction {
  return (host, { all }, callback) => {
    network.resolve(host).then(
      (found) => {
        if (!mayReach(found, isRestricted)) return callback(new Forbidden(), [])
        const addresses = found.map((address) => ({ address, family: isIP(address) }))
        const [first] = addresses
        if (all || !first) callback(null, addresses)
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error as Error, []),
    )
  }
}

type Ended = Omit<Answer, 'durationMs'>

/** The duration of an attempt, from the moment when it really began. */
async function timed<T>(work: (begins: () => void) => Promise<T>) {
  let begun = performance.now()
  const outcome = await work(() => {
    begun = performance.now()
  })
  return { outcome, durationMs: performance.now() - begun }
}

function attempt<Agents>(
  open: (url: URL, push: PushRequest, agents: Agents) => ClientRequest,
  push: PushRequest,
  agents: Agents,
  timeLeftMs: number,
  begins: () => void,
): Promise<Ended | 'stale'> {
  return new Promise((resolve) => {
    let request: ClientRequest
    try {
      request = open(new URL(push.url), push, agents)
    } catch (error) {
      return resolve(unanswered(error))
    }
    let answer: IncomingMessage | null = null
    const chunks: Buffer[] = []
    const end = (outcome: Ended | 'stale') => {
      clearTimeout(timer)
      resolve(outcome)
    }
    const cut = () => {
      end(answer ? answered(answer, chunks) : { ...noAnswer, error: 'timeout' })
      request.destroy()
    }
    let timer: NodeJS.Timeout | undefined
    // @NOTE waiting for one of the host's connections does not count towards the receiver's timeout
    request.on('socket', () => {
      begins()
      timer = setTimeout(cut, Math.max(0, timeLeftMs))
    })
    request.on('error', (error) => {
      if (answer) return cut()
      const isStale = request.reusedSocket && isReset(error)
      end(isStale ? 'stale' : unanswered(error))
    })
    request.on('response', (response) => {
      answer = response
      let read = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk.subarray(0, readBytes - read))
        read += chunk.length
        if (read >= readBytes) cut()
      })
      response.on('end', () => end(answered(response, chunks)))
      response.on('error', cut)
    })
    request.end(push.body)
  })
}

const noAnswer = { status: null, response: null, retryAfter: undefined }
const brokenOff = { ...noAnswer, error: 'connection failed (ECONNRESET)' }

const isReset = (error: unknown) =>
  ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')

function answered(response: IncomingMessage, chunks: readonly Buffer[]): Ended {
  const text = Buffer.concat(chunks).toString('utf8')
  return {
    status: response.statusCode ?? null,
    error: null,
    // Characters that a database or a terminal cannot handle are removed.
    response: text
      .replace(/[^\P{Cc}\n\t]/gu, '')
      .slice(0, excerptLength)
      .toWellFormed(),
    retryAfter: response.headers['retry-after'],
  }
}

/** @NOTE the error's message may contain addresses of the internal network: only its code is shown */
function unanswered(error: unknown): Ended {
  return { ...noAnswer, error: wordsFor(error) }
}

function wordsFor(error: unknown): string {
  if (error instanceof Forbidden) return 'address not allowed'
  if (error instanceof LookupFailure)
    return error.kind === 'not_found' ? 'name not found' : 'name servers do not answer'
  const { code = '', message = '' } = error as NodeJS.ErrnoException
  // The agent's own refusal has no code.
  if (code === '' && message.includes('is not allowed')) return 'address not allowed'
  const named = /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : ''
  if (code.startsWith('HPE_')) return `invalid HTTP${named}`
  if (/TLS|SSL|CERT|EPROTO|ISSUER|SIGNATURE/.test(code)) return `TLS failed${named}`
  return `connection failed${named}`
}
