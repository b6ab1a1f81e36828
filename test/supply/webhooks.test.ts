// GET and POST /api/supply/NAME: who may send, what is stored, and what is kept for the operator.
import { describe, expect, it } from 'vitest'
import { reportOn } from '../../src/core/inbound/activity.ts'
import { forgetRequests, listAside } from '../../src/core/inbound/requests.ts'
import { createSupplier } from '../../src/core/inventory/suppliers.ts'
import {
  changeSupplier,
  readRequest,
  rekeySuppliers,
  rereadRequests,
  setSupplier,
} from '../../src/core/operating/suppliers.ts'
import { twilioKind } from '../../src/supply/twilio/kind.ts'
import { vonageKind } from '../../src/supply/vonage/kind.ts'
import { referenceOf } from '../harness/documented.ts'
import { sendRaw } from '../harness/raw.ts'
import { serverOn, type TestServer, testServer } from '../harness/server.ts'
import { stateOf } from '../harness/state.ts'
import type { SampleRequest } from './samples/sample.ts'
import { authToken, form as twilio } from './samples/twilio.ts'
import { secret, withToken } from './samples/vonage.ts'
import {
  addTestSupplier,
  pathOf,
  publicUrl,
  storedRequests,
  testKeeper,
  webhookOf,
} from './webhook-server.ts'

const by = { actor: 'tester', reason: null }
const sender = '+12015550188'
const phone = '+12015550107'

