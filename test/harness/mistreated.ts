// A server for invalid requests, and the checks of its responses.
import { afterAll, expect } from 'vitest'
import { expectCleanAudit } from '../promises/market.ts'
import { type Listed, type Reference, referenceOf } from './documented.ts'
import { type RawRequest, sendRaw } from './raw.ts'
import {
  call,
  type Reply,
  type TestServer,
  testCustomer,
  testServer,
  testSupplier,
} from './server.ts'
import { stateOf } from './state.ts'

/** A request that must be refused, with one of these statuses if they are given. */
type Refusable = { readonly raw: RawRequest; readonly statuses?: readonly number[] | undefined }

/** The state is read once for each so many. */
const requestsAtOnce = 24

export type Mistreated = {
  readonly server: TestServer
  readonly reference: Reference
  readonly key: string
  /** An open order of the key's account. */
  readonly orderId: string
  /** An operation's path with that order in it. */
  pathOf(one: Listed): string
  /** Sends a request, and fails unless it is refused as documented and nothing has changed. */
  refused(raw: RawRequest, statuses?: readonly number[]): Promise<Reply<unknown>>
  /** Does so with many requests, some at a time: all of them together have changed nothing. */
  allRefused(requests: readonly Refusable[]): Promise<Reply<unknown>[]>
  /** Sends requests that may be accepted or not, some at a time. The responses must be documented ones. */
  tolerated(...requests: readonly RawRequest[]): Promise<void>
}

export async function mistreatedServer(): Promise<Mistreated> {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { key } = await testCustomer(server.db)
  const { secret } = await testSupplier(server.db, 'careless')
  const { body: order } = await call<{ id: string }>(server, key, 'POST', '/v1/orders', {
    service: 'whatsapp',
    country: 'US',
  })
  const send = (raw: RawRequest) =>
    sendRaw(server, { key: raw.path.startsWith('/api/') ? secret : key, ...raw })
  // After a refused request the state is known until a request is tolerated.
  let state: Record<string, unknown> | null = null
  afterAll(() => expectCleanAudit(server.db))
  const expectRefusal = ({ raw, statuses }: Refusable, reply: Reply<unknown>) => {
    const what = inShort(raw)
    expect(reply.status, `${what}: ${JSON.stringify(reply.body)}`).toBeLessThan(500)
    const isBare = refusesWith200.test(raw.path) && reply.status === 200
    if (!isBare) expect(reply.status, what).toBeGreaterThanOrEqual(400)
    if (statuses && !isBare) expect(statuses, `${what}: ${reply.status}`).toContain(reply.status)
    reference.check(raw.method, raw.path, reply)
    expectShape(raw, reply.body)
  }
  const refuse = async (requests: readonly Refusable[]) => {
    const before = state ?? (await stateOf(server.db))
    const replies = await Promise.all(requests.map(({ raw }) => send(raw)))
    for (const [i, request] of requests.entries())
      expectRefusal(request, replies[i] as Reply<unknown>)
    state = await stateOf(server.db)
    expect(state, requests.map(({ raw }) => inShort(raw)).join('\n')).toEqual(before)
    return replies
  }
  const tolerate = async (raw: RawRequest) => {
    const reply = await send(raw)
    expect(reply.status, `${raw.path} ${JSON.stringify(reply.body)}`).toBeLessThan(500)
    reference.check(raw.method, raw.path, reply)
  }
  return {
    server,
    reference,
    key,
    orderId: order.id,
    pathOf: (one) => one.path.replace('{id}', order.id),
    async refused(raw, statuses) {
      const [reply] = await refuse([{ raw, statuses }])
      return reply as Reply<unknown>
    },
    async allRefused(requests) {
      const replies: Reply<unknown>[] = []
      for (let from = 0; from < requests.length; from += requestsAtOnce)
        replies.push(...(await refuse(requests.slice(from, from + requestsAtOnce))))
      return replies
    },
    async tolerated(...requests) {
      state = null
      for (let from = 0; from < requests.length; from += requestsAtOnce)
        await Promise.all(requests.slice(from, from + requestsAtOnce).map(tolerate))
    },
  }
}

const inShort = ({ method, path, body }: RawRequest) =>
  `${method} ${path.slice(0, 100)} ${String(body).slice(0, 100)}`

/** The fields of each dialect's failures. All others use problem details. */
const failureFields: Readonly<Record<string, readonly string[]>> = {
  whichotp: ['error', 'success message errors'],
  otpwall: ['error'],
  otpzap: ['success message error'],
  zapotp: ['status message'],
  smsverificationservice: ['error', 'success error'],
}

/** Dialects whose failures are plain text. */
const inPlainText = ['/fivesim', '/stubs']

/** Most refusals here are bare words with status 200. */
const refusesWith200 = /^\/stubs\/(?:handler_api\b|multi\/)/

function expectShape({ method, path }: RawRequest, body: unknown) {
  if (method === 'HEAD') return
  if (inPlainText.some((place) => path.startsWith(place))) {
    expect(body).toBeTypeOf('string')
    if (refusesWith200.test(path)) expect(body).toMatch(/^(?!ACCESS|STATUS|FULL)[A-Z_]+$/)
    return
  }
  const fields = failureFields[path.split(/[/?]/)[1] ?? '']
  if (fields) expect(fields).toContain(Object.keys(body as object).join(' '))
  else expect(body).toMatchObject({ type: expect.stringMatching(/\/docs\/errors\/[a-z_]+$/) })
}
