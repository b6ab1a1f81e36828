// /openapi.json: correct, complete, and true of the running server.
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { buildServer } from '../../src/roles.ts'
import { isForAnybody, isForPeople, type Listed, referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

const hidden = [
  '/docs',
  '/docs/errors',
  '/docs/errors/{code}',
  '/docs/scalar.js',
  '/health/live',
  '/health/ready',
  '/metrics',
  '/openapi.json',
  '/',
  '/pay/{token}',
]

/** Calls of the native API that a session opens as well as a key. */
const takesSessions = (one: Listed) =>
  one.path.startsWith('/v1/') && 'key' in (one.security[0] ?? {})

/** Protocols without POST spend by GET: an Idempotency-Key goes with those, too. */
const getsThatSpend = [
  'fivesimBuyActivation',
  'fivesimBuyHosting',
  'fivesimReuse',
  'handlerApiGet',
  'handlerApiGetPhp',
  'handlerApiReserve',
]

/** What is answered with something else than JSON or plain text. */
const others: Readonly<Record<string, string>> = {
  receiveFromVendor: 'text/plain',
  receiveFromVendorByQuery: 'text/plain',
  receiveHint: 'text/plain',
  receiveHintByQuery: 'text/plain',
  getOrderQr: 'image/svg+xml',
  listOrdersAsCsv: 'text/csv',
  listTransactionsAsCsv: 'text/csv',
  getDepositInvoice: 'text/html',
  exportAccount: 'application/x-ndjson',
  streamEvents: 'text/event-stream',
  streamOrderEvents: 'text/event-stream',
}

/** What an operation's path must name for it to succeed. */
const subjectForm = /\{(?:id|number)\}/
/** Fields and parameters that name it. */
const subjectNames = ['order_id', 'ref']

describe('the OpenAPI document', async () => {
  const server = await testServer({
    env: { NUMLET_RATE_LIMIT: '1000', NUMLET_MIDTRANS_SERVER_KEY: 'SB-Mid-server-example' },
  })
  const reference = await referenceOf(server)
  const { document, operations } = reference

  it('is OpenAPI 3.1 by the judgement of a validator', async () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const result = await new Validator().validate(structuredClone(document))
    expect(result.errors ?? null).toBeNull()
    expect(result.valid).toBe(true)
  })

  it('has each component once, under its plain name, and none that nothing uses', () => {
    const names = Object.keys(document.components.schemas as object)
    expect(names.filter((name) => /Input$|Output$|\d$|^def-/.test(name))).toEqual([])
    const text = JSON.stringify(document)
    for (const name of names) expect(text).toContain(`"#/components/schemas/${name}"`)
    const used = [...text.matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)]
    for (const [, kind, name] of used)
      expect(document.components[kind as string]).toHaveProperty([name as string])
  })

  it('describes every operation, parameter, answer and header', () => {
    const ids = operations.map((one) => one.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = document.tags.map((tag) => tag.name)
    for (const one of operations) {
      const what = `${one.method} ${one.path}`
      expect(one.operationId, what).toMatch(/^[a-z][A-Za-z0-9]+$/)
      expect(one.summary, what).toBeTruthy()
      expect(one.tags, what).toHaveLength(1)
      expect(tags).toContain(one.tags[0])
      expect(one.security, what).toHaveLength(takesSessions(one) ? 2 : 1)
      if (takesSessions(one)) expect(one.security[1], what).toEqual({ session: [] })
      for (const parameter of one.parameters ?? [])
        if (!parameter.$ref) expect(parameter.description, `${what} ${parameter.name}`).toBeTruthy()
      for (const [status, answer] of Object.entries(one.responses)) {
        expect(answer.description, `${what} ${status}`).not.toMatch(/^$|Default Response/)
        expect(Object.keys(answer.headers)).toContain('X-Request-Id')
        const [type] = Object.keys(answer.content)
        const isProblem = Number(status) >= 400 && /^\/(?:v1|api)\//.test(one.path)
        const isBare = one.path.startsWith('/stubs/')
        if (status === '204') {
          expect(answer.content ?? {}, what).toEqual({})
          continue
        }
        const isText = isBare || (Number(status) >= 400 && one.path.startsWith('/fivesim/'))
        const ofSuccess = Number(status) === 200 ? others[one.operationId] : undefined
        const plain = isText ? 'text/plain' : (ofSuccess ?? 'application/json')
        expect(type, what).toBe(isProblem ? 'application/problem+json' : plain)
      }
      const posts = one.method === 'POST' && !one.path.startsWith('/api/') && !isForPeople(one)
      const takesKey = one.parameters?.some((it) => it.$ref?.endsWith('/IdempotencyKey')) ?? false
      expect(takesKey, what).toBe(posts || getsThatSpend.includes(one.operationId))
    }
  })

  it('has examples that are what their schemas say', () => {
    const webhooks = Object.values(document.webhooks).map(({ post }) => post)
    for (const one of [...operations, ...webhooks]) {
      const media = [
        ...Object.entries(one.requestBody?.content ?? {}).map(([, it]) => ['request', it] as const),
        ...Object.entries(one.responses).flatMap(([status, answer]) =>
          Object.values(answer.content ?? {}).map((it) => [status, it] as const),
        ),
      ]
      for (const [place, { schema, examples }] of media) {
        expect(Object.keys(examples).length, `${one.operationId} ${place}`).toBeGreaterThan(0)
        for (const [name, example] of Object.entries(examples))
          reference.checkValue(schema, example.value, `${one.operationId} ${place} ${name}`)
      }
    }
  })

  it('names all routes of the server, and no others', async () => {
    const routes: string[] = []
    const other = buildServer(server.app)
    other.addHook('onRoute', (route) => {
      for (const method of [route.method].flat())
        if (method !== 'HEAD' && method !== 'OPTIONS') routes.push(`${method} ${route.url}`)
    })
    await other.ready()
    await other.close()
    const documented = operations.map((one) => `${one.method} ${one.path}`)
    expect(
      routes
        .map((route) => route.replace(/:([^/]+)/g, '{$1}'))
        .filter((route) => !hidden.includes(route.slice(route.indexOf(' ') + 1)))
        .sort(),
    ).toEqual(documented.sort())
  })

  describe('is true of the running server:', async () => {
    const { key } = await testCustomer(server.db)
    const { key: handlerKey } = await testCustomer(server.db, { scopes: ['handler-api'] })
    const { key: rupiahKey } = await testCustomer(server.db, { currency: 'IDR' })
    const { secret } = await testSupplier(server.db, 'documented')

    const buy = async () => {
      const { body } = await call<{ id: string; phone: string }>(
        server,
        key,
        'POST',
        '/v1/orders',
        { service: 'whatsapp', country: 'US' },
      )
      return body
    }
    const sendTo = (number: string) =>
      call(server, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message: { number, sender: 'WhatsApp', sms: 'Your WhatsApp code: 593-821' },
      })
    const withCode = async () => {
      const { id, phone } = await buy()
      await sendTo(phone)
      return id
    }
    const withLateCode = async () => {
      const { id, phone } = await buy()
      server.advance(121)
      await call(server, key, 'POST', `/v1/orders/${id}/cancel`)
      await sendTo(phone)
      return id
    }
    const rented = async () => {
      const path = '/smsverificationservice/api/v1/order/rental'
      const body = { service: 'WhatsApp', duration: 3 }
      return String((await call(server, key, 'POST', path, body)).body.order_id)
    }
    const newKey = async () =>
      (await call<{ id: string }>(server, key, 'POST', '/v1/keys', {})).body.id
    const newPin = async () => {
      const pin = { service: 'whatsapp', country: 'US' }
      return (await call<{ id: string }>(server, key, 'POST', '/v1/pins', pin)).body.id
    }
    const pastCooldown = async () => {
      const { id } = await buy()
      server.advance(121)
      return id
    }
    const usedNumber = async () => {
      const finish = `/v1/orders/${await withCode()}/finish`
      const { body } = await call<{ phone: string }>(server, key, 'POST', finish)
      return body.phone.slice(1)
    }
    const order = async (body: object) =>
      (await call<{ id: string; email: string }>(server, key, 'POST', '/v1/orders', body)).body
    const inboxWithMail = async () => {
      const { id, email } = await order({ kind: 'email', site: 'example.com' })
      const mail = {
        ref: id,
        address: email,
        sender: 'a@example.com',
        subject: 'Hello',
        html: null,
      }
      await server.app.messages.receiveMail(server.app.now(), {
        ...mail,
        text: 'Your code: 593821',
      })
      return id
    }
    const finished = async () => {
      const id = await withCode()
      await call(server, key, 'POST', `/v1/orders/${id}/finish`)
      return id
    }
    const esim = async () => (await order({ kind: 'esim', plan: 'USA 1GB / 7 days' })).id
    const deposit = async () => {
      const path = '/otpzap/api/v1/topup/create'
      const { body } = await call<{ data: { order_id: string } }>(server, rupiahKey, 'POST', path, {
        amount: 50_000,
      })
      return body.data.order_id
    }
    const nativeDeposit = async () =>
      (await call<{ id: string }>(server, key, 'POST', '/v1/deposits', { amount: 5 })).body.id
    const webhook = async () => {
      const body = { url: 'https://example.com/', events: ['*'] }
      await call(server, key, 'PATCH', '/otpzap/api/v1/webhook/update', body)
      return ''
    }
    const paidDeposit = async () => {
      const path = '/v1/deposits'
      const made = { amount: 5, gateway: 'sandbox' }
      const { body } = await call<{ id: string; payment_url: string }>(
        server,
        key,
        'POST',
        path,
        made,
      )
      await fetch(`${server.url}${new URL(body.payment_url).pathname}`, { method: 'POST' })
      return body.id
    }
    const nativeWebhook = async () => {
      const body = { url: 'https://example.com/', events: ['*'] }
      return (await call<{ id: string }>(server, key, 'POST', '/v1/webhooks', body)).body.id
    }
    /** Two ids: of the endpoint and of the delivery. */
    const delivery = async () => {
      const id = await nativeWebhook()
      const path = `/v1/webhooks/${id}/test`
      return `${id} ${(await call<{ id: string }>(server, key, 'POST', path)).body.id}`
    }
    /** What an operation's `{id}`, or its field `order_id` or `ref`, must be for its documented success. */
    const subjects: Record<string, () => Promise<string>> = {
      getOrder: withCode,
      updateOrder: withCode,
      cancelOrder: pastCooldown,
      finishOrder: withCode,
      resendOrder: withCode,
      replaceOrder: async () => (await buy()).id,
      reorderOrder: inboxWithMail,
      renewOrder: rented,
      claimOrder: withLateCode,
      repeatOrder: finished,
      getOrderQr: esim,
      streamOrderEvents: withCode,
      revokeKey: newKey,
      changeKey: newKey,
      deletePin: newPin,
      getWebhook: nativeWebhook,
      changeWebhook: nativeWebhook,
      deleteWebhook: nativeWebhook,
      rotateWebhookSecret: nativeWebhook,
      testWebhook: nativeWebhook,
      replayWebhook: nativeWebhook,
      listWebhookDeliveries: delivery,
      getWebhookDelivery: delivery,
      replayWebhookDelivery: delivery,
      getDeposit: nativeDeposit,
      getDepositInvoice: paidDeposit,
      updateDeposit: nativeDeposit,
      payDeposit: nativeDeposit,
      whichotpGetOrder: withCode,
      whichotpCancel: pastCooldown,
      smsVerificationServiceGetStatus: withCode,
      smsVerificationServiceCancel: pastCooldown,
      smsVerificationServiceRenew: rented,
      fivesimCheck: withCode,
      fivesimInbox: withCode,
      fivesimFinish: withCode,
      fivesimCancel: pastCooldown,
      fivesimBan: pastCooldown,
      fivesimReuse: usedNumber,
      otpzapCheckOrder: withCode,
      otpzapCancelOrder: pastCooldown,
      otpzapFinishOrder: withCode,
      otpzapResendOrder: withCode,
      otpzapReplaceOrder: async () => (await buy()).id,
      otpzapCheckInbox: inboxWithMail,
      otpzapReorderInbox: inboxWithMail,
      otpzapCancelInbox: async () => (await order({ kind: 'email', site: 'example.com' })).id,
      otpzapFinishInbox: inboxWithMail,
      otpzapCheckTopup: deposit,
      otpzapGetWebhook: webhook,
      otpwallGetActivation: withCode,
      otpwallChangeActivation: withCode,
      zapotpGetSms: withCode,
      zapotpGetSmsPhp: withCode,
      zapotpRent: pastCooldown,
      zapotpRentPhp: pastCooldown,
      zapotpCancel: pastCooldown,
      zapotpCancelPhp: pastCooldown,
    }
    /** Parameters whose example would change what is found: pages are walked in native.test.ts. */
    const unsent = ['cursor', 'phone', 'q']

    const urlOf = (one: Listed, subject: string | undefined) => {
      if (subjectForm.test(one.path)) expect(subject).toBeDefined()
      const [first = '', second] = subject?.split(' ') ?? []
      let path = one.path.replace(subjectForm, first)
      const query = new URLSearchParams()
      for (const it of one.parameters ?? [])
        if (it.in === 'query' && !unsent.includes(it.name)) {
          const examples = (it.schema as { examples?: unknown[] }).examples
          const example = it.example ?? examples?.[0]
          const value = subjectNames.includes(it.name) ? (subject ?? example) : example
          if (value !== undefined) query.set(it.name, String(value))
        } else if (it.in === 'path') {
          const examples = (it.schema as { examples?: unknown[] }).examples
          const value = second ?? it.example ?? examples?.[0]
          path = path.replace(`{${it.name}}`, String(value))
        }
      return `${path}?${query}`
    }

    /** An example, about the order that is there. */
    const aboutSubject = (body: unknown, subject: string | undefined) => {
      const name = subjectNames.find((one) => Object.hasOwn(Object(body), one))
      return subject !== undefined && name !== undefined
        ? { ...(body as object), [name]: subject }
        : body
    }

    // Only a vendor can sign its requests: test/conformance/supplier.test.ts. Hints are never refused:
    // test/supply/upstream/hints.test.ts. People have no key: test/people
    const ours = operations.filter(
      (one) => !/^receive(?:FromVendor|Hint)/.test(one.operationId) && !isForPeople(one),
    )

    it.each(ours.map((one) => [one.operationId, one] as const))('%s', async (_id, one) => {
      const isBare = one.path.startsWith('/stubs/')
      const isInRupiah = one.path.startsWith('/otpzap/api/v1/topup/')
      const own = isBare ? handlerKey : isInRupiah ? rupiahKey : key
      const bearer = 'supplierSecret' in (one.security[0] ?? {}) ? secret : own
      const examples = Object.values(one.requestBody?.content['application/json']?.examples ?? {})
      for (const body of examples.length > 0 ? examples.map((it) => it.value) : [undefined]) {
        const subject = await subjects[one.operationId]?.()
        const url = urlOf(one, subject)
        const sent = aboutSubject(body, subject)
        const reply = isStream(one)
          ? await beginning(`${server.url}${url}`, bearer)
          : await call<unknown>(server, bearer, one.method, url, sent)
        expect(`${reply.status} ${JSON.stringify(reply.body)}`).toMatch(/^20[014] /)
        reference.check(one.method, one.path, reply)
      }
      if (isForAnybody(one)) return
      const url = one.path.replace(subjectForm, 'ord_00000000000')
      const refused = await call<unknown>(server, 'nonsense', one.method, url, examples[0]?.value)
      expect(refused.status).toBe(isBare ? 200 : 401)
      if (isBare) expect(refused.body).toBe('BAD_KEY')
      reference.check(one.method, url, refused)
    })
  })
})

const isStream = (one: Listed) =>
  Object.hasOwn(one.responses[200]?.content ?? {}, 'text/event-stream')

/** What a stream answers with, and the first it says. */
async function beginning(url: string, key: string) {
  const gone = new AbortController()
  const headers = { authorization: `Bearer ${key}` }
  const response = await fetch(url, { headers, signal: gone.signal })
  const { value } = (await response.body?.getReader().read()) ?? {}
  gone.abort()
  const body: unknown = Buffer.from(value ?? []).toString()
  return { status: response.status, headers: response.headers, body }
}
