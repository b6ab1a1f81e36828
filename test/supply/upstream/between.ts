// A Numlet as the supplier of another, with something faulty between them: real requests over a real wire,
// which loses, delays, repeats or changes what a test tells it to.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import type { App } from '../../../src/app.ts'
import { createWithoutSecret } from '../../../src/core/inventory/suppliers.ts'
import { productText } from '../../../src/core/supply/product.ts'
import { putSources } from '../../../src/core/supply/sources.ts'
import type { Database } from '../../../src/db/database.ts'
import { fivesimKind } from '../../../src/supply/fivesim/kind.ts'
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import { call, type TestServer, testCustomer, testSupplier } from '../../harness/server.ts'
import { supplyEngine } from './engines.ts'

const kinds = [numletKind, handlerApiKind, fivesimKind]
const any = { operator: null, pool: null }

/** The three APIs by which another Numlet can be asked for WhatsApp in Great Britain. */
export const apis = [
  {
    ...{ kind: 'numlet', path: '', settings: {} as Record<string, string>, isKeyed: true },
    product: { service: 'whatsapp', country: 'GB', ...any },
  },
  {
    ...{ kind: 'handler-api', path: '/stubs/handler_api.php', isKeyed: true },
    settings: { profile: 'vanilla' } as Record<string, string>,
    product: { service: 'wa', country: '16', ...any },
  },
  {
    ...{ kind: 'fivesim', path: '/fivesim/v1', isKeyed: false },
    settings: { profile: 'vanilla' } as Record<string, string>,
    product: { service: 'whatsapp', country: 'england', ...any },
  },
] as const
export type Api = (typeof apis)[number]

/** What a request is for, by its path and its query. */
export type Asked = 'ask' | 'renew' | 'cancel' | 'finish' | 'resend' | 'list' | 'read'

