// Numbers that suppliers are asked for, as callers of the native API see them before they are there.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { call, type Reply, testCustomer, testSupplier } from '../harness/server.ts'
import { dramaNumbers, expectCleanAudit, openMarket } from '../promises/market.ts'
import { openUpstream, upstreamDesk } from '../supply/upstream/market.ts'

type Shown = { id: string; state: string; phone: string | null; code: string }

describe('an order whose number a supplier is asked for', async () => {
  const server = await upstreamDesk()
  const { app, db, offerId } = server
  await openUpstream(db, app.now(), { offerId, stock: 100 })
  const wanted = { service: 'whatsapp', country: 'GB' }
  const buy = (key: string, query = '', body: object = wanted, headers = {}) =>
    call<Shown & { orders: Shown[] }>(server, key, 'POST', `/v1/orders${query}`, body, headers)
  const openOf = async (accountId: number) =>
    (
      await db.query<{ id: bigint }>(
        `select id from orders where account_id = $1 and state = 'allocating'`,
        [accountId],
      )
    ).map((row) => row.id)
  const idOf = (order: { id: string }) => app.ids.fromToken('ord', order.id) as bigint

  it('is answered without its number to a caller who does not wait, and is told by then', async () => {
    const { key } = await testCustomer(db)
    const headers = { 'idempotency-key': 'does-not-wait' }
    const first = await buy(key, '?wait=0', wanted, headers)
    expect(first).toMatchObject({ status: 202, body: { state: 'allocating', phone: null } })
    const path = `/v1/orders/${first.body.id}`
    expect((await call<Shown>(server, key, 'GET', path)).body.state).toBe('allocating')
    const told = call<Shown>(server, key, 'GET', `${path}?wait=30`)
    expect(await app.orders.fail([idOf(first.body)])).toHaveLength(1)
    expect((await told).body).toMatchObject({ state: 'failed', phone: null })
    // The answer that was given is repeated as it was.
    expect(await buy(key, '?wait=0', wanted, headers)).toMatchObject({
      status: 202,
      body: first.body,
    })
  })

  it('is one of several that are answered together', async () => {
    const { key, accountId } = await testCustomer(db)
    const reply = await buy(key, '?wait=0', { ...wanted, quantity: 3 })
    expect(reply.status).toBe(202)
    expect(reply.body.orders.map(({ state }) => state)).toEqual(Array(3).fill('allocating'))
    expect(await app.orders.fail(await openOf(accountId))).toHaveLength(3)
  })

  it('fails when the time that the caller gives is over, and the money is back', async () => {
    const { key, accountId } = await testCustomer(db)
    const reply = await buy(key, '', wanted, { 'numlet-deadline': '2' })
    expect(reply).toMatchObject({ status: 409, body: { code: 'out_of_stock' } })
    expect(await openOf(accountId)).toEqual([])
    const { body } = await call<{ balance: string }>(server, key, 'GET', '/v1/account')
    expect(body.balance).toBe('100.00')
  })

  it('is not made for a platform that asks in a circle, or without time to wait', async () => {
    const { key, accountId } = await testCustomer(db)
    const own = await app.supply.ownId()
    const inVain = [
      { 'numlet-via': own },
      { 'numlet-via': `plt_other, ${own}` },
      { 'numlet-via': 'plt_a, plt_b, plt_c' },
      { 'numlet-deadline': '1' },
    ]
    for (const headers of inVain) {
      const reply = await buy(key, '', wanted, headers)
      expect(reply, JSON.stringify(headers)).toMatchObject({
        status: 409,
        body: { code: 'out_of_stock' },
      })
    }
    const orders = await db.query('select from orders where account_id = $1', [accountId])
    expect(orders).toHaveLength(0)
  })

  it('is asked for in the name of all platforms that it came through', async () => {
    const { key, accountId } = await testCustomer(db)
    await buy(key, '?wait=0', wanted, { 'numlet-via': 'plt_first, plt_second' })
    const [id] = await openOf(accountId)
    const kept = await db.query('select via from allocations where order_id = $1', [id])
    expect(kept).toEqual([{ via: ['plt_first', 'plt_second'] }])
    expect(await app.orders.fail([id as bigint])).toHaveLength(1)
  })

  it('is refused beyond 50 that wait for an account, and others still buy', async () => {
    const { key, accountId } = await testCustomer(db, { credit: '1000' })
    const refused: Reply<unknown>[] = []
    // At once: they do not see each other before they have bought.
    const asked = Array.from({ length: 60 }, () =>
      buy(key).then((reply) => {
        if (reply.status === 429) refused.push(reply)
        return reply
      }),
    )
    await expect.poll(() => refused.length).toBe(10)
    expect(await openOf(accountId)).toHaveLength(50)
    expect(await buy(key)).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    const other = await testCustomer(db)
    const theirs = buy(other.key)
    await expect.poll(() => openOf(other.accountId)).toHaveLength(1)
    await app.orders.fail([...(await openOf(accountId)), ...(await openOf(other.accountId))])
    const answers = [...(await Promise.all(asked)), await theirs]
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(51)
    const { body } = await call<{ balance: string }>(server, key, 'GET', '/v1/account')
    expect(body.balance).toBe('1000.00')
    await expectCleanAudit(db)
  })

  it('gives way to the next offer that the caller chose, with a key or an id of the caller’s', async () => {
    const { accountId } = await testCustomer(db)
    const { key } = await createKey(db, app.now(), { accountId, scopes: ['handler-api'] })
    const { supplierId } = await testSupplier(db, 'premium')
    const phones = dramaNumbers(2, 60)
    const shelf = { country: 'GB', operator: 'Premium', pool: '2', phones }
    await openMarket(db, supplierId, [{ ...shelf, prices: { whatsapp: '3.00' } }])
    const ask = { api_key: key, action: 'getNumber', service: 'wa', country: '16' }
    const ways: Record<string, string>[] = [{ orderId: 'second choice' }, {}]
    for (const more of ways) {
      const query = new URLSearchParams({ ...ask, providerIds: '1,2', ...more })
      const path = `/stubs/handler_api.php?${query}`
      const headers: Record<string, string> = more.orderId
        ? {}
        : { 'idempotency-key': 'second-choice-1' }
      const reply = call<string>(server, key, 'GET', path, undefined, headers)
      await expect.poll(() => openOf(accountId)).toHaveLength(1)
      await app.orders.fail(await openOf(accountId))
      expect((await reply).body).toMatch(/^ACCESS_NUMBER/)
    }
  })

  it('is bought once with an id of the caller’s that is sent ten times after it has failed', async () => {
    const { accountId } = await testCustomer(db)
    const { key } = await createKey(db, app.now(), { accountId, scopes: ['handler-api'] })
    const buyFor = (orderId: string) =>
      call<string>(
        ...([server, key, 'GET'] as const),
        `/stubs/handler_api.php?${new URLSearchParams({
          ...{ api_key: key, action: 'getNumber', service: 'wa', country: '16', orderId },
        })}`,
      )
    const { supplierId } = await testSupplier(db, 'later')
    const rounds = 5
    for (let round = 0; round < rounds; round++) {
      const first = buyFor(`mine ${round}`)
      await expect.poll(() => openOf(accountId)).toHaveLength(1)
      await app.orders.fail(await openOf(accountId))
      expect((await first).body).toBe('NO_NUMBERS')
      const phones = dramaNumbers(10, 100 + 10 * round)
      const shelf = { country: 'GB', operator: `Later ${round}`, pool: '1', phones }
      await openMarket(db, supplierId, [{ ...shelf, prices: { whatsapp: '1.00' } }])
      const again = await Promise.all(
        Array.from({ length: 10 }, () => buyFor(`mine ${round}`).then(({ body }) => body)),
      )
      const bought = again.filter((text) => text.startsWith('ACCESS_NUMBER'))
      expect(bought, again.join(' ')).toHaveLength(1)
      await db.query(`update stock set remaining = 0, next_position = 1000`)
      await db.query(`update numbers set state = 'disabled'`)
    }
  })
})
