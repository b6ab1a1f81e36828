// ZapOTP beyond its document’s examples: where the key stands, the endings of paths, the account, repeats.
import { describe, expect, it } from 'vitest'
import { testCustomer } from '../../harness/server.ts'
import { type Rented, wanted, zapotpClient } from './client.ts'

describe('zapotp', async () => {
  const { server, ask, dataOf } = await zapotpClient()

  describe('knows the key', () => {
    it('from the query, on every call', async () => {
      const { key } = await testCustomer(server.db)
      const query = `api_key=${key}`
      for (const path of ['/user', '/services?country=US&', '/orders'])
        expect(
          (await ask(null, 'GET', path + (path.endsWith('&') ? query : `?${query}`))).status,
        ).toBe(200)
      const { body } = await ask<Rented>(null, 'POST', `/rent?${query}`, wanted)
      const id = body.data.order_id
      expect((await ask(null, 'GET', `/sms?order_id=${id}&${query}`)).status).toBe(200)
      server.advance(121)
      const gone = await ask(null, 'POST', `/cancel?${query}`, { order_id: id })
      expect(gone.body).toEqual({ status: 'success', data: { order_id: id, status: 'CANCELED' } })
    })

    it('but not when it is wrong, given twice, or beside a wrong header', async () => {
      const { key } = await testCustomer(server.db)
      const refusal = {
        status: 401,
        body: { status: 'error', message: 'Invalid API key' },
      }
      for (const query of ['', 'api_key=', 'api_key=x', `api_key=${key}&api_key=${key}`])
        expect(await ask(null, 'GET', `/user?${query}`)).toMatchObject(refusal)
      expect(await ask('nonsense', 'GET', `/user?api_key=${key}`)).toMatchObject(refusal)
    })
  })

  it('answers the same below each path with .php', async () => {
    const { key } = await testCustomer(server.db)
    const same = async (path: string, php: string) =>
      expect(await dataOf(key, 'GET', php)).toStrictEqual(await dataOf(key, 'GET', path))
    const rented = await dataOf<Rented>(key, 'POST', '/rent.php', wanted)
    await same('/user', '/user.php')
    await same('/services?country=US', '/services.php?country=US')
    await same('/services?country=US&service=whatsapp', '/services.php?country=US&service=whatsapp')
    await same(`/sms?order_id=${rented.order_id}`, `/sms.php?order_id=${rented.order_id}`)
    await same('/orders', '/orders.php')
    server.advance(121)
    expect(await dataOf(key, 'POST', '/cancel.php', { order_id: rented.order_id })).toStrictEqual({
      order_id: rented.order_id,
      status: 'CANCELED',
    })
  })

  it('names the account by its name, else by its address', async () => {
    const { key, accountId } = await testCustomer(server.db)
    const { username } = await dataOf<{ username: string }>(key, 'GET', '/user')
    expect(username).toMatch(/^customer\d+$/)
    await server.db.query('update accounts set name = $2 where id = $1', [accountId, 'Jane'])
    expect((await dataOf<{ username: string }>(key, 'GET', '/user')).username).toBe('Jane')
  })

  it('rents and cancels once for each Idempotency-Key', async () => {
    const { key } = await testCustomer(server.db)
    const once = (name: string) => ({ 'idempotency-key': name })
    for (const duration of ['generic', '3d']) {
      const body = { ...wanted, duration }
      const first = await ask<Rented>(key, 'POST', '/rent', body, once(duration))
      const again = await ask<Rented>(key, 'POST', '/rent', body, once(duration))
      expect(first.status).toBe(200)
      expect(again.body).toEqual(first.body)
      expect(again.headers.get('idempotency-replayed')).toBe('true')
    }
    expect(await dataOf<unknown[]>(key, 'GET', '/orders')).toHaveLength(2)
    const other = { ...wanted, service: 'telegram' }
    expect(await ask(key, 'POST', '/rent', other, once('generic'))).toMatchObject({
      status: 422,
      body: { message: 'Idempotency-Key was used with another request' },
    })
  })
})