const patterns: readonly (readonly [RegExp, Asked])[] = [
  [/^POST .*\/v1\/orders(?:\?|$)|action=get(?:Rent)?Number|\/user\/buy\//, 'ask'],
  [/\/renew$/, 'renew'],
  [/\/repeat$|action=getExtraActivation|\/user\/reuse\//, 'ask'],
  [/\/cancel(?:\/|$)|action=setStatus.*status=8|action=setRentStatus.*status=2/, 'cancel'],
  [/\/finish(?:\/|$)|action=setStatus.*status=6|action=setRentStatus.*status=1/, 'finish'],
  [/\/resend(?:\/|$)|action=setStatus.*status=3/, 'resend'],
  [/^GET .*\/v1\/orders\?|action=getActiveActivations|action=getRentList|\/user\/orders/, 'list'],
]

export const askedBy = (method: string, url: string): Asked =>
  patterns.find(([pattern]) => pattern.test(`${method} ${url}`))?.[1] ?? 'read'

export type Fault =
  | 'none'
  /** The other side never sees it. */
  | 'lose request'
  /** The other side has done it, and its answer is lost. */
  | 'lose answer'
  /** The other side has done it, and nothing comes back until the caller gives up. */
  | 'hang'
  /** The other side gets it twice, one after the other. */
  | 'twice'
  /** The answer to an earlier ask, which brought a number, comes back: the other side never sees this one. */
  | 'replay'
  /** The answer says a thousand times the price. */
  | 'dear'
  /** The answer has no number yet. */
  | 'no number'

type Answer = { readonly status: number; readonly type: string; readonly body: string }

const hasPhone = /44\d{10}/

/** Chooses what is done to a request. */
export type Faults = (asked: Asked, request: IncomingMessage) => Fault | Promise<Fault>

/** Something between us and another server. */
export async function faultyProxy(target: string) {
  let faults: Faults = () => 'none'
  const last = new Map<Asked, Answer>()
  const seen: Asked[] = []
  const done: Asked[] = []
  let hanging: Promise<unknown> = Promise.resolve()
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const asked = askedBy(request.method ?? '', request.url ?? '')
    seen.push(asked)
    const fault = await faults(asked, request)
    // Whoever has given up, and asks again, asks somebody who has done it by now.
    await hanging
    if (fault === 'lose request') return void response.destroy()
    const earlier = fault === 'replay' ? last.get(asked) : undefined
    if (earlier) return reply(response, earlier)
    const pass = () => passOn(target, request, Buffer.concat(parts))
    if (fault === 'twice') await pass()
    const passed = pass()
    if (fault === 'hang') hanging = passed
    const answer = await passed
    done.push(asked)
    if (fault === 'hang') return
    // A Numlet that does not know the first form of a request says so, and is asked in another.
    if (fault === 'lose answer' && answer.status !== 422) return void response.destroy()
    if (asked === 'ask' && hasPhone.test(answer.body)) last.set(asked, answer)
    reply(response, changed(fault, answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    /** What was asked for, in its order. */
    seen,
    /** What the other side has done, in its order. */
    done,
    canReplay: (asked: Asked) => last.has(asked),
    set(to: Fault | Faults) {
      faults = typeof to === 'function' ? to : () => to
    },
  }
}
export type FaultyProxy = Awaited<ReturnType<typeof faultyProxy>>

async function passOn(target: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const { host: _, connection: __, ...headers } = request.headers
  const answer = await fetch(`${target}${request.url}`, {
    method: request.method ?? 'GET',
    ...(request.method === 'GET' ? {} : { body: new Uint8Array(body) }),
    headers: headers as Record<string, string>,
  })
  const type = answer.headers.get('content-type') ?? ''
  return { status: answer.status, type, body: await answer.text() }
}

function reply(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type })
  response.end(body)
}

function changed(fault: Fault, { body, ...answer }: Answer): Answer {
  if (fault === 'no number')
    return { ...answer, body: body.replace(/"(phone|phoneNumber)":"[^"]*"/g, '"$1":null') }
  if (fault !== 'dear') return { ...answer, body }
  const dear = body.replace(
    /"(price|activationCost)":("?)([0-9.]+)/g,
    (_all, name, quote, price) => `"${name}":${quote}${(Number(price) * 1000).toFixed(4)}`,
  )
  return { ...answer, body: dear }
}

/** A customer's account at another Numlet, for us. */
export async function accountAt(theirs: Pick<TestServer, 'db'>, api: Api, credit = '100') {
  const scopes = api.kind === 'handler-api' ? ['handler-api'] : undefined
  const { key, accountId } = await testCustomer(theirs.db, { credit, scopes })
  const orders = () =>
    theirs.db.query<{ id: bigint; state: string; phone: string | null }>(
      'select id, state, phone from orders where account_id = $1 order by id',
      [accountId],
    )
  return { key, accountId, orders }
}

/** Who sends messages to the numbers of a Numlet. */
export async function senderAt(theirs: Pick<TestServer, 'db' | 'url'>) {
  const { secret, supplierId } = await testSupplier(theirs.db, `texts-${++made}`)
  /** @param id by which a message that is sent more than once is one */
  const send = (number: string, sms: string, id?: string) =>
    call(theirs, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { id, number, sender: 'WhatsApp', sms },
    })
  return { send, supplierId }
}

let made = 0

/** Adds a Numlet as a supplier of an offer, by one of its APIs. @param url of the Numlet, or of a proxy */
export async function addNumlet(
  db: Database,
  now: Date,
  to: { api: Api; url: string; key: string; offerId: number; cost?: bigint; stock?: number },
): Promise<{ supplierId: number; name: string; show(now: Date, stock: number): Promise<void> }> {
  const { api, url, key, offerId, cost = 5_000n, stock = 1_000 } = to
  const name = `numlet-${++made}`
  const { id } = await createWithoutSecret(
    db,
    { name, kind: api.kind },
    {
      // Its rate is not what is tested, but where a test says so.
      config: { rate_per_s: '1000', ...api.settings, url: `${url}${api.path}`, currency: 'USD' },
      secrets: { api_key: `plain:${key}` },
    },
  )
  await db.query(`update suppliers set currency = 'USD' where id = $1`, [id])
  const product = productText(api.product) as string
  const show = (at: Date, shown: number) =>
    db.begin((tx) => putSources(tx, at, [{ offerId, supplierId: id, product, cost, stock: shown }]))
  await show(now, stock)
  return { supplierId: id, name, show }
}

export const engineOf = (app: App) =>
  supplyEngine(app, (name) => kinds.find((kind) => kind.name === name))
