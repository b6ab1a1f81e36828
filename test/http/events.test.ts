// Streams of events: in order, without a gap, of one's own account alone.
import { describe, expect, it, onTestFinished } from 'vitest'
import { createKey, revokeKey } from '../../src/core/accounts/keys.ts'
import { openDatabase } from '../../src/db/database.ts'
import { call, serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { listen, type Told } from '../harness/stream.ts'

const typesOf = (told: readonly Told[]) => told.map((event) => event.type)

describe('a stream of events', async () => {
  const one = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const two = await serverOn(one.databaseUrl)
  const { db } = one
  const { secret } = await testSupplier(db)
  const service = await ownService(db, { numbers: 500 })

  const buy = async (key: string, at: { url: string } = one) =>
    (await call(at, key, 'POST', '/v1/orders', { service: service.slug, country: service.country }))
      .body as { id: string; phone: string }
  const send = (number: string, sms: string) =>
    call(one, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'Test', sms },
    })

  it('tells of an order as it goes, with the order as it is', async () => {
    const { key } = await testCustomer(db)
    const stream = await listen(one, key, '/v1/events')
    const order = await buy(key)
    await send(order.phone, 'Your code is 593821')
    await call(one, key, 'POST', `/v1/orders/${order.id}/finish`)
    const told = await stream.until(4)
    expect(typesOf(told)).toEqual([
      'order.created',
      'message.received',
      'order.code_received',
      'order.finished',
    ])
    const { body: shown } = await call(one, key, 'GET', `/v1/orders/${order.id}`)
    expect(told[3]?.data).toEqual(shown)
    expect(told[1]?.data).toMatchObject({
      order_id: order.id,
      message: { text: 'Your code is 593821', code: '593821' },
    })
  })

  it('goes on where it was left, on another node, and misses nothing', async () => {
    const { key } = await testCustomer(db)
    const first = await listen(one, key, '/v1/events')
    await buy(key)
    const [seen] = await first.until(1)
    first.stop()
    for (let i = 0; i < 20; i++) await buy(key, i % 2 ? one : two)
    const again = await listen(two, key, '/v1/events', { 'last-event-id': (seen as Told).id })
    await again.until(20)
    await buy(key)
    const told = await again.until(21)
    expect(new Set(told.map((event) => event.id)).size).toBe(21)
    expect(told.map((event) => event.id)).not.toContain((seen as Told).id)
    const byQuery = await listen(one, key, `/v1/events?after=${(told[9] as Told).id}`)
    expect((await byQuery.until(11)).map((event) => event.id)).toEqual(
      told.slice(10).map((event) => event.id),
    )
  })

  it('tells what commits late in its place, and never before what it hides', async () => {
    const { key, accountId } = await testCustomer(db)
    const other = openDatabase({ url: one.databaseUrl, poolSize: 1 })
    onTestFinished(() => other.end())
    const stream = await listen(one, key, '/v1/events')
    let commit: (() => void) | undefined
    const late = other.begin(async (tx) => {
      await tx.query(
        `insert into events (account_id, type, data, created_at)
         values ($1, 'deposit.success', '{"late": true}', now())`,
        [accountId],
      )
      await new Promise<void>((resolve) => {
        commit = resolve
      })
    })
    await expect.poll(() => commit).toBeDefined()
    await buy(key)
    // @NOTE nothing may be told that comes after what is still open, however often the tail looks
    for (let look = 0; look < 20; look++) await one.app.events.tail.poll()
    expect(stream.told).toEqual([])
    commit?.()
    await late
    expect(typesOf(await stream.until(2))).toEqual(['deposit.success', 'order.created'])
  })

  it('tells one customer nothing of another', async () => {
    const { key } = await testCustomer(db)
    const { key: other } = await testCustomer(db)
    const theirs = await listen(one, other, '/v1/events')
    const mine = await listen(one, key, '/v1/events')
    const order = await buy(key)
    await mine.until(1)
    expect(theirs.told).toEqual([])
    const refused = await call(one, other, 'GET', `/v1/orders/${order.id}/events`)
    expect(refused).toMatchObject({ status: 404, body: { code: 'order_not_found' } })
    const [told] = mine.told
    const stolen = await listen(one, other, '/v1/events', { 'last-event-id': (told as Told).id })
    await buy(other)
    await stolen.until(1)
  })

  it('tells only of the types that were asked for, and of one order from its beginning', async () => {
    const { key } = await testCustomer(db)
    const codes = await listen(one, key, '/v1/events?types=order.code_received,order.cancelled')
    const [kept, given] = [await buy(key), await buy(key)]
    const ofOne = await listen(one, key, `/v1/orders/${kept.id}/events`)
    await call(one, key, 'POST', `/v1/orders/${given.id}/cancel`)
    await send(kept.phone, 'Your code is 593821')
    expect(typesOf(await codes.until(2))).toEqual(['order.cancelled', 'order.code_received'])
    expect(typesOf(await ofOne.until(3))).toEqual([
      'order.created',
      'message.received',
      'order.code_received',
    ])
  })

  it('tells when the balance falls below the mark, each time once', async () => {
    const { key } = await testCustomer(db, { credit: '1.70' })
    const mark = { low_balance: '1.00' }
    expect(await call(one, key, 'PATCH', '/v1/account', mark)).toMatchObject({ body: mark })
    const stream = await listen(one, key, '/v1/events?types=balance.low')
    const [first] = [await buy(key), await buy(key), await buy(key)]
    expect((await stream.until(1))[0]?.data).toEqual({
      balance: '0.70',
      low_balance: '1.00',
      currency: 'USD',
    })
    await call(one, key, 'POST', `/v1/orders/${first?.id}/cancel`)
    const { body } = await call(one, key, 'GET', '/v1/account')
    expect(body).toMatchObject({ balance: '0.70', low_balance: '1.00' })
    expect(stream.told).toHaveLength(1)
    for (const wrong of ['0', '-1', 'x', undefined])
      expect(await call(one, key, 'PATCH', '/v1/account', { low_balance: wrong })).toMatchObject({
        status: 422,
      })
    const none = { low_balance: null }
    expect(await call(one, key, 'PATCH', '/v1/account', none)).toMatchObject({ body: none })
  })

  it('refuses what it does not know', async () => {
    const { key } = await testCustomer(db)
    const ask = (path: string, headers = {}) => call(one, key, 'GET', path, undefined, headers)
    const wrong = { status: 422, body: { code: 'invalid_request' } }
    expect(await ask('/v1/events?types=order.nonsense')).toMatchObject(wrong)
    expect(await ask('/v1/events?after=nonsense')).toMatchObject(wrong)
    expect(await ask('/v1/events', { 'last-event-id': '12' })).toMatchObject(wrong)
    expect(await call(one, null, 'GET', '/v1/events')).toMatchObject({ status: 401 })
  })

  it('ends when its key is revoked', async () => {
    const { key, accountId } = await testCustomer(db)
    const stream = await listen(one, key, '/v1/events')
    const [row] = await db.query<{ id: number }>('select id from api_keys where account_id = $1', [
      accountId,
    ])
    await revokeKey(db, new Date(), row?.id as number, accountId)
    await one.app.access.poll()
    await db.query(
      `insert into events (account_id, type, created_at) values ($1, 'deposit.success', now())`,
      [accountId],
    )
    await expect.poll(() => stream.state.isOpen, { timeout: 20_000 }).toBe(false)
    expect(stream.told).toEqual([])
  })

  it('keeps many readers of many accounts apart and complete', async () => {
    const customers = await Promise.all(Array.from({ length: 10 }, () => testCustomer(db)))
    const streams = await Promise.all(
      customers.flatMap(({ key }) => [one, two, one].map((at) => listen(at, key, '/v1/events'))),
    )
    await Promise.all(
      customers.flatMap(({ key }) =>
        Array.from({ length: 20 }, (_, i) => buy(key, i % 2 ? one : two)),
      ),
    )
    for (const stream of streams) {
      const told = await stream.until(20)
      expect(new Set(told.map((event) => event.data.id)).size).toBe(20)
    }
    for (let i = 0; i < streams.length; i += 3)
      expect(streams[i]?.told.map((event) => event.id)).toEqual(
        streams[i + 1]?.told.map((event) => event.id),
      )
  })

  it('ends before the first event after its key has run out, whatever came at the same time', async () => {
    const { accountId } = await testCustomer(db)
    const expiresAt = new Date(one.app.now().getTime() + 3_600_000)
    const { key } = await createKey(db, new Date(), { accountId, expiresAt })
    const stream = await listen(one, key, '/v1/events')
    const happens = (count: number) =>
      db.query(
        `insert into events (account_id, type, created_at)
         select $1, 'deposit.success', now() from generate_series(1, $2::int)`,
        [accountId, count],
      )
    await happens(1)
    await stream.until(1)
    one.advance(3_601)
    await Promise.all([happens(3), happens(3), happens(3)])
    await expect.poll(() => stream.state.isOpen, { timeout: 20_000 }).toBe(false)
    expect(stream.told).toHaveLength(1)
  })
})
