// Products that an account has pinned, and those that it used last.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Pin = { id: string; service: string; country: string; pool: string | null }
type List = { data: Pin[] }

describe('pins', async () => {
  const server = await testServer()
  const described = await referenceOf(server)
  const customer = async () => {
    const { key } = await testCustomer(server.db)
    return async <T = Pin>(method: string, path: string, body?: unknown, headers?: object) => {
      const reply = await call<T>(server, key, method, path, body, { ...headers })
      described.check(method, path, reply)
      return reply
    }
  }
  const whatsapp = { service: 'whatsapp', country: 'US' }

  it('are kept once for each product, and removed by their own account only', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    const { status, body: first } = await owner('POST', '/v1/pins', { ...whatsapp, country: 'us' })
    expect({ status, first }).toMatchObject({ status: 201, first: { ...whatsapp, pool: null } })
    const { body: one } = await owner('POST', '/v1/pins', { ...whatsapp, pool: '1' })
    expect(one).toMatchObject({ ...whatsapp, pool: '1' })
    const again = await Promise.all(
      Array.from({ length: 20 }, () => owner('POST', '/v1/pins', whatsapp)),
    )
    for (const { body } of again) expect(body).toEqual(first)
    expect((await owner<List>('GET', '/v1/pins')).body.data).toEqual([first, one])
    expect((await stranger<List>('GET', '/v1/pins')).body.data).toEqual([])
    expect((await stranger('DELETE', `/v1/pins/${first.id}`)).status).toBe(404)
    expect((await owner('DELETE', `/v1/pins/${first.id}`)).status).toBe(204)
    expect((await owner('DELETE', `/v1/pins/${first.id}`)).status).toBe(404)
    expect((await owner<List>('GET', '/v1/pins')).body.data).toEqual([one])
    for (const id of ['pin_00000000000', 'nonsense', one.id.replace('pin_', 'key_')])
      expect((await owner('DELETE', `/v1/pins/${id}`)).status, id).toBe(404)
  })

  it('are repeated by their Idempotency-Key, and limited', async () => {
    const ask = await customer()
    const once = { 'idempotency-key': 'pin-1' }
    const made = await ask('POST', '/v1/pins', whatsapp, once)
    expect((await ask('POST', '/v1/pins', whatsapp, once)).body).toEqual(made.body)
    expect((await ask('POST', '/v1/pins', { ...whatsapp, pool: '1' }, once)).status).toBe(422)
    const products = ['GB', 'DE', 'FR', 'US'].flatMap((country) =>
      ['telegram', 'google', 'discord', 'tinder', 'uber', 'amazon', 'viber', 'steam'].flatMap(
        (service) => [null, '1', '2', 'special'].map((pool) => ({ service, country, pool })),
      ),
    )
    for (const product of products.slice(0, 94)) await ask('POST', '/v1/pins', product)
    const more = await Promise.all(
      products.slice(94, 114).map((product) => ask('POST', '/v1/pins', product)),
    )
    expect(more.filter(({ status }) => status === 201)).toHaveLength(5)
    expect((await ask<List>('GET', '/v1/pins')).body.data).toHaveLength(100)
  })

  it('refuse what is no product', async () => {
    const ask = await customer()
    for (const [body, status] of [
      [{ ...whatsapp, service: 'nobodys' }, 404],
      [{ ...whatsapp, country: 'ZZ' }, 404],
      [{ ...whatsapp, country: 'USA' }, 422],
      [{ ...whatsapp, pool: '' }, 422],
      [{ ...whatsapp, pool: 'nowhere' }, 422],
      [{ ...whatsapp, pool: 'x'.repeat(21) }, 422],
      [{ service: 'whatsapp' }, 422],
      [{ ...whatsapp, price: '1' }, 422],
    ] as const)
      expect((await ask('POST', '/v1/pins', body)).status, JSON.stringify(body)).toBe(status)
    expect((await ask<List>('GET', '/v1/pins')).body.data).toEqual([])
  })

  it('have beside them what was bought last, by this account', async () => {
    const [ask, stranger] = [await customer(), await customer()]
    for (const service of ['whatsapp', 'telegram', 'whatsapp'])
      expect((await ask('POST', '/v1/orders', { service, country: 'US' })).status).toBe(201)
    await ask('POST', '/v1/orders', { kind: 'esim', plan: 'USA 1GB / 7 days' })
    const { data } = (await ask<List>('GET', '/v1/last-used')).body
    expect(data.map(({ service }) => service)).toEqual(['whatsapp', 'telegram'])
    expect(data[0]).toMatchObject({ country: 'US', pool: expect.any(String) })
    expect((await stranger<List>('GET', '/v1/last-used')).body.data).toEqual([])
  })
})
