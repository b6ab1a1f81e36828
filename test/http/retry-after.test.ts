// D11: every refusal that time mends says in `Retry-After` when to come back, in every dialect.
import { describe, expect, it } from 'vitest'
import { dialectClient } from '../conformance/client.ts'
import { drivers } from '../conformance/drivers/all.ts'
import { driver as native } from '../conformance/drivers/native.ts'
import { call, type Reply } from '../harness/server.ts'

const waitOf = (reply: Reply) => Number(reply.headers.get('retry-after'))

describe.each(Object.entries(drivers))('D11: %s says when to come back', async (_name, driver) => {
  const { server, service, customer, send, buy } = await dialectClient(driver)
  const { db } = server
  const purchase = driver.ask.buy(service)
  const untilMidnight = () => 86_400 - (Math.floor(server.app.now().getTime() / 1000) % 86_400)

  it('after the orders of a day', async () => {
    const { key, accountId } = await customer()
    await db.query('update accounts set max_orders_a_day = 0 where id = $1', [accountId])
    expect(waitOf(await send(key, purchase))).toBe(untilMidnight())
  })

  it('after too many cancelled orders', async () => {
    const { key, accountId } = await customer()
    await buy(key)
    await db.query('update accounts set max_cancelled_percent = 10 where id = $1', [accountId])
    await db.query(
      'update account_usage set bought_today = 20, cancelled_today = 20 where account_id = $1',
      [accountId],
    )
    expect(waitOf(await send(key, purchase))).toBe(untilMidnight())
  })

  it('with too many open orders', async () => {
    const { key, accountId } = await customer()
    await db.query('update accounts set max_open_orders = 0 where id = $1', [accountId])
    expect(waitOf(await send(key, purchase))).toBe(30)
  })

  it('inside the cooldown', async () => {
    const { key } = await customer()
    const { id } = await buy(key)
    server.advance(20)
    expect(waitOf(await send(key, driver.ask.cancel(id)))).toBe(100)
  })

  it('while the first request of an Idempotency-Key runs', async () => {
    const { key, accountId } = await customer()
    const headers = { 'idempotency-key': 'one' }
    const release = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const holding = db.begin(async (tx) => {
      await tx.query('select 1 from ledger_accounts where account_id = $1 for update', [accountId])
      locked.resolve()
      await release.promise
    })
    await locked.promise
    const both = [send(key, purchase, headers), send(key, purchase, headers)]
    const second = await Promise.race(both)
    expect(waitOf(second)).toBe(1)
    release.resolve()
    await holding
    const statuses = (await Promise.all(both)).map(({ status }) => status)
    expect(statuses).toContain(driver.succeeds.bought)
  })
})

describe('D11: a second request for another code says when to come back', async () => {
  const { server, customer, buy, receive } = await dialectClient(native)
  const asks: Record<string, (id: string) => [path: string, body?: object]> = {
    native: (id) => [`/v1/orders/${id}/resend`],
    otpzap: (id) => ['/otpzap/api/v1/order/resend', { order_id: id }],
  }

  it.each(Object.entries(asks))('in %s', async (_name, ask) => {
    const { key } = await customer()
    const { id, phone } = await buy(key)
    await receive(phone, 'Your code is 593821')
    const [path, body] = ask(id)
    expect((await call(server, key, 'POST', path, body)).status).toBe(200)
    const second = await call(server, key, 'POST', path, body)
    expect(second.status).toBeGreaterThanOrEqual(400)
    expect(waitOf(second)).toBe(30)
  })
})
