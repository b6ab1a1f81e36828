// What every kind of supplier with a webhook keeps, on a real server, with requests that are signed as its
// vendor signs them (test/supply/samples).
import { describe, expect, it } from 'vitest'
import { supplierKinds } from '../../src/supply/kinds.ts'
import { referenceOf } from '../harness/documented.ts'
import { sendRaw } from '../harness/raw.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { stateOf } from '../harness/state.ts'
import { allSamples } from '../supply/samples/all.ts'
import type { SampleRequest } from '../supply/samples/sample.ts'
import {
  addTestSupplier,
  pathOf,
  publicUrl,
  storedRequests,
  webhookOf,
} from '../supply/webhook-server.ts'

type Order = { id: string; phone: string; code: string | null; messages: { text: string }[] }

const sender = '+12015550188'
const text = 'Your WhatsApp code: 593-821'

const server = await testServer({ env: { NUMLET_PUBLIC_URL: publicUrl } })
const reference = await referenceOf(server)
const { key } = await testCustomer(server.db, { credit: '1000' })

const send = async (request: SampleRequest) => {
  const path = pathOf(request)
  const reply = await sendRaw(server, { ...request, path })
  reference.check(request.method, path, reply)
  return reply
}
const buy = async () =>
  (await call<Order>(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' }))
    .body
const read = async (id: string) => (await call<Order>(server, key, 'GET', `/v1/orders/${id}`)).body
const inRequests = () => storedRequests(server.db)

/** What a stranger could change: nothing, not even with a thousand requests. */
async function expectRefused(requests: readonly SampleRequest[]) {
  const before = [await stateOf(server.db), await inRequests()]
  for (const request of requests)
    expect(await send(request)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  expect([await stateOf(server.db), await inRequests()]).toEqual(before)
}

/** With one bit of one byte changed, at some places of the body. */
function damaged(request: SampleRequest): SampleRequest[] {
  const last = request.body.length - 1
  const places = [0, 0.13, 0.29, 0.41, 0.5, 0.68, 0.77, 0.91, 1].map((part) =>
    Math.floor(part * last),
  )
  return places.map((place) => {
    const body = Buffer.from(request.body)
    body[place] = (body[place] as number) ^ 1
    return { ...request, body }
  })
}

/** With another character in one of the headers that hold the signature. */
const withOtherSignatures = (request: SampleRequest, names: readonly string[]) =>
  names.map((name) => {
    const value = request.headers[name] as string
    const place = Math.floor(value.length / 2)
    const other = value[place] === 'A' ? 'B' : 'A'
    const changed = value.slice(0, place) + other + value.slice(place + 1)
    return { ...request, headers: { ...request.headers, [name]: changed } }
  })

/** Bodies that no vendor sends, of types that fit and that do not. */
function oddRequests(url: string, headers: Readonly<Record<string, string>>): SampleRequest[] {
  const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'odd', '']
  const bodies = ['', '{', '{"a":1}', 'a=1&a=2', '\u0000', '%', '[[[['].map((one) =>
    Buffer.from(one),
  )
  bodies.push(Buffer.from([0xff, 0xfe, 0x00]), Buffer.alloc(128 * 1024, '['))
  return types.flatMap((type) =>
    bodies.map((body) => ({
      ...{ method: 'POST' as const, body, url: url.replace(/\?.*/, '') },
      headers: { ...headers, 'content-type': type },
    })),
  )
}

/** Without the headers that hold the signature, or without the parameter. */
function unsigned({ headers, url, body, ...request }: SampleRequest, names: readonly string[]) {
  const without = (sent: string) => sent.replace(/"sig":"[^"]*",?|(?<=^|[?&])sig=[^&]*&?/g, '')
  if (names.length === 0)
    return [{ ...request, headers, url: without(url), body: Buffer.from(without(`${body}`)) }]
  return names.map((name) => ({
    ...request,
    ...{ url, body },
    headers: Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name)),
  }))
}

it('has a sample of every kind with a webhook', () => {
  const kinds = supplierKinds.filter(({ inbound }) => inbound !== null).map(({ name }) => name)
  expect([...new Set(allSamples.map(({ kind }) => kind.name))].sort()).toEqual(kinds.sort())
})

describe.each(allSamples.map((one, i) => [one.name, one, `s${i}`] as const))(
  '%s',
  async (_title, sample, name) => {
    await addTestSupplier(server.db, name, sample)
    await addTestSupplier(server.db, `${name}-other`, sample)
    let sent = 0
    const sign = (phone: string, to = name, now = server.app.now()) =>
      sample.request(webhookOf(to), now, { ref: `${name}-${++sent}`, phone, sender, text })

    it('reaches its order, once, and is acknowledged as the vendor expects', async () => {
      const { id, phone } = await buy()
      const request = await sign(phone)
      const aside = await inRequests()
      const { status, contentType, body } = sample.kind.inbound?.answer ?? expect.unreachable()
      for (let time = 0; time < 3; time++) {
        const reply = await send(request)
        expect([reply.status, reply.body]).toEqual([status, body])
        if (contentType !== null) expect(reply.headers.get('content-type')).toBe(contentType)
        server.advance(11)
      }
      expect(await read(id)).toMatchObject({ code: '593821', messages: [{ text }] })
      expect((await read(id)).messages).toHaveLength(1)
      expect(await inRequests()).toEqual(aside)
    })

    it('is refused with a byte changed, and with the signature for another URL', async () => {
      const { phone } = await buy()
      const request = await sign(phone)
      if (sample.covers.body) await expectRefused(damaged(request))
      if (sample.covers.url) {
        const url = request.url.replace(`/${name}`, `/${name}-other`)
        await expectRefused([{ ...request, url }])
      }
      await expectRefused(withOtherSignatures(request, sample.signatureHeaders))
    })

    it('is refused without a signature, and when it is too old', async () => {
      const { phone } = await buy()
      await expectRefused(unsigned(await sign(phone), sample.signatureHeaders))
      if (sample.maxAgeS === null) return
      const earlier = new Date(server.app.now().getTime() - (sample.maxAgeS + 5) * 1_000)
      await expectRefused([await sign(phone, name, earlier)])
    })

    it('is kept when its number is unknown', async () => {
      const phone = '+12015559876'
      expect((await send(await sign(phone))).status).toBe(sample.kind.inbound?.answer.status)
      const kept = await server.db.query<{ state: string }>(
        `select m.state from messages m join suppliers s on s.id = m.supplier_id
          where s.name = $1 and m.phone = $2`,
        [name, phone],
      )
      expect(kept).toEqual([{ state: 'unmatched' }])
    })

    it('never fails at odd bytes', async () => {
      const { url, headers } = await sign('+12015559876')
      const odd = oddRequests(url, headers)
      // Some signatures do not cover the body: then it is kept for the operator, or has no message.
      if (sample.covers.body) await expectRefused(odd)
      else
        for (const request of odd) expect([200, 204, 401]).toContain((await send(request)).status)
      const bare = odd.map((request) => ({ ...request, headers: {} }))
      await expectRefused(bare.slice(0, 9))
      const tooLarge = await sendRaw(server, {
        ...{ method: 'POST', path: pathOf({ url }), body: Buffer.alloc(128 * 1024 + 1, ' ') },
        headers,
      })
      expect(tooLarge.status).toBe(413)
    })
  },
)
