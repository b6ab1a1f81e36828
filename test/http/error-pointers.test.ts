// A4: where the errors of /v1 point: a JSON Pointer into the body, or the name of a parameter or header.
import { describe, expect, it } from 'vitest'
import { fieldsOf, parametersOf, referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Problem = { detail: string; errors?: { pointer: string; detail: string }[] }

describe('an error of /v1 points', async () => {
  const server = await testServer({ env: { NUMLET_RATE_LIMIT: '0' } })
  const reference = await referenceOf(server)
  const { operations } = reference
  const { key } = await testCustomer(server.db)
  const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    call<Problem>(server, key, method, path, body, headers)
  const pointersOf = async (...request: Parameters<typeof ask>) =>
    (await ask(...request)).body.errors?.map(({ pointer }) => pointer)

  const order = { service: 'whatsapp', country: 'US' }

  it.each([
    ['/country', { service: 'whatsapp', operator: 'tmobile' }],
    ['/country', { service: 'whatsapp', country: 'USA' }],
    ['/max_price', { ...order, max_price: 'x' }],
    ['/duration', { ...order, kind: 'rental', duration: 'x' }],
    ['/quantity', { ...order, quantity: 0 }],
    ['/service', {}],
    ['/services/0', { services: [1, 'telegram'] }],
    ['/services', { services: ['telegram', 'telegram'], country: 'US' }],
    ['/site', { kind: 'email', site: 'x' }],
    ['/regex', { kind: 'email', site: 'example.com', regex: '(' }],
    ['/plan', { kind: 'esim' }],
    ['/metadata/a', { ...order, metadata: { a: 1 } }],
    ['/metadata/a~1b~0c', { ...order, metadata: { 'a/b~c': 1 } }],
    ['/a~1b~0c', { ...order, 'a/b~c': 1 }],
    ['', []],
  ])('at %s of an order', async (pointer, body) => {
    expect(await pointersOf('POST', '/v1/orders', body)).toEqual([pointer])
  })

  it.each([
    ['/v1/offers?operator=tmobile', 'country'],
    ['/v1/offers?country=USA', 'country'],
    ['/v1/offers?max_price=x', 'max_price'],
    ['/v1/offers?duration=x', 'duration'],
    ['/v1/offers?cursor=x', 'cursor'],
    ['/v1/quotes?services=whatsapp,telegram&operator=tmobile', 'country'],
    ['/v1/quotes?services=telegram,telegram&country=US', 'services'],
    ['/v1/quotes', 'services'],
    ['/v1/orders?limit=x', 'limit'],
    ['/v1/orders?a%2Fb=1', 'a/b'],
    ['/v1/events?types=x', 'types'],
    ['/v1/events?after=x', 'after'],
  ])('at a parameter: %s', async (path, name) => {
    expect(await pointersOf('GET', path)).toEqual([name])
  })

  it('at a header', async () => {
    const headers = { 'idempotency-key': 'a b' }
    expect(await pointersOf('POST', '/v1/orders', order, headers)).toEqual(['Idempotency-Key'])
    const after = { 'last-event-id': 'x' }
    expect(await pointersOf('GET', '/v1/events', undefined, after)).toEqual(['Last-Event-ID'])
  })

  it('names a field in words for people', async () => {
    const { body } = await ask('POST', '/v1/orders', { ...order, metadata: { 'a/b~c': 1 } })
    expect(body.detail).toBe('metadata.a/b~c: must be text.')
  })

  it('at no more than 20 of the fields, and counts the others', async () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `k${i}`)
    const many = Object.fromEntries(names.map((name) => [name, 1]))
    const inBody = await ask('POST', '/v1/orders', { ...many, quantity: 0 })
    expect(inBody.body.errors).toHaveLength(20)
    expect(inBody.body.detail).toMatch(/ There are 300[12] errors in all\.$/)
    const query = names.slice(0, 300).join('=1&')
    const inQuery = await ask('GET', `/v1/offers?${query}=1`)
    expect(inQuery.body).toMatchObject({
      detail: 'k0: is not a known parameter. There are 300 errors in all.',
      errors: names.slice(0, 20).map((pointer) => ({ pointer })),
    })
  })

  const own = operations.filter(({ path, operationId }) => {
    return path.startsWith('/v1/') && !operationId.startsWith('stream')
  })

  it.each(own)('only at what $operationId takes', async (one) => {
    const path = one.path.replace(/\{\w+\}/g, 'ord_00000000000')
    const parameters = parametersOf(one)
    const fields = fieldsOf(reference, one)
    const inBody = (pointer: string) =>
      pointer === '' || fields.includes(/^\/([^/]+)/.exec(pointer)?.[1] ?? '')
    const expectGood = (pointers: readonly string[] = []) => {
      for (const pointer of pointers)
        expect(
          parameters.includes(pointer) || (fields.length > 0 && inBody(pointer)),
          pointer,
        ).toBe(true)
    }
    for (const name of parameters)
      for (const value of ['-7.5', 'no such value', ''])
        expectGood(await pointersOf(one.method, `${path}?${name}=${value}`))
    for (const name of fields)
      for (const value of [true, -7.5, [{}], { a: 1 }, 'x'.repeat(3_000)])
        expectGood(await pointersOf(one.method, path, { [name]: value }))
  })
})
