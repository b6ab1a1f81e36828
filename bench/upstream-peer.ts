// The platform of the benchmark `upstream`: by each of three wires it shows the same orders, which all wait
// for their message, it counts what it is asked, and knows when it has last shown each of them.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Peer = {
  readonly url: string
  /** How many requests it had so far. */
  requests(): number
  /** How many seconds ago each order was last shown; infinite: not since `forget`. */
  ages(): Float64Array
  /** As if it had shown none yet. */
  forget(): void
  stop(): void
}

/** Tells that an order is shown. */
type Show = (id: number) => void

const keepAliveMs = 15_000
const ends = () => new Date(Date.now() + 20 * 60_000).toISOString()

/** @param count the ids of its orders are 1 to this number */
export async function openPeer(count: number): Promise<Peer> {
  let requests = 0
  const shownAt = new Float64Array(count).fill(Number.NEGATIVE_INFINITY)
  const show: Show = (id) => {
    shownAt[id - 1] = performance.now()
  }
  const server = createServer((request, response) => {
    requests++
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname.endsWith('/v1/events')) follow(response)
    else response.end(answerTo(url, count, show))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    ages() {
      const now = performance.now()
      return shownAt.map((at) => (now - at) / 1000)
    },
    forget: () => void shownAt.fill(Number.NEGATIVE_INFINITY),
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A stream on which nothing happens. */
function follow(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': here\n\n')
  const timer = setInterval(() => response.write(': here\n\n'), keepAliveMs)
  response.once('close', () => clearInterval(timer))
}

export const phoneOf = (id: number): string => `4470${String(id).padStart(8, '0')}`

function answerTo({ pathname: path, searchParams: query }: URL, count: number, show: Show): string {
  const asked = { query, count, show }
  if (path.startsWith('/v1')) return numletAnswer(path, asked)
  return path.startsWith('/user') ? fivesimAnswer(path, asked) : familyAnswer(asked)
}

type Asked = { readonly query: URLSearchParams; readonly count: number; readonly show: Show }

/** The ids of a page, the newest first. */
function page({ query, count, show }: Asked, name: string): number[] {
  const start = Number(query.get(name) ?? 0)
  const length = Math.min(Number(query.get('limit') ?? 100), Math.max(0, count - start))
  const ids = Array.from({ length }, (_, place) => count - start - place)
  ids.forEach(show)
  return ids
}

function familyAnswer(asked: Asked): string {
  const { query, show } = asked
  if (query.get('action') === 'getBalance') return 'ACCESS_BALANCE:100000.00'
  if (query.get('action') === 'getStatus') {
    show(Number(query.get('id')))
    return 'STATUS_WAIT_CODE'
  }
  const entries = page(asked, 'start').map((id) => ({
    ...{ activationId: id, phoneNumber: phoneOf(id), serviceCode: 'tg', countryCode: '16' },
    ...{ activationStatus: '4', smsCode: null, activationEndTime: ends() },
  }))
  return entries.length === 0 ? 'NO_ACTIVATIONS' : JSON.stringify({ activeActivations: entries })
}

function fivesimAnswer(path: string, asked: Asked): string {
  const order = (id: number) => ({
    ...{ id, phone: `+${phoneOf(id)}`, product: 'telegram', country: 'england', operator: 'any' },
    ...{ status: 'PENDING', sms: [], price: 0.01, expires: ends() },
  })
  if (path === '/user/profile') return JSON.stringify({ balance: 100_000 })
  if (path.startsWith('/user/check/')) return JSON.stringify(order(shownIn(path, asked)))
  return JSON.stringify({ Data: page(asked, 'offset').map(order), Total: asked.count })
}

function numletAnswer(path: string, asked: Asked): string {
  const { query, count } = asked
  const order = (id: number) => ({
    ...{ id: String(id), phone: `+${phoneOf(id)}`, service: 'telegram', country: 'GB' },
    ...{ state: 'waiting', messages: [], price: '0.0100', currency: 'USD', expires_at: ends() },
  })
  if (path === '/v1/balance') return JSON.stringify({ balance: '100000.00', currency: 'USD' })
  if (path !== '/v1/orders') return JSON.stringify(order(shownIn(path, asked)))
  if (query.get('state') !== 'waiting') return JSON.stringify({ data: [], next_cursor: null })
  const data = page(asked, 'cursor').map(order)
  const next = Number(query.get('cursor') ?? 0) + data.length
  return JSON.stringify({ data, next_cursor: next < count ? String(next) : null })
}

/** The order that a path ends in. */
function shownIn(path: string, { show }: Asked): number {
  const id = Number(path.slice(path.lastIndexOf('/') + 1))
  show(id)
  return id
}
