// OTPZap's orders of server 2: a success at their OTP, while resends go on (TRIALS D2).
import { describe, expect, it } from 'vitest'
import { endOverdueOrders } from '../../harness/ending.ts'
import { testCustomer, testServer } from '../../harness/server.ts'
import { ownService } from '../../harness/stock.ts'
import { asking, countryId, type Order } from './asking.ts'
import { specialService } from './special.ts'

const whatsapp = 1012
const telegram = 22
const us = countryId('US')

describe('otpzap: an order of server 2 (D2)', async () => {
  const server = await testServer()
  const own = await ownService(server.db, { numbers: 60 })
  const special = await specialService(server)
  const { data, refused, receive } = await asking(server)
  const { key } = await testCustomer(server.db, { credit: '1000' })

  const create = (body: object) => data<Order>(key, 'POST', '/order/create', body)
  const check = (id: number) => data<Order>(key, 'GET', `/order/check?order_id=${id}`)
  const verb = (name: string, id: number) =>
    data<Order>(key, 'POST', `/order/${name}`, { order_id: id })
  const refuses = (name: string, id: number, expected: readonly [number, string]) =>
    refused(key, 'POST', `/order/${name}`, { order_id: id }, expected)

  const place = { country_id: countryId(own.country), operator_id: 0 }
  const bought = {
    'of server 2': () => create({ service_id: own.id, ...place }),
    'of a special service': () => create({ service_id: special.id }),
  }

  it.each(Object.entries(bought))('%s is a success at its OTP', async (_name, buy) => {
    const order = await buy()
    expect(order).toMatchObject({ server: 2, status: 'pending' })
    await receive(order.phone_number, 'Sender', 'Your code is 593821')
    expect(await check(order.order_id)).toMatchObject({ status: 'success', otp_code: '593821' })
    server.advance(121)
    await refuses('cancel', order.order_id, [409, 'order_not_pending'])
  })

  it.each(Object.entries(bought))('%s takes resends after it', async (_name, buy) => {
    const order = await buy()
    await refuses('resend', order.order_id, [409, 'no_otp_yet'])
    await receive(order.phone_number, 'Sender', 'Your code is 593821')
    const resent = await verb('resend', order.order_id)
    expect(resent).toMatchObject({ status: 'success', otp_code: '593821', resend_count: 1 })
    await refuses('resend', order.order_id, [429, 'resend_locked'])
    await receive(order.phone_number, 'Sender', 'Your code is 104477')
    const second = await check(order.order_id)
    expect(second).toMatchObject({ status: 'success', otp_code: '104477' })
    expect(second.otps).toHaveLength(2)
    expect(await verb('finish', order.order_id)).toEqual(second)
    expect((await check(order.order_id)).status).toBe('success')
  })

  it('stays pending at a message without an OTP, and fails without one', async () => {
    const order = await create({ service_id: own.id, ...place })
    await receive(order.phone_number, 'Sender', 'Thank you for signing up')
    expect(await check(order.order_id)).toMatchObject({ status: 'pending', otp_code: null })
    server.advance(1_201)
    await endOverdueOrders(server.db, server.app.now())
    expect((await check(order.order_id)).status).toBe('failed')
  })

  it('for several services is a success when each of them has its OTP', async () => {
    const order = await create({ service_ids: [telegram, whatsapp], country_id: us })
    await receive(order.phone_number, 'Telegram', 'Telegram code 60214')
    expect((await check(order.order_id)).status).toBe('otp_received')
    await receive(order.phone_number, 'WhatsApp', 'Your WhatsApp code: 593-821')
    expect((await check(order.order_id)).status).toBe('success')
  })
})