describe('a webhook of a supplier', async () => {
  const env = { NUMLET_PUBLIC_URL: publicUrl }
  const server = await testServer({ env })
  const { db, app } = server
  const reference = await referenceOf(server)
  const { id: supplierId } = await addTestSupplier(db, 'twilio', twilio)
  const vonage = { kind: vonageKind, settings: { signature_secret: secret } }
  const { id: vonageId } = await addTestSupplier(db, 'vonage', vonage)
  let sent = 0

  const sign = (text: string, ref = `SM${++sent}`, token = authToken, to = 'twilio') =>
    token === authToken
      ? twilio.request(webhookOf(to), app.now(), { ref, phone, sender, text })
      : signedWith(token, to, { ref, text })
  const signedWith = async (token: string, to: string, { ref = '', text = '' }) => {
    const { getExpectedTwilioSignature } = await import('twilio/lib/webhooks/webhooks.js')
    const fields = { MessageSid: ref, From: sender, To: phone, Body: text }
    const url = webhookOf(to)
    return {
      ...{ method: 'POST' as const, url, body: Buffer.from(`${new URLSearchParams(fields)}`) },
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': getExpectedTwilioSignature(token, url, fields),
      },
    }
  }
  const send = async (request: SampleRequest, on: TestServer = server) => {
    const reply = await sendRaw(on, { ...request, path: pathOf(request) })
    reference.check(request.method, pathOf(request), reply)
    return reply
  }
  const texts = async () =>
    (
      await db.query<{ text: string }>(
        'select text from messages where supplier_id = any($1) order by id',
        [[supplierId, vonageId]],
      )
    ).map((row) => row.text)
  const nothingOf = (name: string) => ({
    ...{ method: 'POST' as const, url: webhookOf(name), headers: {}, body: Buffer.from('a=1') },
  })
  /** A request that is signed, and has no message in it. */
  const odd = (body = '{"channel":"sms"}') =>
    withToken(webhookOf('vonage'), app.now(), Buffer.from(body))

  it('takes two equal texts with different ids as two, unless they come within seconds', async () => {
    expect((await send(await sign('code 111-222'))).status).toBe(200)
    expect((await send(await sign('code 111-222'))).status).toBe(200)
    server.advance(11)
    expect((await send(await sign('code 111-222'))).status).toBe(200)
    const rows = await db.query<{ state: string }>(
      'select state from messages where supplier_id = $1 order by id',
      [supplierId],
    )
    expect(rows.map(({ state }) => state)).toEqual(['unmatched', 'repeat', 'unmatched'])
  })

  it('keeps messages apart whose long ids differ only at their ends', async () => {
    const before = (await texts()).length
    for (const end of ['1', '2', '2'])
      await send(await sign(`long id ${end}`, `SM${'0'.repeat(300)}${end}`))
    expect((await texts()).slice(before)).toEqual(['long id 1', 'long id 2'])
  })

  it('is not there for unknown suppliers, and those of other kinds', async () => {
    await createSupplier(db, { name: 'posting', kind: 'http-callback' })
    for (const name of ['nobody', 'posting', 'simulator', '%00', 'x'.repeat(42), '..%2f'])
      expect([400, 404]).toContain((await send(nothingOf(name))).status)
    expect((await send(nothingOf('nobody'))).body).toMatchObject({ code: 'not_found' })
    for (const method of ['HEAD', 'PUT', 'DELETE'])
      expect((await sendRaw(server, { method, path: '/api/supply/twilio' })).status).toBe(405)
  })

  it('stores nothing of what is not signed, and counts it', async () => {
    const before = [await stateOf(db), await storedRequests(db)]
    const request = await sign('stolen', 'SM-stolen', 'a-wrong-token-of-thirty-two-bytes')
    for (let time = 0; time < 3; time++) {
      const reply = await send(request)
      expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
      expect(reply.headers.get('content-type')).toContain('application/problem+json')
    }
    expect([await stateOf(db), await storedRequests(db)]).toEqual(before)
    await app.refresh()
    expect(await reportOn(db, app.now(), supplierId)).toMatchObject({ refused: 3 })
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain(
      'numlet_inbound_requests_total{supplier="twilio",outcome="refused"} 3',
    )
    expect(metrics).toMatch(/numlet_inbound_requests_total\{supplier="twilio",outcome="accepted"\}/)
  })

  it('limits those who guess, and nobody else', async () => {
    const limited = await serverOn(server.databaseUrl, { ...env, NUMLET_RATE_LIMIT: '5' })
    const statuses: number[] = []
    for (let time = 0; time < 7; time++)
      statuses.push((await send(nothingOf('twilio'), limited)).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect((await send(await sign('signed: 4711'), limited)).status).toBe(200)
  })

  it('is checked with the settings of now, on every server', async () => {
    const other = await serverOn(server.databaseUrl, env)
    await addTestSupplier(db, 'replaced', twilio)
    const fresh = 'another-token-of-this-supplier-00'
    const old = await sign('by the old key', 'SM-old', authToken, 'replaced')
    for (const one of [server, other]) expect((await send(old, one)).status).toBe(200)
    const given = [{ key: 'auth_token', value: fresh }]
    const wanted = { name: 'replaced', kind: twilioKind }
    await changeSupplier(db, by, wanted, given, testKeeper)
    for (const one of [server, other]) {
      expect((await send(old, one)).status).toBe(401)
      const signed = await sign('by the new key', 'SM-new', fresh, 'replaced')
      expect((await send(signed, one)).status).toBe(200)
    }
    const [entry] = await db.query<{ detail: unknown }>(
      `select detail from audit_log where action = 'supplier.set' order by id desc limit 1`,
    )
    expect(entry?.detail).toEqual({ settings: ['auth_token'] })
    expect(await rekeySuppliers(db, by, testKeeper, 'first')).toBe(0)
  })

  it('goes on when its supplier is paused, and takes nothing when it is off', async () => {
    await setSupplier(db, by, 'twilio', 'paused')
    expect((await send(await sign('while paused'))).status).toBe(200)
    expect(await texts()).toContain('while paused')
    await setSupplier(db, by, 'twilio', 'off')
    const before = await stateOf(db)
    expect(await send(await sign('while off'))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    })
    expect((await send(nothingOf('twilio'))).status).toBe(401)
    expect(await stateOf(db)).toEqual(before)
    await setSupplier(db, by, 'twilio', 'on')
    expect((await send(await sign('on again'))).status).toBe(200)
  })

  it('keeps what cannot be read, for the operator, and has it read again', async () => {
    expect((await send(odd())).status).toBe(200)
    const [aside] = await listAside(db, vonageId, 10)
    expect(aside).toMatchObject({ state: 'unreadable', reason: expect.any(String), bytes: 17 })
    const id = aside?.id ?? expect.unreachable()
    await expect(readRequest(db, by, 'vonage', id)).rejects.toThrow('A reason is required')
    const stated = { ...by, reason: 'a new format?' }
    await expect(readRequest(db, stated, 'twilio', id)).rejects.toThrow('no request')
    expect(`${(await readRequest(db, stated, 'vonage', id)).body}`).toBe('{"channel":"sms"}')
    const log = await db.query('select action, reason from audit_log order by id desc limit 1')
    expect(log).toEqual([{ action: 'supplier.read', reason: 'a new format?' }])
    expect(await reportOn(db, app.now(), vonageId)).toMatchObject({ unreadable: 1 })

    expect(await rereadRequests(db, app.now(), by, 'vonage')).toBe(1)
    expect(await app.inbound.finish(app.now())).toBe(1)
    expect(await storedRequests(db)).toMatchObject([{ state: 'unreadable' }])
    server.advance(3_600)
    expect(await forgetRequests(db, new Date(app.now().getTime() - 7_200_000))).toBe(0)
    expect(await forgetRequests(db, app.now())).toBe(1)
    expect(await storedRequests(db)).toEqual([])
  })

  it('acknowledges what has no message in it, and forgets it', async () => {
    expect((await send(odd('{"channel":"sms","status":"delivered"}'))).status).toBe(200)
    expect(await storedRequests(db)).toEqual([])
  })

  it('sets a request aside that has failed again and again', async () => {
    await db.query(
      `insert into inbound_requests (supplier_id, received_at, method, query, headers, body, due_at, tries)
       values ($1, $2, 'POST', '', '{}', 'x', $2, 8)`,
      [supplierId, app.now()],
    )
    expect(await app.inbound.finish(app.now())).toBe(1)
    expect(await storedRequests(db)).toEqual([
      { state: 'failed', reason: 'It could not be read in 8 tries.' },
    ])
    await db.query('delete from inbound_requests')
  })

  it('leaves a request to its process for a minute, then to one worker', async () => {
    const request = await sign('left behind')
    await db.query(
      `insert into inbound_requests (supplier_id, received_at, method, query, headers, body, due_at)
       values ($1, $2, 'POST', '', '{}', $3, $2::timestamptz + interval '60 seconds')`,
      [supplierId, app.now(), request.body],
    )
    expect(await app.inbound.finish(app.now())).toBe(0)
    server.advance(60)
    const done = await Promise.all([app.inbound.finish(app.now()), app.inbound.finish(app.now())])
    expect(done.sort()).toEqual([0, 1])
    expect((await texts()).filter((text) => text === 'left behind')).toHaveLength(1)
    expect(await storedRequests(db)).toEqual([])
  })

  it('is signed for the URL that trusted proxies name, if no public one is set', async () => {
    const proxied = await serverOn(server.databaseUrl, { NUMLET_TRUST_PROXY: '1' })
    const request = await sign('through a proxy')
    const forwarded = { 'x-forwarded-host': 'numlet.example', 'x-forwarded-proto': 'https' }
    const through = (headers: object) =>
      sendRaw(proxied, {
        ...request,
        path: pathOf(request),
        headers: { ...request.headers, ...headers },
      })
    expect((await through(forwarded)).status).toBe(200)
    expect((await through({ ...forwarded, 'x-forwarded-proto': 'http' })).status).toBe(401)
    const bare = await serverOn(server.databaseUrl)
    const untrusted = await sendRaw(bare, {
      ...request,
      path: pathOf(request),
      headers: { ...request.headers, ...forwarded },
    })
    expect(untrusted.status).toBe(401)
  })

  it('is asked to send again by a server that lacks the encryption key', async () => {
    const NUMLET_ENCRYPTION_KEY = Buffer.alloc(32, 'another key').toString('base64')
    const lacking = await serverOn(server.databaseUrl, { ...env, NUMLET_ENCRYPTION_KEY })
    const reply = await send(await sign('with no key'), lacking)
    expect(reply).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(reply.headers.get('retry-after')).not.toBeNull()
  })

  it('says when its last message came, and how many there were', async () => {
    await app.refresh()
    const before = await reportOn(db, app.now(), supplierId)
    await send(await sign('one more'))
    await app.refresh()
    const after = await reportOn(db, app.now(), supplierId)
    expect(after).toMatchObject({ messages: before.messages + 1, lastMessageAt: app.now() })
    server.advance(25 * 3_600)
    expect(await reportOn(db, app.now(), supplierId)).toMatchObject({
      ...{ messages: 0, refused: 0 },
      lastMessageAt: after.lastMessageAt,
    })
  })
})
