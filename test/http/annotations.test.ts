// A6: a customer's own reference and metadata on orders and deposits, and the filters of lists.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

type Annotated = {
  id: string
  state: string
  phone: string
  reference: string | null
  metadata: Record<string, string>
  created_at: string
  orders?: Annotated[]
}
type Page = { data: Annotated[]; next_cursor: string | null }

describe('A6: reference and metadata', async () => {
  const server = await testServer()
  const described = await referenceOf(server)
  const { secret } = await testSupplier(server.db)

  const customer = async () => {
    const { key } = await testCustomer(server.db)
    const ask = async <T = Annotated>(
      method: string,
      path: string,
      body?: unknown,
      headers?: Record<string, string>,
    ) => {
      const reply = await call<T>(server, key, method, path, body, headers)
      described.check(method, path, reply)
      return reply
    }
    const list = async (path: string) => {
      const { status, body } = await ask<Page>('GET', path)
      expect(status, path).toBe(200)
      return body.data.map((one) => one.id)
    }
    const buy = async (body: object) => {
      const reply = await ask('POST', '/v1/orders', body)
      expect(`${reply.status} ${JSON.stringify(reply.body)}`).toMatch(/^201 /)
      return reply.body
    }
    return { key, ask, list, buy }
  }
  const usual = { service: 'whatsapp', country: 'US' }
  const own = { reference: 'signup-4711', metadata: { team: 'checkout', run: '1842' } }
  const code = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })

  it('are on every kind of order, however it is bought', async () => {
    const { ask, buy } = await customer()
    const offers = (await ask<{ data: { id: number }[] }>('GET', '/v1/offers?kind=activation')).body
    for (const selection of [
      usual,
      { offer_id: offers.data[0]?.id },
      { services: ['whatsapp', 'telegram'], country: 'US' },
      { kind: 'rental', ...usual, duration: '3d' },
      { kind: 'email', site: 'example.com' },
      { kind: 'esim', plan: 'USA 1GB / 7 days' },
    ]) {
      const order = await buy({ ...selection, ...own })
      expect(order, JSON.stringify(selection)).toMatchObject(own)
      expect((await ask('GET', `/v1/orders/${order.id}`)).body).toMatchObject(own)
      expect(await buy(selection)).toMatchObject({ reference: null, metadata: {} })
    }
    for (const selection of [
      usual,
      { kind: 'email', site: 'example.com' },
      { kind: 'esim', plan: 'USA 1GB / 7 days' },
    ]) {
      const { orders = [] } = await buy({ ...selection, ...own, quantity: 3 })
      expect(orders).toHaveLength(3)
      for (const order of orders) expect(order).toMatchObject(own)
    }
  })

  it('stay apart where many buy at once', async () => {
    const buyers = await Promise.all(Array.from({ length: 5 }, customer))
    const bought = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const { buy, ask } = buyers[i % 5] as Awaited<ReturnType<typeof customer>>
        const wanted = i % 3 === 0 ? {} : { reference: `r${i}`, metadata: { i: String(i) } }
        const order = await buy({ ...usual, ...wanted })
        return { i, order, read: (await ask('GET', `/v1/orders/${order.id}`)).body }
      }),
    )
    for (const { i, order, read } of bought) {
      const expected =
        i % 3 === 0
          ? { reference: null, metadata: {} }
          : { reference: `r${i}`, metadata: { i: String(i) } }
      expect(order).toMatchObject(expected)
      expect(read).toMatchObject(expected)
    }
  })

  it('stay with an order that is replaced or renewed; a repeated purchase has its own', async () => {
    const { ask, buy } = await customer()
    const first = await buy({ ...usual, ...own })
    const { body: fresh } = await ask('POST', `/v1/orders/${first.id}/replace`)
    expect(fresh).toMatchObject(own)
    expect(fresh.id).not.toBe(first.id)
    expect((await ask('GET', `/v1/orders/${fresh.id}`)).body).toMatchObject(own)
    const rental = await buy({ kind: 'rental', ...usual, duration: '3d', ...own })
    expect((await ask('POST', `/v1/orders/${rental.id}/renew`)).body).toMatchObject(own)
    await code(fresh.phone, 'Your WhatsApp code: 593-821')
    expect((await ask('POST', `/v1/orders/${fresh.id}/finish`)).body).toMatchObject(own)
    const path = `/v1/orders/${fresh.id}/repeat`
    const other = { reference: 'signup-4712', metadata: { again: 'yes' } }
    const { status, body } = await ask('POST', path, other)
    expect({ status, body }).toMatchObject({ status: 201, body: other })
    expect((await ask('POST', path, { reference: '' })).status).toBe(422)
    expect((await ask('POST', path, { other: 1 })).status).toBe(422)
  })

  it('are part of what an Idempotency-Key stands for', async () => {
    const { ask } = await customer()
    const headers = { 'idempotency-key': 'one' }
    const first = await ask('POST', '/v1/orders', { ...usual, ...own }, headers)
    const again = await ask('POST', '/v1/orders', { ...usual, ...own }, headers)
    expect(again.body).toStrictEqual(first.body)
    for (const other of [{ reference: 'other' }, { metadata: { team: 'other' } }, {}]) {
      const body = { ...usual, ...own, ...other }
      const changed = Object.keys(other).length === 0 ? usual : body
      expect((await ask('POST', '/v1/orders', changed, headers)).status).toBe(422)
    }
  })

  it('are changed entry by entry, in every state', async () => {
    const { ask, buy } = await customer()
    const { id, phone } = await buy({ ...usual, ...own })
    const change = async (body: object) => {
      const { status, body: order } = await ask('PATCH', `/v1/orders/${id}`, body)
      expect(status).toBe(200)
      expect((await ask('GET', `/v1/orders/${id}`)).body).toStrictEqual(order)
      return { reference: order.reference, metadata: order.metadata }
    }
    expect(await change({})).toStrictEqual(own)
    expect(await change({ reference: 'other' })).toStrictEqual({ ...own, reference: 'other' })
    expect(await change({ metadata: { run: null, step: '2' } })).toStrictEqual({
      reference: 'other',
      metadata: { team: 'checkout', step: '2' },
    })
    await code(phone, 'Your WhatsApp code: 593-821')
    await ask('POST', `/v1/orders/${id}/finish`)
    expect(await change({ metadata: null })).toStrictEqual({ reference: 'other', metadata: {} })
    expect(await change({ reference: null })).toStrictEqual({ reference: null, metadata: {} })
    const twenty = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`n${i}`, 'x']))
    expect((await change({ metadata: twenty })).metadata).toStrictEqual(twenty)
    expect((await ask('PATCH', `/v1/orders/${id}`, { metadata: { more: 'x' } })).status).toBe(422)
    expect((await change({ metadata: { n0: null, more: 'x' } })).metadata).toHaveProperty('more')
  })

  it('may not be another customer’s', async () => {
    const { buy } = await customer()
    const { ask } = await customer()
    const { id } = await buy({ ...usual, ...own })
    expect((await ask('PATCH', `/v1/orders/${id}`, { reference: 'mine' })).status).toBe(404)
    expect((await ask('PATCH', '/v1/orders/ord_00000000000', {})).status).toBe(404)
    expect((await ask('PATCH', '/v1/deposits/dep_00000000000', {})).status).toBe(404)
  })

  it('are refused beyond their limits, and then nothing is bought', async () => {
    const { ask } = await customer()
    const entries = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, 'x']))
    for (const bad of [
      { reference: '' },
      { reference: 'x'.repeat(201) },
      { reference: 'two\nlines' },
      { reference: 'nul\u0000' },
      { reference: '\ud800' },
      { reference: 7 },
      { reference: null },
      { metadata: [] },
      { metadata: 'text' },
      { metadata: { a: 1 } },
      { metadata: { a: null } },
      { metadata: { a: { b: 'c' } } },
      { metadata: { '': 'x' } },
      { metadata: { ['x'.repeat(41)]: 'x' } },
      { metadata: { a: 'x'.repeat(501) } },
      { metadata: { a: 'nul\u0000' } },
      { metadata: { a: '\udfff' } },
      { metadata: entries(21) },
    ])
      for (const [method, path, body] of [
        ['POST', '/v1/orders', usual],
        ['POST', '/v1/deposits', { amount: '5' }],
      ] as const) {
        const { status } = await ask(method, path, { ...body, ...bad })
        expect(status, `${path} ${JSON.stringify(bad).slice(0, 80)}`).toBe(422)
      }
    expect((await ask<Page>('GET', '/v1/orders')).body.data).toEqual([])
    expect((await ask<Page>('GET', '/v1/deposits')).body.data).toEqual([])
    for (const good of [
      { reference: 'x'.repeat(200) },
      { reference: 'Ünïcødé 🙂 "quotes" \\ {}' },
      { metadata: { 'a "b" \\ {c}': 'two\nlines, "quotes", \\ and {} 🙂', empty: '' } },
      { metadata: { ['n'.repeat(40)]: 'v'.repeat(500) } },
      { metadata: entries(20) },
      { metadata: {} },
    ]) {
      expect((await ask('POST', '/v1/orders', { ...usual, ...good })).body).toMatchObject(good)
      expect((await ask('POST', '/v1/deposits', { amount: '5', ...good })).body).toMatchObject(good)
    }
  })

  it('are on deposits, beside the reference that the payer writes', async () => {
    const { ask, list } = await customer()
    const { body: deposit } = await ask('POST', '/v1/deposits', { amount: '5', ...own })
    expect(deposit).toMatchObject({
      ...own,
      payment_reference: expect.stringMatching(/^NL[0-9A-Z]{12}$/),
    })
    await ask('POST', '/v1/deposits', { amount: '6' })
    expect(await list(`/v1/deposits?reference=${own.reference}`)).toEqual([deposit.id])
    const { body } = await ask('PATCH', `/v1/deposits/${deposit.id}`, {
      reference: 'topup',
      metadata: { run: null },
    })
    expect(body).toMatchObject({ reference: 'topup', metadata: { team: 'checkout' } })
    expect((await ask('GET', `/v1/deposits/${deposit.id}`)).body).toStrictEqual(body)
    expect(await list(`/v1/deposits?reference=${own.reference}`)).toEqual([])
    expect(await list('/v1/deposits?reference=topup')).toEqual([deposit.id])
  })

  it('are in events, and in the statement', async () => {
    const { ask, buy, key } = await customer()
    const { id } = await buy({ ...usual, ...own })
    const gone = new AbortController()
    const stream = await fetch(`${server.url}/v1/orders/${id}/events`, {
      headers: { authorization: `Bearer ${key}` },
      signal: gone.signal,
    })
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('event: order.created')) text += (await reader?.read())?.value ?? ''
    while (!/data: .*\n\n/.test(text)) text += (await reader?.read())?.value ?? ''
    gone.abort()
    const data = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '{}')
    expect(data).toMatchObject({ type: 'order.created', data: { id, ...own } })
    const { body } = await ask<{ data: object[] }>('GET', '/v1/transactions')
    expect(body.data[0]).toMatchObject({ type: 'hold', order_id: id, reference: own.reference })
  })

  describe('lists', () => {
    it('go by reference, kind, state and time, alone and together', async () => {
      const { ask, list, buy } = await customer()
      const number = await buy({ ...usual, reference: 'a' })
      server.advance(60)
      const mail = await buy({ kind: 'email', site: 'example.com', reference: 'a' })
      server.advance(60)
      const other = await buy({ ...usual, reference: 'b' })
      const orders = (query: string) => list(`/v1/orders?${query}`)
      expect(await orders('')).toEqual([other.id, mail.id, number.id])
      expect(await orders('reference=a')).toEqual([mail.id, number.id])
      expect(await orders('reference=A')).toEqual([])
      expect(await orders('reference=a&kind=email')).toEqual([mail.id])
      expect(await orders('reference=a&state=received')).toEqual([])
      const at = encodeURIComponent(mail.created_at)
      expect(await orders(`created_after=${at}`)).toEqual([other.id, mail.id])
      expect(await orders(`created_before=${at}`)).toEqual([number.id])
      expect(await orders(`created_after=${at}&created_before=${at}`)).toEqual([])
      expect(await orders(`created_after=${at}&reference=b`)).toEqual([other.id])
      expect(await orders('created_after=2020-01-01T00:00:00%2B05:30')).toHaveLength(3)
      const { body: page } = await ask<Page>('GET', '/v1/orders?reference=a&limit=1')
      expect(page.data.map((one) => one.id)).toEqual([mail.id])
      expect(await orders(`reference=a&limit=1&cursor=${page.next_cursor}`)).toEqual([number.id])
      const times = (await ask<Page>('GET', `/v1/transactions?created_before=${at}`)).body.data
      expect(times.filter((line) => line.created_at >= mail.created_at)).toEqual([])
      expect(
        (await ask<Page>('GET', `/v1/transactions?created_after=${at}`)).body.data,
      ).toHaveLength(2)
      const { body: deposit } = await ask('POST', '/v1/deposits', { amount: '5' })
      expect(await list(`/v1/deposits?created_after=${at}`)).toEqual([deposit.id])
      expect(await list(`/v1/deposits?created_before=${at}`)).toEqual([])
    })

    it('refuse what is no time and no reference', async () => {
      const { ask } = await customer()
      for (const path of ['orders', 'deposits', 'transactions'])
        for (const query of [
          'created_after=yesterday',
          'created_before=2026-11-20',
          'created_after=2026-11-20T00:00:00',
          'created_after=',
          'created_before=2026-13-40T00:00:00Z',
          'created_after=2026-11-21T00:00:00Z&created_before=2026-11-20T00:00:00Z',
          'created_after=2026-11-20T00:00:00Z&created_before=2026-11-20T00:00:00%2B00:01',
          ...(path === 'transactions' ? [] : ['reference=', `reference=${'x'.repeat(201)}`]),
        ])
          expect((await ask('GET', `/v1/${path}?${query}`)).status, query).toBe(422)
      const reversed = 'created_before=2026-11-20T00:00:00Z&created_after=2026-11-21T00:00:00Z'
      expect((await ask('GET', `/v1/orders?${reversed}`)).body).toMatchObject({
        detail: 'created_after: must not be later than created_before.',
        errors: [{ pointer: 'created_after', detail: 'must not be later than created_before' }],
      })
    })
  })
})
