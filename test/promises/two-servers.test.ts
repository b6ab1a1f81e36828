// Two servers on one database: each sees at once what the other did, and together they do nothing twice.
import { describe, expect, it } from 'vitest'
import { simulateCodes } from '../../src/supply/simulator/simulator.ts'
import { attempts } from '../harness/attempts.ts'
import { endOverdueOrders } from '../harness/ending.ts'
import {
  call,
  serverOn,
  type TestServer,
  testCustomer,
  testServer,
  testSupplier,
} from '../harness/server.ts'
import { expectCleanAudit, type Lots, lots } from './market.ts'

// @NOTE small steps of the clock in a small window: others move it while a request is on its way, and the
// audit allows a request no more than some seconds
const env = { NUMLET_CANCEL_COOLDOWN_S: '0', NUMLET_ACTIVATION_WINDOW_S: '15' }
const whatsapp = '123e4567-e89b-12d3-a456-426614174000'
const customersCount = 12
const stepsEach = attempts(15, 60)
const revocations = attempts(4, 30)

describe('two servers', async () => {
  const one = await testServer({ env })
  const two = await serverOn(one.databaseUrl, env)
  const { db } = one
  const { secret } = await testSupplier(db)
  const advance = (seconds: number) => {
    for (const server of [one, two]) server.advance(seconds)
  }

  const buy = async (server: TestServer, key: string) =>
    (
      await call<{ id: string; phone: string }>(server, key, 'POST', '/v1/orders', {
        service: 'whatsapp',
        country: 'US',
      })
    ).body

  const send = (server: TestServer, number: string, code: string, id?: string) =>
    call<{ order_ids: string[] }>(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { id, number, sender: 'WhatsApp', sms: `Your WhatsApp code: ${code}` },
    })

  it('both refuse a key from the moment that one of them has revoked it', async () => {
    const { key } = await testCustomer(db)
    for (let round = 0; round < revocations; round++) {
      const [here, there] = round % 2 === 0 ? [one, two] : [two, one]
      const made = await call<{ id: string; key: string }>(here, key, 'POST', '/v1/keys', {})
      const asked = () => call(there, made.body.key, 'GET', '/v1/balance')
      expect(await asked()).toMatchObject({ status: 200 })
      const ended = await call(here, key, 'DELETE', `/v1/keys/${made.body.id}`)
      expect(ended.status).toBe(200)
      expect(await asked()).toMatchObject({ status: 401 })
    }
  })

  it('wake a long poll at one by a message that came in at the other', async () => {
    const { key } = await testCustomer(db)
    for (let round = 0; round < 5; round++) {
      const { id, phone } = await buy(one, key)
      const waiting = call(two, key, 'GET', `/v1/orders/${id}?wait=60`)
      await send(one, phone, `12${round}-456`)
      expect(await waiting).toMatchObject({ body: { state: 'received', code: `12${round}456` } })
    }
  })

  it('answer a long poll by news only, however late older events are seen', async () => {
    const { key } = await testCustomer(db)
    for (let round = 0; round < 3; round++) {
      // While an older transaction runs nobody may read what came after it, such as this order's making.
      const hold = Promise.withResolvers<void>()
      const held = Promise.withResolvers<void>()
      const older = db.begin(async (tx) => {
        await tx.query('select pg_current_xact_id()')
        held.resolve()
        await hold.promise
      })
      await held.promise
      const { id, phone } = await buy(one, key)
      const waiting = call(two, key, 'GET', `/v1/orders/${id}?wait=60`)
      await callOften(two, key)
      hold.resolve()
      await older
      await callOften(two, key)
      await send(one, phone, `34${round}-456`)
      expect(await waiting).toMatchObject({ body: { state: 'received' } })
    }
  })

  /** Some turns of the server that is asked, so that it has done what was asked before. */
  const callOften = async (server: TestServer, key: string) => {
    for (let turn = 0; turn < 30; turn++) await call(server, key, 'GET', '/v1/transactions')
  }

  it('store a message once that the supplier sent to both', async () => {
    const { key } = await testCustomer(db)
    const { id, phone } = await buy(one, key)
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, turn) =>
        send(turn % 2 === 0 ? one : two, phone, '777-888', 'once-and-again'),
      ),
    )
    expect(new Set(replies.map((reply) => JSON.stringify([reply.status, reply.body]))).size).toBe(1)
    const order = await call<{ messages: unknown[] }>(two, key, 'GET', `/v1/orders/${id}`)
    expect(order.body.messages).toHaveLength(1)
  })

  it('send one code between them when both simulate', async () => {
    const { key } = await testCustomer(db)
    const { id } = await buy(one, key)
    advance(10)
    await Promise.all(
      [one, two, one, two].map(({ app }) =>
        simulateCodes(app.db, app.messages.receive, app.now(), 3),
      ),
    )
    const order = await call<{ messages: unknown[] }>(one, key, 'GET', `/v1/orders/${id}`)
    expect(order.body).toMatchObject({ state: 'received' })
    expect(order.body.messages).toHaveLength(1)
  })

  it('do a mixed load of all verbs together, while both sweep, and the books are right', {
    timeout: 300_000,
  }, async () => {
    const answers = new Map<string, number>()
    const customers = await Promise.all(
      Array.from({ length: customersCount }, () => testCustomer(db)),
    )
    let working = customers.length
    const sweeping = [one, two].map(async ({ app }) => {
      while (working > 0) await endOverdueOrders(app.db, app.now())
    })
    await Promise.all(
      customers.map(async ({ key }, place) => {
        await useEverything(key, lots(place), answers)
        working--
      }),
    )
    await Promise.all(sweeping)
    // Every verb was answered, with success somewhere and with nothing but refusals elsewhere.
    const done = [...answers.keys()]
    for (const verb of [
      'buy',
      'whichotp',
      'cancel',
      'finish',
      'resend',
      'replace',
      'read',
      'message',
    ])
      expect(done.filter((name) => name.startsWith(`${verb} 2`))).not.toEqual([])
    expect(done.filter((name) => !/ (200|201|404|409)$/.test(name))).toEqual([])
    advance(2_000)
    await Promise.all([one, two].map(({ app }) => endOverdueOrders(app.db, app.now())))
    const open = await db.query(
      `select state, count(*) from orders where closed_at is null group by state`,
    )
    expect(open).toEqual([])
    await expectCleanAudit(db)
  })

  /** A customer who does this and that with his orders, now on one server and now on the other. */
  async function useEverything(key: string, lot: Lots, answers: Map<string, number>) {
    const orders: { id: string; phone: string }[] = []
    const ask = async (name: string, method: string, path: string, body?: unknown) => {
      const reply = await call<Record<string, string>>(
        lot.oneOf([one, two]),
        key,
        method,
        path,
        body,
      )
      const answer = `${name} ${reply.status}`
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      return reply
    }
    const note = ({ status, body }: { status: number; body: Record<string, string> }) => {
      const { id, phone, phoneNumber } = body
      if (status < 300) orders.push({ id: id as string, phone: (phone ?? phoneNumber) as string })
    }
    for (let step = 0; step < stepsEach; step++) {
      if (lot.below(5) === 0) advance(0.5)
      const order = orders[orders.length - 1 - lot.below(Math.min(3, orders.length))]
      const verb = order
        ? lot.oneOf(['buy', 'whichotp', 'cancel', 'both', 'resend', 'replace', 'read', 'message'])
        : 'buy'
      if (verb === 'buy')
        note(await ask('buy', 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' }))
      else if (verb === 'whichotp')
        note(await ask(verb, 'POST', '/whichotp/api/v1/orders/buy', { serviceId: whatsapp }))
      else if (!order) continue
      else if (verb === 'read') await ask(verb, 'GET', `/whichotp/api/v1/orders/${order.id}`)
      else if (verb === 'message') {
        const { status } = await send(lot.oneOf([one, two]), order.phone, `${100 + step}-555`)
        answers.set(`message ${status}`, 1)
        await ask('finish', 'POST', `/v1/orders/${order.id}/finish`)
      } else if (verb === 'resend') {
        await send(one, order.phone, `${100 + step}-444`)
        await ask(verb, 'POST', `/v1/orders/${order.id}/resend`)
      } else if (verb === 'both')
        await Promise.all([
          ask('cancel', 'POST', `/whichotp/api/v1/orders/${order.id}/cancel`),
          send(two, order.phone, `${100 + step}-333`),
          ask('finish', 'POST', `/v1/orders/${order.id}/finish`),
        ])
      else {
        const reply = await ask(verb, 'POST', `/v1/orders/${order.id}/${verb}`)
        if (verb === 'replace') note(reply)
      }
    }
  }
})
