// O4 in the dialects that sell or show orders for several services, and in the data of before.
import { describe, expect, it } from 'vitest'
import { leaseNumber } from '../../src/core/orders/buying/allocation.ts'
import { lockCustomer, placeOrders } from '../../src/core/orders/buying/purchase.ts'
import { call, testCustomer } from '../harness/server.ts'
import { expectCleanAudit, services } from '../promises/market.ts'
import { severalServices, windowS } from './several-services.ts'

describe('O4: an order for several services', async () => {
  const { server, app, db, reference, key, ask, buy, read, verb, balance, send, states, lastCode } =
    await severalServices()

  it('by OTPZap: otp_received until every service has its code, then success', async () => {
    const zap = async (method: string, path: string, body?: unknown) => {
      const full = `/otpzap/api/v1/order${path}`
      const reply = await call<{ data: Record<string, unknown>; error: { code: string } }>(
        server,
        key,
        method,
        full,
        body,
      )
      reference.check(method, full, reply)
      return reply
    }
    const [gb] = await db.query<{ number: number }>(
      `select number from countries where code = 'GB'`,
    )
    const create = async () => {
      const { body } = await zap('POST', '/create', {
        service_ids: [services.whatsapp, services.telegram],
        country_id: gb?.number,
      })
      return body.data as { order_id: number; phone_number: string }
    }
    const { order_id, phone_number: phone } = await create()
    const check = async () => (await zap('GET', `/check?order_id=${order_id}`)).body.data
    expect(await check()).toMatchObject({
      status: 'pending',
      price: 0.7,
      services: [
        { service_name: 'WhatsApp', price: 0.4, status: 'pending', otp_code: null },
        { service_name: 'Telegram', price: 0.3, status: 'pending', otp_code: null },
      ],
    })
    await send(phone, 'WhatsApp')
    expect(await check()).toMatchObject({
      status: 'otp_received',
      services: [{ status: 'success', otp_code: lastCode() }, { status: 'pending' }],
    })
    const cancelled = await zap('POST', '/cancel', { order_id })
    expect([cancelled.status, cancelled.body.error.code]).toEqual([409, 'order_not_pending'])
    await send(phone, 'Telegram')
    expect(await check()).toMatchObject({ status: 'success' })
    const other = await create()
    await send(other.phone_number, 'WhatsApp')
    const before = await balance()
    const finished = await zap('POST', '/finish', { order_id: other.order_id })
    expect(finished.body.data).toMatchObject({
      status: 'success',
      services: [{ status: 'success' }, { status: 'failed' }],
    })
    expect(await balance()).toBeCloseTo(before + 0.3, 4)
  })

  it('by handler_api: an activation for each, with its own price and end', async () => {
    const { key: own } = await testCustomer(db, { scopes: ['handler-api'] })
    const protocol = async (query: string) =>
      (await fetch(`${server.url}/stubs/handler_api.php?api_key=${own}&${query}`)).text()
    const got = await protocol('action=getMultiServiceNumber&multiService=wa,tg&country=16')
    const both = JSON.parse(got) as { phone: string; activation: string; service: string }[]
    const [wa, tg] = both as [(typeof both)[0], (typeof both)[0]]
    await send(`+${wa.phone}`, 'WhatsApp')
    expect(await protocol(`action=getStatus&id=${wa.activation}`)).toBe(`STATUS_OK:${lastCode()}`)
    expect(await protocol(`action=setStatus&id=${tg.activation}&status=8`)).toBe('ACCESS_CANCEL')
    expect(await protocol('action=getBalance')).toBe('ACCESS_BALANCE:99.60')
  })

  it('of before ends as it was sold: by the first code, or by a refund of all', async () => {
    const { key: theirs, accountId } = await testCustomer(db)
    const oldOrder = (phone: string) =>
      db.begin(async (tx) => {
        const now = app.now()
        const limits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }
        const customer = await lockCustomer(tx, now, accountId, limits, 1)
        const [number] = await tx.query<{ id: number; shelf_id: number; operator_id: number }>(
          `select n.id, n.shelf_id, s.operator_id from numbers n join shelves s on s.id = n.shelf_id
            where n.phone = $1`,
          [phone],
        )
        if (!number) throw new Error('no such number')
        const [offer] = await tx.query<{ id: number }>('select id from offers limit 1')
        const ids = [services.whatsapp, services.telegram]
        const until = new Date(now.getTime() + windowS * 1000)
        const [order] = await placeOrders(
          tx,
          now,
          customer,
          [
            {
              ...{ kind: 'activation', state: 'waiting', country: 'GB', pool: '1' },
              ...{ operatorId: number.operator_id, numberId: number.id, phone },
              ...{ serviceId: ids[0], services: ids, offerId: offer?.id as number },
              ...{ price: 7_000n, cancelAfter: now, expiresAt: until },
            },
          ],
          { post: false },
        )
        if (!order) throw new Error('no order')
        const { id: numberId, shelf_id: shelfId } = number
        const lease = { orderId: order.id, accountId, numberId, shelfId, serviceIds: ids, until }
        await leaseNumber(tx, now, lease)
        return app.ids.toToken('ord', order.id)
      })
    const [paid, given] = [await freeNumber(), await freeNumber()]
    const first = await oldOrder(paid)
    expect(states(await read(first, theirs))).toEqual(['held', 'held'])
    await send(paid, 'WhatsApp')
    expect(await read(first, theirs)).toMatchObject({
      services: [
        { price: null, state: 'paid', code: lastCode() },
        { price: null, state: 'paid', code: null },
      ],
    })
    await ask('POST', `/v1/orders/${first}/finish`, undefined, theirs)
    expect(await balance(theirs)).toBeCloseTo(99.3, 4)
    const second = await oldOrder(given)
    const cancelled = await ask('POST', `/v1/orders/${second}/cancel`, undefined, theirs)
    expect(cancelled.status, JSON.stringify(cancelled.body)).toBe(200)
    expect(states(await read(second, theirs))).toEqual(['refunded', 'refunded'])
    expect(await balance(theirs)).toBeCloseTo(99.3, 4)
    await expectCleanAudit(db)
  })

  /** A number that nobody has, taken off its shelf as a purchase takes it. */
  async function freeNumber() {
    const { id, phone } = await buy()
    server.advance(1)
    await verb('cancel', id)
    server.advance(1)
    return phone
  }
})
