// Orders of every kind, bought by the core's own verbs, as ZapOTP's and OTPWALL's clients see them.
import { describe, expect, it } from 'vitest'
import { listPlans } from '../../../src/core/esims/plans.ts'
import type { Bought } from '../../../src/core/orders/buying/buy.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { referenceOf } from '../../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'

describe('orders of every kind', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  const { accountId, key } = await testCustomer(server.db)
  const { app } = server

  const ask = async (path: string) => {
    const reply = await call<Record<string, unknown>>(server, key, 'GET', path)
    reference.check('GET', path, reply)
    expect(reply.status, JSON.stringify(reply.body)).toBe(200)
    return reply.body
  }
  const zapotp = async (path: string) => (await ask(`/zapotp/account/api/v1${path}`)).data
  const sms = (order: Order) => zapotp(`/sms?order_id=${order.id}`)
  const newest = async () => ((await zapotp('/orders')) as Record<string, unknown>[])[0]
  const activation = (order: Order) => ask(`/otpwall/v1/activation/${order.id}/status`)
  const only = (bought: Bought) => {
    if (!('orders' in bought)) throw new Error('nothing was bought')
    return bought.orders[0] as Order
  }

  it('a number for several services', async () => {
    const catalog = await app.catalog.current()
    const serviceIds = ['whatsapp', 'telegram'].map((slug) => catalog.service(slug)?.id as number)
    const order = only(
      await app.orders.buyMultiService({
        accountId,
        serviceIds,
        country: 'US',
        operatorId: null,
        pool: null,
        isSplit: false,
        once: null,
      }),
    )
    const id = String(order.id)
    expect(await newest()).toMatchObject({ order_id: id, service: 'whatsapp', status: 'PENDING' })
    await call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: order.phone, sender: 'Telegram', sms: 'Telegram code: 48153' },
    })
    expect(await sms(order)).toMatchObject({ sms_code: '48153', status: 'RECEIVED' })
    expect(await activation(order)).toEqual({
      activation_id: id,
      status: 'received',
      sms: 'Telegram code: 48153',
    })
  })

  it('an inbox', async () => {
    const order = only(
      await app.inboxes.buy({
        accountId,
        site: 'shop.example',
        domains: [],
        quantity: 1,
        subject: null,
        pattern: null,
        once: null,
      }),
    )
    const id = String(order.id)
    expect(await newest()).toMatchObject({ order_id: id, number: order.email, status: 'PENDING' })
    expect(await activation(order)).toEqual({ activation_id: id, status: 'waiting' })
    await app.messages.receiveMail(app.now(), {
      ref: 'a-mail',
      address: order.email as string,
      sender: 'no-reply@shop.example',
      subject: 'Your code',
      text: 'Your code is 593821',
      html: null,
    })
    expect(await sms(order)).toEqual({ order_id: id, sms_code: '593821', status: 'RECEIVED' })
    expect(await activation(order)).toEqual({
      activation_id: id,
      status: 'received',
      sms: 'Your code is 593821',
    })
  })

  it('an eSIM', async () => {
    const [plan] = (await listPlans(server.db, { currency: 'USD' })).filter((one) => one.stock > 0)
    const order = only(
      await app.esims.buy({ accountId, offerId: plan?.offerId as number, once: null }),
    )
    const id = String(order.id)
    expect(await newest()).toMatchObject({
      order_id: id,
      service: 'esim',
      number: null,
      status: 'FINISHED',
    })
    expect(await sms(order)).toEqual({ order_id: id, sms_code: null, status: 'FINISHED' })
    expect(await activation(order)).toEqual({ activation_id: id, status: 'complete' })
  })
})
