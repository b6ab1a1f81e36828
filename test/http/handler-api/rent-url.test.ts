// The webhook of one rental: the `url` of getRentNumber.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../../src/core/accounts/keys.ts'
import { forgetOrderEndpoints } from '../../../src/core/webhooks/order-endpoint.ts'
import { endOverdueOrders } from '../../harness/ending.ts'
import { allowLocal, openReceiver, testEngine } from '../../harness/receiver.ts'
import { call } from '../../harness/server.ts'
import { handlerServer } from './asking.ts'

const wa = { service: 'wa', country: 187, rent_time: 24 }

type Rental = { phone: { id: number; number: string } }

describe('getRentNumber with a url', async () => {
  const { server, receive, customer } = await handlerServer(allowLocal)
  const engine = testEngine(server.app)
  const endpoints = async (accountId: number) => {
    const { key } = await createKey(server.db, new Date(), { accountId })
    const { body } = await call<{ data: object[] }>(server, key, 'GET', '/v1/webhooks')
    return body.data
  }

  it('sends the messages of that rental there, and no others', async () => {
    const who = await customer()
    const receiver = await openReceiver()
    const told = await who.json<Rental>('getRentNumber', { ...wa, url: receiver.url })
    const other = await who.json<Rental>('getRentNumber', wa)
    await receive(other.phone.number, 'Your WhatsApp code: 111-111')
    await receive(told.phone.number, 'Your WhatsApp code: 222-222')
    await receive(told.phone.number, 'Hello from WhatsApp')
    await engine.deliver()
    const bodies = receiver.received.map(({ body }) => JSON.parse(body))
    expect(bodies).toHaveLength(2)
    expect(bodies).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ activationId: told.phone.id, service: 'wa', code: '222222' }),
        expect.objectContaining({ activationId: told.phone.id, text: 'Hello from WhatsApp' }),
      ]),
    )
    const [hook] = (await endpoints(who.accountId)) as [{ id: string }]
    expect(hook).toMatchObject({ url: receiver.url, format: 'handler-api', active: true })
    expect(hook).toHaveProperty('order_id', expect.stringMatching(/^ord_/))
    // Sent again are the rental's messages, too, and nobody else's.
    const { key } = await createKey(server.db, new Date(), {
      accountId: who.accountId,
      scopes: ['manage'],
    })
    server.advance(1)
    const since = { from: new Date(server.app.now().getTime() - 3_600_000), all: true }
    const again = await call(server, key, 'POST', `/v1/webhooks/${hook.id}/replay`, since)
    expect(again).toMatchObject({ status: 201, body: { queued: 2 } })
    await engine.deliver()
    const replayed = receiver.received.slice(2).map(({ body }) => JSON.parse(body).activationId)
    expect(replayed).toEqual([told.phone.id, told.phone.id])
  })

  it('does not count towards the endpoints of the account', async () => {
    const who = await customer({ credit: '1000' })
    const receiver = await openReceiver()
    for (let one = 0; one < 21; one++)
      expect(await who.json('getRentNumber', { ...wa, url: receiver.url })).toMatchObject({
        status: 'success',
      })
    expect(await endpoints(who.accountId)).toHaveLength(21)
    const { key } = await createKey(server.db, new Date(), {
      accountId: who.accountId,
      scopes: ['manage'],
    })
    const own = { url: receiver.url, events: ['*'] }
    expect(await call(server, key, 'POST', '/v1/webhooks', own)).toMatchObject({ status: 201 })
  })

  it('buys nothing if the url is not allowed', async () => {
    const who = await customer()
    for (const url of ['http://10.0.0.1/x', 'https://192.168.1.1/x', 'nonsense', 'ftp://a.example'])
      expect(await who.json('getRentNumber', { ...wa, url })).toEqual({
        status: 'error',
        message: 'WRONG_URL',
      })
    expect(await who.balance()).toBe(100)
    const hero = await customer({ errorForm: 'hero' })
    expect(await hero.ask('getRentNumber', { ...wa, url: 'nonsense' })).toMatchObject({
      status: 422,
      body: { title: 'WRONG_URL' },
    })
  })

  it('stops a week after the end of the rental', async () => {
    const who = await customer()
    const receiver = await openReceiver()
    await who.json('getRentNumber', { ...wa, url: receiver.url })
    server.advance(25 * 3_600)
    await endOverdueOrders(server.db, server.app.now())
    const daysAgo = (days: number) => new Date(server.app.now().getTime() - days * 86_400_000)
    await forgetOrderEndpoints(server.db, daysAgo(7))
    expect(await endpoints(who.accountId)).toHaveLength(1)
    server.advance(8 * 86_400)
    await forgetOrderEndpoints(server.db, daysAgo(7))
    expect(await endpoints(who.accountId)).toEqual([])
  })
})
