// The formats of webhooks: listed as they are sent, chosen for an endpoint, and changed.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { allowLocal, openReceiver, testEngine } from '../harness/receiver.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Format = { name: string; events: string[]; headers: string[]; example: object }
type Hook = { id: string; format: string; events: string[]; errors?: { pointer: string }[] }

describe('formats of webhooks', async () => {
  const server = await testServer({ env: allowLocal })
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
})
