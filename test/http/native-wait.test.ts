// Waiting for a code: GET /v1/orders/:id?wait=
import { request } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { createKey, revokeKey } from '../../src/core/accounts/keys.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'

type Order = { id: string; phone: string; state: string; code: string | null }

describe('?wait', async () => {
  const server = await testServer()
  const other = await serverOn(server.databaseUrl)
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  const { key } = await testCustomer(server.db)

  const buy = async () =>
    (await call<Order>(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' }))
      .body
  const wait = (id: string, seconds: number | string, at: { url: string } = server) =>
    call<Order>(at, key, 'GET', `/v1/orders/${id}?wait=${seconds}`)
  const receive = (number: string, sms = 'Your WhatsApp code: 593-821') =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })
  it('answers when the code comes, on this node and on another', async () => {
    for (const at of [server, other]) {
      const order = await buy()
      const answer = wait(order.id, 60, at)
      await receive(order.phone)
      expect((await answer).body).toMatchObject({ state: 'received', code: '593821' })
    }
  })

  it('answers when the order is cancelled', async () => {
    const order = await buy()
    server.advance(121)
    const answer = wait(order.id, 60)
    await call(server, key, 'POST', `/v1/orders/${order.id}/cancel`)
    expect((await answer).body).toMatchObject({ state: 'cancelled', code: null })
  })

  it('does not hand a code to a key that was revoked or has run out meanwhile', async () => {
    const { accountId } = await testCustomer(server.db)
    const waits = vi.spyOn(server.app.events.watch, 'next')
    const soon = { expiresAt: new Date(server.app.now().getTime() + 60_000) }
    for (const terms of [{}, soon]) {
      const { key: other, apiKey } = await createKey(server.db, new Date(), { accountId, ...terms })
      const bought = await call<Order>(server, other, 'POST', '/v1/orders', { service: 'viber' })
      const before = waits.mock.calls.length
      const answer = call(server, other, 'GET', `/v1/orders/${bought.body.id}?wait=60`)
      await expect.poll(() => waits.mock.calls.length).toBeGreaterThan(before)
      if (terms === soon) server.advance(61)
      else {
        await revokeKey(server.db, server.app.now(), apiKey.id, accountId)
        await server.app.access.poll()
      }
      await receive(bought.body.phone, 'Your Viber code: 593821')
      expect(await answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    }
  })

  it('answers unchanged at the timeout', async () => {
    const order = await buy()
    const reply = await wait(order.id, 1)
    reference.check('GET', `/v1/orders/${order.id}`, reply)
    expect(reply).toMatchObject({ status: 200, body: { state: 'waiting', code: null } })
  })

  it('answers at once what has its code or has ended, and waits again after a resend', async () => {
    const order = await buy()
    await receive(order.phone)
    expect((await wait(order.id, 60)).body.code).toBe('593821')
    await call(server, key, 'POST', `/v1/orders/${order.id}/resend`)
    const answer = wait(order.id, 60)
    await receive(order.phone, 'Your WhatsApp code: 111-222')
    expect((await answer).body.code).toBe('111222')
    await call(server, key, 'POST', `/v1/orders/${order.id}/finish`)
    expect((await wait(order.id, 60)).body.state).toBe('finished')
  })

  it('does not wait for what is not there, or is somebody else’s', async () => {
    const { key: stranger } = await testCustomer(server.db)
    const order = await buy()
    for (const id of [order.id, 'ord_00000000000', '0'])
      expect(await call(server, stranger, 'GET', `/v1/orders/${id}?wait=60`)).toMatchObject({
        status: 404,
        body: { code: 'order_not_found' },
      })
  })

  it('refuses more than a minute, and what is no number of seconds', async () => {
    const order = await buy()
    for (const seconds of [61, -1, 1.5, 'soon', '1&wait=1']) {
      const reply = await wait(order.id, seconds)
      reference.check('GET', `/v1/orders/${order.id}`, reply)
      expect(reply).toMatchObject({
        status: 422,
        body: { code: 'invalid_request', errors: [{ pointer: 'wait' }] },
      })
    }
  })

  it('lets go of a client that leaves', async () => {
    const order = await buy()
    const gone = request(`${server.url}/v1/orders/${order.id}?wait=60`, {
      headers: { authorization: `Bearer ${key}` },
      agent: false,
    })
    gone.on('error', () => undefined)
    const asked = new Promise((resolve) => gone.once('finish', resolve))
    gone.end()
    await asked
    gone.destroy()
    await receive(order.phone)
    expect((await wait(order.id, 0)).body.code).toBe('593821')
  })

  it('serves many at once', async () => {
    const orders = await Promise.all(Array.from({ length: 50 }, buy))
    const answers = orders.map(({ id }) => wait(id, 60))
    await Promise.all(orders.map(({ phone }) => receive(phone)))
    for (const { body } of await Promise.all(answers)) expect(body.code).toBe('593821')
  })
})
