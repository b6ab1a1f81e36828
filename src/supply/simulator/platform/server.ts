// The simulated platform: a server of its own, for rehearsals and tests. It needs no database, and nothing
// but its command starts it.
import { timingSafeEqual } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hashOf } from '../../../core/accounts/key.ts'
import { answerTo } from './answers.ts'
import { type Market, type MarketTerms, openMarket, ordersAt } from './market.ts'
import { conductIn, misbehaviours } from './misbehaviour.ts'

export type SimulatedPlatform = {
  /** The URL for `suppliers add`, without misbehaviours. */
  readonly url: string
  readonly market: Market
  stop(): Promise<void>
}

const slowMs = 3_000
const busyS = 5
const garbage = '<html><body>We will be back soon.</body></html>'

/** Starts it on this machine alone. @param port 0: any free one */
export async function startPlatform(
  terms: MarketTerms,
  { port, key }: { readonly port: number; readonly key: string },
): Promise<SimulatedPlatform> {
  const market = openMarket(terms)
  const isKey = (given: string | null) => timingSafeEqual(hashOf(given ?? ''), hashOf(key))
  const server = createServer((request, response) => {
    // Nobody waits for what it has to say of a connection that is gone.
    response.on('error', () => undefined)
    carryOut(outcomeOf(market, isKey, request.url ?? '/'), response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    market,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Reply = {
  readonly status: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
  readonly afterMs?: number
}

/** What becomes of a request: it is answered, or is left open, or its connection is closed. */
type Outcome = Reply | 'open' | 'cut'

function outcomeOf(
  market: Market,
  isKey: (given: string | null) => boolean,
  target: string,
): Outcome {
  const url = URL.canParse(target, 'http://localhost') ? new URL(target, 'http://localhost') : null
  const conduct = url && conductIn(url.pathname)
  if (url === null || conduct === null)
    return { status: 404, text: `Misbehaviours: ${Object.keys(misbehaviours).join(', ')}\n` }
  const query = url.searchParams
  if (!isKey(query.get('api_key'))) return { status: 200, text: 'BAD_KEY' }
  if (conduct.has('broken')) return { status: 500, text: 'ERROR_SQL' }
  if (conduct.has('busy'))
    return { status: 429, text: '', headers: { 'retry-after': String(busyS) } }
  const before = ordersAt(market, conduct).length
  const answer = answerTo(market, query, conduct)
  if (conduct.has('hangs')) return 'open'
  if (conduct.has('loses') && ordersAt(market, conduct).length > before) return 'cut'
  return {
    status: 200,
    text: conduct.has('garbage') ? garbage : answer,
    afterMs: conduct.has('slow') ? slowMs : 0,
  }
}

function carryOut(outcome: Outcome, response: ServerResponse): void {
  if (outcome === 'cut') response.destroy()
  if (outcome === 'cut' || outcome === 'open') return
  const { status, text, headers = {}, afterMs = 0 } = outcome
  const type = text.startsWith('{') || text.startsWith('[') ? 'application/json' : 'text/plain'
  const send = () => {
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(text)
  }
  if (afterMs === 0) send()
  else setTimeout(send, afterMs).unref()
}
