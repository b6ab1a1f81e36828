// A2: webhooks and streamed events of every type match their schemas in the OpenAPI document.
import { afterAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/core/deposits/gateway.ts'
import { refundDeposit, settleDeposit } from '../../src/core/deposits/operator-actions.ts'
import { takeReport } from '../../src/core/deposits/settling.ts'
import { type EventType, eventTypes } from '../../src/core/events/catalog.ts'
import { anyNumber } from '../../src/core/orders/buying/selection.ts'
import { recordAnswer } from '../../src/core/supply/answers.ts'
import { claimAsks } from '../../src/core/supply/asks.ts'
import { gatewayKindOf } from '../../src/payments/kinds.ts'
import { runTestServices } from '../../src/supply/simulator/test-services.ts'
import { type Operation, referenceOf } from '../harness/documented.ts'
import { closers } from '../harness/ending.ts'
import { allowLocal, openReceiver, testEngine, testHook, verified } from '../harness/receiver.ts'
import { call, testServer, testSupplier } from '../harness/server.ts'
import { openUpstream } from '../supply/upstream/market.ts'

type Event = { id: string; type: EventType; timestamp: string; data: object }
type Made = { id: string; phone: string; email: string }

const dayS = 86_400
const us = { service: 'whatsapp', country: 'US' }

describe('events', async () => {
  const server = await testServer({ env: { ...allowLocal, NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { app, db } = server
  const { document, checkValue } = await referenceOf(server)
  const { secret: supplier } = await testSupplier(db)
  const receiver = await openReceiver()
  const { key, secret, accountId, id: hookId } = await testHook(server, { url: receiver.url })
  const engine = testEngine(app)
  const gone = new AbortController()
  afterAll(() => gone.abort())

  const ask = async (method: string, path: string, body?: object) => {
    const reply = await call<Made>(server, key, method, path, body)
    expect(reply.status, `${method} ${path}: ${JSON.stringify(reply.body)}`).toBeLessThan(300)
    return reply.body
  }
  const order = (body: object) => ask('POST', '/v1/orders', body)
  const act = (id: string, verb: string) => ask('POST', `/v1/orders/${id}/${verb}`)
  const receive = (number: string, sms: string) =>
    call(server, supplier, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })
  const rowOf = (id: string) => app.ids.fromToken('dep', id) as bigint
  const deposit = () => ask('POST', '/v1/deposits', { amount: '25', gateway: 'sandbox' })
  const report = async (id: string, one: Report) =>
    takeReport(db, app.now(), rowOf(id), { report: one, ref: `of ${id}`, keepsLate: true })

  /** A supplier is asked for a number, and has one. */
  async function makeAllocation() {
    const [offer] = await db.query<{ id: number }>(
      `select o.id from offers o join operators p on p.id = o.operator_id
        where o.kind = 'activation' and o.country = 'US' order by o.id limit 1`,
    )
    const offerId = offer?.id as number
    await db.query('update stock set remaining = 0 where offer_id = $1', [offerId])
    const { supplierId } = await openUpstream(db, app.now(), { offerId, stock: 1, cost: 1n })
    const selection = { ...anyNumber, offerId }
    await app.orders.buy({ accountId, selection, quantity: 1, allocateS: 15, once: null })
    const dealing = { db, closers, terms: { cancelCooldownS: 0, activationWindowS: 1_200 } }
    const [ask] = await claimAsks(dealing, app.now(), supplierId)
    if (!ask) throw new Error('nobody is asked')
    const { allocationId, claims } = ask
    const number = {
      kind: 'number',
      ref: '1',
      phone: '+19075550142',
      operator: null,
      cost: 1n,
    } as const
    const verdict = { ...number, currency: null, endsAt: null, cancelAfter: null }
    await recordAnswer(dealing, app.now(), { allocationId, claims, verdict })
  }

  /** Every state that a number, an inbox and an eSIM can take. */
  async function makeOrderEvents() {
    await makeAllocation()
    const first = await order(us)
    await receive(first.phone, 'Your WhatsApp code: 593-821')
    await act(first.id, 'resend')
    await act(first.id, 'finish')
    await act((await order(us)).id, 'replace')
    const over = await order(us)
    await act(over.id, 'cancel')
    await receive(over.phone, 'Your WhatsApp code: 593-823')
    await act(over.id, 'claim')
    await order({ services: ['whatsapp', 'telegram'], country: 'US' })
    await order({ kind: 'esim', plan: 'USA 1GB / 7 days' })
    const inbox = await order({ kind: 'email', site: 'example.com' })
    await app.messages.receiveMail(app.now(), {
      ref: inbox.id,
      address: inbox.email,
      sender: 'a@example.com',
      subject: 'Hello',
      text: 'Your code: 593821',
      html: '<p>Your code: 593821</p>',
    })
    const fails = await order({ service: 'test_fails', country: 'US' })
    const ways = { receive: app.messages.receive, fail: app.orders.fail }
    for (let time = 0; time < 2; time++) {
      await runTestServices(db, ways, app.now())
      server.advance(3)
    }
    await runTestServices(db, ways, app.now())
    expect(await ask('GET', `/v1/orders/${fails.id}`)).toMatchObject({ state: 'failed' })
    const rental = await order({ ...us, kind: 'rental', duration: '1d' })
    await receive(rental.phone, 'Your WhatsApp code: 593-822')
    await act(rental.id, 'renew')
    server.advance(2 * dayS - 3_000)
    await app.orders.remindOfEnds()
    server.advance(dayS)
    while ((await app.orders.endOverdue()) > 0);
  }

  async function makeDepositEvents() {
    const paid = (amount: bigint): Report => ({ status: 'paid', paid: amount, currency: 'USD' })
    const [good, part, over, bad, late] = [
      (await deposit()).id,
      (await deposit()).id,
      (await deposit()).id,
      (await deposit()).id,
      (await deposit()).id,
    ] as const
    await report(good, paid(250_000n))
    await refundDeposit(db, app.now(), gatewayKindOf, { id: rowOf(good), byHand: true })
    await report(part, paid(100_000n))
    await report(over, paid(300_000n))
    await settleDeposit(db, app.now(), { id: rowOf(over), amount: null })
    await report(bad, { status: 'failed', paid: null, currency: null })
    server.advance(dayS)
    while ((await app.deposits.expire()) > 0);
    expect(await ask('GET', `/v1/deposits/${late}`)).toMatchObject({ state: 'expired' })
  }

  async function makeOtherEvents() {
    const { balance } = (await call<{ balance: string }>(server, key, 'GET', '/v1/balance')).body
    await ask('PATCH', '/v1/account', { low_balance: (Number(balance) - 0.01).toFixed(2) })
    await order(us)
    const other = await openReceiver()
    other.react(410)
    await ask('POST', '/v1/webhooks', { url: other.url, events: ['order.created'] })
    await order(us)
    await engine.deliver()
    await ask('POST', `/v1/webhooks/${hookId}/test`)
    await engine.deliver()
  }

  /** The events of the account, the first ones of a stream that starts at the beginning. */
  async function readStream(count: number): Promise<Event[]> {
    const { body } = await fetch(`${server.url}/v1/events?after=evt_1_1`, {
      headers: { authorization: `Bearer ${key}` },
      signal: gone.signal,
    })
    let text = ''
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      const whole = text.slice(0, text.lastIndexOf('\n\n') + 1)
      const events = [...whole.matchAll(/^data: (.*)$/gm)]
      if (events.length >= count) return events.map(([, data]) => JSON.parse(data as string))
    }
    throw new Error('the stream ended')
  }

  it('of each type match their schemas, in webhooks and on streams', {
    timeout: 300_000,
  }, async () => {
    await makeOrderEvents()
    await makeDepositEvents()
    await makeOtherEvents()
    const bodies = receiver.received.map((one) => verified(app, secret, one) as Event)
    const types = new Set<string>(bodies.map(({ type }) => type))
    expect([...types].sort()).toEqual([...Object.keys(eventTypes), 'webhook.test'].sort())
    for (const body of bodies) {
      const { requestBody } = (document.webhooks[body.type] as { post: Operation }).post
      const { schema } = requestBody?.content['application/json'] ?? {}
      checkValue(schema as object, body, `the webhook ${body.type}`)
    }

    const streamed = await readStream(bodies.length - 1)
    expect(new Set(streamed.map(({ type }) => type))).toEqual(new Set(Object.keys(eventTypes)))
    const { Event: schema } = document.components.schemas as { Event: object }
    for (const event of streamed) checkValue(schema, event, `the event ${event.type}`)
  })
})
