// Promise 6: an event is delivered at least once, signed, for a day and more, whatever the receiver does.
import { describe, expect, it } from 'vitest'
import { claim, dueQueues } from '../../src/core/webhooks/claims.ts'
import { queueEvents } from '../../src/core/webhooks/queue.ts'
import { eventually } from '../harness/program.ts'
import {
  allowLocal,
  hasSeenAll,
  openReceiver,
  testEngine,
  testHook,
  verified,
} from '../harness/receiver.ts'
import { call, testServer, testSupplier } from '../harness/server.ts'

type Order = { id: string; number: number; phone: string; state: string; code: string | null }
type Body = { type: string; timestamp: string; data: Order }
type Delivery = {
  id: string
  event_id: string
  event_type: string
  state: string
  cause: string
  next_attempt_at: string | null
  attempts: {
    number: number
    status: number | null
    error: string | null
    response: string
    duration_ms: number
  }[]
}

describe('deliveries', async () => {
  const server = await testServer({ env: allowLocal })
  const { secret: supplier } = await testSupplier(server.db)
  const engine = testEngine(server.app)

  const buy = async (key: string) =>
    (
      await call<Order>(server, key, 'POST', '/v1/orders', {
        service: 'whatsapp',
        country: 'US',
      })
    ).body
  const sendCode = (phone: string, code: string) =>
    call(server, supplier, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: phone, sender: 'WhatsApp', sms: `Your WhatsApp code: ${code}` },
    })
  const log = async (hook: { key: string; id: string }) =>
    (
      await call<{ data: Delivery[] }>(
        server,
        hook.key,
        'GET',
        `/v1/webhooks/${hook.id}/deliveries?limit=100`,
      )
    ).body.data
  const setUp = async (events = ['order.code_received']) => {
    const receiver = await openReceiver()
    const hook = await testHook(server, { url: receiver.url, events })
    const order = await buy(hook.key)
    return { receiver, hook, order }
  }

  it('come signed, once each, with the order as it is', async () => {
    const { receiver, hook, order } = await setUp(['*'])
    await sendCode(order.phone, '111-222')
    await engine.deliver()
    const bodies = receiver.received.map((one) => verified(server.app, hook.secret, one) as Body)
    expect(bodies.map(({ type }) => type).sort()).toEqual([
      'message.received',
      'order.code_received',
      'order.created',
    ])
    const code = bodies.find(({ type }) => type === 'order.code_received')
    expect(code).toMatchObject({
      timestamp: server.app.now().toISOString(),
      data: { id: order.id, state: 'received', code: '111222' },
    })
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
    await engine.deliver()
    expect(receiver.received).toHaveLength(3)
    expect((await log(hook)).map(({ state }) => state)).toEqual(Array(3).fill('delivered'))
  })

  it('are of the events that were asked for, and of the own account', async () => {
    const { receiver, hook, order } = await setUp(['order.cancelled'])
    const other = await setUp(['*'])
    await sendCode(other.order.phone, '333444')
    server.advance(121)
    await call(server, hook.key, 'POST', `/v1/orders/${order.id}/cancel`)
    await engine.deliver()
    expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual(['order.cancelled'])
    const theirs = other.receiver.received.map(({ body }) => JSON.parse(body) as Body)
    for (const { data } of theirs) expect(JSON.stringify(data)).not.toContain(order.id)
  })

  it('are tried again: now, 2 s, 5 s, 15 s, 60 s, 5 min, and on for more than a day', async () => {
    const { receiver, hook, order } = await setUp()
    receiver.react(500)
    await sendCode(order.phone, '555666')
    await engine.deliver()
    const start = server.app.now().getTime()
    const gaps: number[] = []
    for (;;) {
      const [{ next_attempt_at: next, state }] = (await log(hook)) as [Delivery]
      if (next === null) {
        expect(state).toBe('failed')
        break
      }
      const waitS = (Date.parse(next) - server.app.now().getTime()) / 1000
      gaps.push(waitS)
      const before = receiver.received.length
      server.advance(waitS - 0.5)
      await engine.deliver()
      expect(receiver.received).toHaveLength(before)
      server.advance(0.5)
      await engine.deliver()
      expect(receiver.received).toHaveLength(before + 1)
    }
    for (const [place, waitS] of [2, 5, 15, 60, 300].entries()) {
      expect(gaps[place]).toBeGreaterThanOrEqual(waitS)
      expect(gaps[place]).toBeLessThanOrEqual(waitS * 1.2)
    }
    expect(server.app.now().getTime() - start).toBeGreaterThan(24 * 3_600_000)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    const [{ attempts }] = (await log(hook)) as [Delivery]
    expect(attempts).toHaveLength(receiver.received.length)
    expect(attempts[0]).toMatchObject({ number: 1, status: 500, response: 'answer 500' })
  })

  it('reach a receiver that comes back after an hour', async () => {
    const { receiver, hook, order } = await setUp(['*'])
    receiver.react((response) => response.destroy())
    await sendCode(order.phone, '777888')
    await engine.deliver()
    for (let minute = 0; minute < 60; minute++) {
      server.advance(60)
      await engine.deliver()
    }
    expect((await log(hook)).every(({ state }) => state === 'pending')).toBe(true)
    receiver.react(200)
    const later: Body[] = []
    for (let hour = 0; hour < 3; hour++) {
      const before = receiver.received.length
      server.advance(3_600)
      await engine.deliver()
      for (const one of receiver.received.slice(before))
        later.push(verified(server.app, hook.secret, one) as Body)
    }
    expect(later.map(({ type }) => type).sort()).toEqual([
      'message.received',
      'order.code_received',
      'order.created',
    ])
    expect((await log(hook)).every(({ state }) => state === 'delivered')).toBe(true)
  })

  it('wait as long as the receiver asks for, at most some hours, and leave it alone meanwhile', async () => {
    const { receiver, hook, order } = await setUp(['*'])
    receiver.react((response) => response.writeHead(429, { 'retry-after': '600' }).end('slow down'))
    await engine.deliver()
    const first = receiver.received.length
    await sendCode(order.phone, '121212')
    await engine.deliver()
    expect(receiver.received).toHaveLength(first)
    receiver.react(200)
    server.advance(599)
    await engine.deliver()
    expect(receiver.received).toHaveLength(first)
    server.advance(130)
    await engine.deliver()
    expect((await log(hook)).every(({ state }) => state === 'delivered')).toBe(true)
    receiver.react((response) => response.writeHead(503, { 'retry-after': '99999999' }).end())
    await sendCode(order.phone, '343434')
    await engine.deliver()
    const [{ next_attempt_at: next }] = (await log(hook)) as [Delivery]
    expect(Date.parse(next as string) - server.app.now().getTime()).toBeLessThanOrEqual(
      6 * 3_600_000,
    )
  })

  it('end at once where the receiver is gone, with a notice to the other endpoints', async () => {
    const { receiver, hook, order } = await setUp(['*'])
    const other = await openReceiver()
    await call(server, hook.key, 'POST', '/v1/webhooks', {
      url: other.url,
      events: ['webhook.disabled'],
    })
    receiver.react(410)
    await sendCode(order.phone, '565656')
    await engine.deliver()
    await engine.deliver()
    const { body } = await call(server, hook.key, 'GET', `/v1/webhooks/${hook.id}`)
    expect(body).toMatchObject({ active: false, off_reason: 'gone' })
    const before = receiver.received.length
    expect(other.received.map((one) => JSON.parse(one.body))).toMatchObject([
      { type: 'webhook.disabled', data: { webhook_id: hook.id, reason: 'gone' } },
    ])
    expect((await log(hook)).map(({ state }) => state)).not.toContain('pending')
    await buy(hook.key)
    await engine.deliver()
    expect(receiver.received).toHaveLength(before)
  })

  it('are stopped after days without one success, with a notice; and taken up again', async () => {
    const { receiver, hook } = await setUp(['order.created'])
    receiver.react(500)
    await engine.deliver()
    for (let day = 0; day < 6; day++) {
      server.advance(86_400)
      await buy(hook.key)
      await engine.deliver()
    }
    const path = `/v1/webhooks/${hook.id}`
    const off = await call(server, hook.key, 'GET', path)
    expect(off.body).toMatchObject({ active: false, off_reason: 'failing' })
    const [notice] = await server.db.query(
      `select data from events where type = 'webhook.disabled' and account_id = $1`,
      [hook.accountId],
    )
    expect(notice).toMatchObject({ data: { reason: 'failing' } })
    receiver.react(200)
    const on = await call(server, hook.key, 'PATCH', path, { active: true })
    expect(on.body).toMatchObject({ active: true, off_reason: null, failing_since: null })
    const before = receiver.received.length
    await buy(hook.key)
    await engine.deliver()
    expect(receiver.received).toHaveLength(before + 1)
  })

  it('forget earlier failures with the first success', async () => {
    const { receiver, hook } = await setUp(['order.created'])
    receiver.react(500)
    await engine.deliver()
    const path = `/v1/webhooks/${hook.id}`
    expect((await call(server, hook.key, 'GET', path)).body.failing_since).toBeTruthy()
    receiver.react(200)
    server.advance(40)
    await engine.deliver()
    expect((await call(server, hook.key, 'GET', path)).body.failing_since).toBeNull()
  })

  it('are signed by the old and the new secret for a day', async () => {
    const { receiver, hook } = await setUp(['order.created'])
    const path = `/v1/webhooks/${hook.id}`
    const rotated = await call<{ secret: string }>(server, hook.key, 'POST', `${path}/rotate`)
    await engine.deliver()
    const [both] = receiver.received
    if (!both) throw new Error('nothing came')
    verified(server.app, hook.secret, both)
    verified(server.app, rotated.body.secret, both)
    server.advance(86_401)
    await buy(hook.key)
    await engine.deliver()
    const last = receiver.received.at(-1)
    if (!last) throw new Error('nothing came')
    verified(server.app, rotated.body.secret, last)
    expect(() => verified(server.app, hook.secret, last)).toThrow('No matching signature')
  })

  it('are signed by all three where a secret was lost and rotated again', async () => {
    const { receiver, hook } = await setUp(['order.created'])
    const rotate = () =>
      call<{ secret: string }>(server, hook.key, 'POST', `/v1/webhooks/${hook.id}/rotate`)
    const [first, second] = [await rotate(), await rotate()]
    await engine.deliver()
    const [one] = receiver.received
    if (!one) throw new Error('nothing came')
    for (const secret of [hook.secret, first.body.secret, second.body.secret])
      verified(server.app, secret, one)
  })

  it('are taken over from one who was killed, when the lease is over', async () => {
    const { receiver, hook } = await setUp(['order.created'])
    const now = server.app.now()
    await eventually(async () => {
      await queueEvents(server.db, now)
      return hasSeenAll(server.db)
    })
    const mine = (await dueQueues(server.db, now)).filter((one) => one.accountId === hook.accountId)
    const taken = await claim(
      server.db,
      now,
      mine.map((one) => ({ ...one, count: 5 })),
    )
    expect(taken).toHaveLength(1)
    await engine.deliver()
    expect(receiver.received).toHaveLength(0)
    server.advance(31)
    await engine.deliver()
    expect(receiver.received).toHaveLength(1)
    expect((await log(hook)).map(({ state }) => state)).toEqual(['delivered'])
  })

  it('come within moments where the engine runs by itself', async () => {
    const { receiver, hook, order } = await setUp()
    engine.start()
    await sendCode(order.phone, '909090')
    await eventually(async () => receiver.received.length === 1)
    await engine.stop()
    const [{ state }] = (await log(hook)) as [Delivery]
    expect(state).toBe('delivered')
  })

  it('do not keep what they said: neither body nor code lies in the log', async () => {
    const { order } = await setUp(['*'])
    await sendCode(order.phone, '818-181')
    await engine.deliver()
    const [row] = await server.db.query<{ text: string }>(
      `select string_agg(d::text, ' ') as text from webhook_deliveries d`,
    )
    expect(row?.text).not.toMatch(/818-?181/)
  })
})
