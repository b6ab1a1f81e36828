// The formats of webhooks: listed as they are sent, chosen for an endpoint, and changed.
import { describe, expect, it } from 'vitest'
import { queueEvents } from '../../src/core/webhooks/queue.ts'
import { referenceOf } from '../harness/documented.ts'
import { allowLocal, hasSeenAll, openReceiver, testEngine } from '../harness/receiver.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Format = { name: string; events: string[]; headers: string[]; example: object }
type Hook = { id: string; format: string; events: string[]; errors?: { pointer: string }[] }

describe('formats of webhooks', async () => {
  const server = await testServer({
    env: { ...allowLocal, NUMLET_MANUAL_INSTRUCTIONS: 'Bank of Example' },
  })
  const reference = await referenceOf(server)
  const engine = testEngine(server.app)
  const receiver = await openReceiver()

  const asking = async () => {
    const { key } = await testCustomer(server.db)
    return async <T = Hook>(method: string, path: string, body?: unknown) => {
      const reply = await call<T>(server, key, method, `/v1${path}`, body)
      reference.check(method, `/v1${path}`, reply)
      return reply
    }
  }
  const { url } = receiver
  const { data: formats } = (await (await asking())<{ data: Format[] }>('GET', '/webhook-formats'))
    .body
  const all = formats[0]?.events ?? []

  it('are those of the APIs, the default first', () => {
    const names = ['standard', 'otpzap', 'smsverificationservice', 'handler-api']
    expect(formats.map(({ name }) => name)).toEqual(names)
  })

  it.each(formats)('$name has just the events and the look that it is listed with', async (one) => {
    const { name: format, events, headers, example } = one
    const ask = await asking()
    const made = await ask('POST', '/webhooks', { url, format, events })
    expect(made).toMatchObject({ status: 201, body: { format, events } })
    const others = all.filter((type) => !events.includes(type))
    expect(others.length > 0).toBe(format !== 'standard')
    for (const other of others) {
      const { status } = await ask('POST', '/webhooks', { url, format, events: [other] })
      expect([other, status]).toEqual([other, 422])
    }
    await ask('POST', `/webhooks/${made.body.id}/test`)
    await engine.deliver()
    const sent = receiver.received.at(-1)
    expect(Object.keys(JSON.parse(sent?.body ?? ''))).toEqual(Object.keys(example))
    expect(Object.keys(sent?.headers ?? {})).toEqual(expect.arrayContaining(headers))
  })

  it('are changed, if the other one has the events', async () => {
    const ask = await asking()
    const events = ['order.code_received', 'order.expired']
    const { id } = (await ask('POST', '/webhooks', { url, events })).body
    const refused = await ask('PATCH', `/webhooks/${id}`, { format: 'otpzap' })
    expect(refused.status).toBe(422)
    expect(refused.body.errors?.map(({ pointer }) => pointer)).toEqual(['/format'])
    expect((await ask('GET', `/webhooks/${id}`)).body).toMatchObject({ format: 'standard', events })
    const change = { format: 'otpzap', events: ['order.code_received'] }
    expect((await ask('PATCH', `/webhooks/${id}`, change)).body).toMatchObject(change)
    expect((await ask('PATCH', `/webhooks/${id}`, { events })).status).toBe(422)
    expect((await ask('GET', `/webhooks/${id}`)).body).toMatchObject(change)
  })

  it('hold for what is queued later: what is queued already is sent in the format before', async () => {
    const ask = await asking()
    const { id } = (await ask('POST', '/webhooks', { url, events: ['*'] })).body
    await ask('POST', '/deposits', { amount: '5.00', gateway: 'manual' })
    do await queueEvents(server.db, server.app.now())
    while (!(await hasSeenAll(server.db)))
    const change = { format: 'otpzap', events: ['order.code_received'] }
    expect((await ask('PATCH', `/webhooks/${id}`, change)).status).toBe(200)
    const before = receiver.received.length
    await engine.deliver()
    const sent = receiver.received.slice(before).map(({ body }) => JSON.parse(body).type)
    expect(sent).toEqual(['deposit.created'])
    await ask('POST', `/webhooks/${id}/test`)
    await engine.deliver()
    expect(JSON.parse(receiver.received.at(-1)?.body ?? '').type).not.toBe('webhook.test')
  })

  it('have the events of their endpoints, if both are changed at the same time', async () => {
    const ask = await asking()
    const { id } = (await ask('POST', '/webhooks', { url, events: ['order.code_received'] })).body
    const changes = [{ events: ['order.expired'] }, { format: 'otpzap' }]
    const { replies } = await server.db.begin(async (tx) => {
      await tx.query('select 1 from webhook_endpoints for update')
      const replies = Promise.all(changes.map((change) => ask('PATCH', `/webhooks/${id}`, change)))
      // Both wait for the row, so both have read what is checked before it is locked.
      while ((await waiting()) < changes.length) {}
      return { replies }
    })
    expect((await replies).map(({ status }) => status).sort()).toEqual([200, 422])
    const { format, events } = (await ask('GET', `/webhooks/${id}`)).body
    expect(formats.find(({ name }) => name === format)?.events).toEqual(
      expect.arrayContaining(events),
    )
  })

  const waiting = async () => {
    const rows = await server.db.query(
      `select 1 as yes from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rows.length
  }
})
