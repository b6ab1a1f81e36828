// A5: one call answers in one shape, what is deleted is not active, and every id says what it is of.
import { describe, expect, it } from 'vitest'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Answer = Readonly<Record<string, unknown>> & { readonly id: string }

describe('A5: answers of /v1', async () => {
  const server = await testServer()
  const { key } = await testCustomer(server.db)
  const ask = async <T = Answer>(method: string, path: string, body?: unknown) => {
    const reply = await call<T>(server, key, method, path, body)
    expect(reply.status, `${method} ${path}`).toBeLessThan(300)
    return reply.body
  }
  const wanted = { service: 'whatsapp', country: 'US' }

  it('are an order, and a list of orders where a batch is asked for, of one or more', async () => {
    const one = await ask('POST', '/v1/orders', wanted)
    const fields = Object.keys(one).sort()
    expect(fields).toContain('phone')
    for (const quantity of [1, 3]) {
      const batch = await ask<{ orders: Answer[] }>('POST', '/v1/orders', { ...wanted, quantity })
      expect(Object.keys(batch)).toEqual(['orders'])
      expect(batch.orders).toHaveLength(quantity)
      for (const order of batch.orders) expect(Object.keys(order).sort()).toEqual(fields)
    }
    const read = await ask('GET', `/v1/orders/${one.id}`)
    expect(Object.keys(read).sort()).toEqual(fields)
    const { data } = await ask<{ data: Answer[] }>('GET', '/v1/orders')
    for (const order of data) expect(Object.keys(order).sort()).toEqual(fields)
  })

  it('show a deleted webhook nowhere, a paused one as inactive, a revoked key as revoked', async () => {
    const hook = { url: 'https://example.com/hooks', events: ['*'] }
    const { id } = await ask('POST', '/v1/webhooks', hook)
    const paused = await ask('PATCH', `/v1/webhooks/${id}`, { active: false })
    expect(paused).toMatchObject({ id, active: false })
    const deleted = await call(server, key, 'DELETE', `/v1/webhooks/${id}`)
    expect(deleted).toMatchObject({ status: 204, body: '' })
    expect((await call(server, key, 'GET', `/v1/webhooks/${id}`)).status).toBe(404)
    expect(await ask('GET', '/v1/webhooks')).toMatchObject({ data: [] })
    const made = await ask('POST', '/v1/keys', { name: 'a' })
    const revoked = await ask('DELETE', `/v1/keys/${made.id}`)
    expect(revoked).toMatchObject({ id: made.id, revoked_at: expect.any(String) })
  })

  it('have ids that begin with what they are of', async () => {
    await ask('POST', '/v1/deposits', { amount: '5' })
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-/
    for (const [path, prefix] of [
      ['/v1/orders', 'ord'],
      ['/v1/transactions', 'tx'],
      ['/v1/deposits', 'dep'],
      ['/v1/keys', 'key'],
    ] as const) {
      const { data } = await ask<{ data: Answer[] }>('GET', path)
      expect(data.length, path).toBeGreaterThan(0)
      for (const { id } of data) {
        expect(id, path).toMatch(new RegExp(`^${prefix}[a-z]*_`))
        expect(id, path).not.toMatch(uuid)
      }
    }
  })
})
