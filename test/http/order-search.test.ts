// Notes on orders, the search and the filters of lists, and lists as CSV.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

type Order = { id: string; number: number; phone: string; note: string | null; country: string }
type Page = { data: Order[]; next_cursor: string | null; errors?: { pointer: string }[] }

describe('orders of an account', async () => {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const described = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  const usual = { service: 'whatsapp', country: 'US' }

  const customer = async () => {
    const { key, accountId } = await testCustomer(server.db)
    const ask = async <T = Order>(method: string, path: string, body?: unknown) => {
      const reply = await call<T>(server, key, method, path, body)
      described.check(method, path, reply)
      return reply
    }
    const buy = async (body: object = usual) => {
      const reply = await ask('POST', '/v1/orders', body)
      expect(reply.status, JSON.stringify(reply.body)).toBe(201)
      return reply.body
    }
    const find = async (query: string | Record<string, string>) => {
      const path = `/v1/orders?${new URLSearchParams(query)}`
      const { status, body } = await ask<Page>('GET', path)
      expect(status, path).toBe(200)
      return body.data.map(({ id }) => id)
    }
    return { key, accountId, ask, buy, find }
  }

  it('have a note, which only their own customer writes, reads and finds', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    const order = await owner.buy()
    expect(order.note).toBeNull()
    const path = `/v1/orders/${order.id}`
    const note = 'Second try, for Zoë:\nthe 50% one_off'
    const { body } = await owner.ask('PATCH', path, { note, reference: 'r1' })
    expect(body).toMatchObject({ note, reference: 'r1' })
    expect((await owner.ask('GET', path)).body.note).toBe(note)
    expect((await owner.ask('PATCH', path, { reference: 'r2' })).body.note).toBe(note)
    for (const q of ['second TRY', 'zoë', '50%', 'one_off']) {
      expect(await owner.find({ q }), q).toEqual([order.id])
      expect(await stranger.find({ q }), q).toEqual([])
    }
    for (const q of ['5_%', 'one-off', 'r2 ']) expect(await owner.find({ q: `${q}x` })).toEqual([])
    expect((await stranger.ask('PATCH', path, { note: 'mine' })).status).toBe(404)
    for (const bad of ['', 'x'.repeat(1001), 'a\u0000b', 7]) {
      const reply = await owner.ask<Page>('PATCH', path, { note: bad })
      expect(reply.status, JSON.stringify(bad)).toBe(422)
      expect(reply.body.errors).toMatchObject([{ pointer: '/note' }])
    }
    expect((await owner.ask('PATCH', path, { note: null })).body.note).toBeNull()
    expect(await owner.find({ q: 'second' })).toEqual([])
  })

  it('are found by id, number, reference, metadata, and by the digits of their phone', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    const own = { reference: 'Ticket 7', metadata: { team: 'Checkout', run: '1842' } }
    const order = await owner.buy({ ...usual, ...own })
    await owner.buy()
    const digits = order.phone.slice(1)
    const spaced = `+${digits.slice(0, 1)} (${digits.slice(1, 4)}) ${digits.slice(4, 7)}-${digits.slice(7)}`
    for (const q of [order.id, String(order.number), 'Ticket 7', 'checkout', '184', order.phone]) {
      expect(await owner.find({ q }), q).toEqual([order.id])
      expect(await stranger.find({ q }), q).toEqual([])
    }
    for (const q of [digits, spaced, digits.slice(-4), digits.slice(-7)]) {
      expect(await owner.find({ q }), q).toContain(order.id)
      expect(await stranger.find({ q }), q).toEqual([])
    }
    // Also once its lease is forgotten.
    await owner.ask('POST', `/v1/orders/${order.id}/cancel`)
    await server.db.query('insert into past_leases select number_id, order_id from leases')
    await server.db.query('delete from leases')
    expect(await owner.find({ q: digits.slice(-4) })).toContain(order.id)
    for (const q of [
      'Ticket',
      'team',
      order.id.slice(0, -1),
      '99999999999999999999',
      "' or true --",
    ])
      expect(await owner.find({ q }), q).toEqual([])
    for (const q of ['', ' ', 'x'.repeat(101), 'a%00b'])
      expect((await owner.ask('GET', `/v1/orders?q=${q}`)).status, q).toBe(422)
  })

  it('are filtered by several values at once, and by pages', async () => {
    const { ask, buy, find } = await customer()
    const offers = await ask<{ data: { service: string; country: string; stock: number }[] }>(
      'GET',
      '/v1/offers?kind=activation&country=GB&in_stock=true&limit=100',
    )
    const other = offers.body.data.find(({ service }) => service !== 'whatsapp')
    if (!other) throw new Error('there is no other service')
    const place = { service: other.service, country: other.country }
    const [a, b, c] = [await buy(), await buy(place), await buy({ ...usual, service: 'telegram' })]
    const rental = await buy({ kind: 'rental', ...usual, duration: '3d' })
    await ask('POST', `/v1/orders/${a.id}/cancel`)
    expect(await find('')).toEqual([rental.id, c.id, b.id, a.id])
    expect(await find('state=waiting&state=active')).toEqual([rental.id, c.id, b.id])
    expect(await find('state=cancelled')).toEqual([a.id])
    expect(await find('kind=rental&kind=email')).toEqual([rental.id])
    expect(await find(`country=us&country=${other.country.toLowerCase()}&kind=activation`)).toEqual(
      [...[c.id, b.id, a.id]],
    )
    expect(await find(`service=telegram&service=${other.service}&country=GB`)).toEqual([b.id])
    expect(await find(`q=${a.number}&state=waiting`)).toEqual([])
    for (const order of [a, b, c]) await ask('PATCH', `/v1/orders/${order.id}`, { note: 'Lot 9' })
    const pages: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await ask<Page>('GET', `/v1/orders?q=lot&limit=1${cursor}`)
      pages.push(...body.data.map(({ id }) => id))
      if (body.next_cursor === null) break
      cursor = `&cursor=${body.next_cursor}`
    }
    expect(pages).toEqual([c.id, b.id, a.id])
    for (const query of ['state=open', 'state=waiting&state=', 'kind=x&kind=rental', 'country=USA'])
      expect((await ask('GET', `/v1/orders?${query}`)).status, query).toBe(422)
    expect((await ask('GET', '/v1/orders?service=whatsapp&service=none')).status).toBe(404)
    const many = Array.from({ length: 51 }, () => 'country=US').join('&')
    expect((await ask('GET', `/v1/orders?${many}`)).status).toBe(422)
  })

  it('are found in each state alike, however many are open', async () => {
    const { ask, buy, find } = await customer()
    const late = await buy()
    const rental = await buy({ kind: 'rental', ...usual, duration: '3d' })
    const inbox = await buy({ kind: 'email', site: 'example.com' })
    await ask('POST', `/v1/orders/${late.id}/cancel`)
    const coded = await buy()
    await call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: coded.phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 012-345' },
    })
    const ended = await buy({ kind: 'rental', ...usual, duration: '3d' })
    await ask('POST', `/v1/orders/${ended.id}/cancel`)
    const newest = await buy()
    expect(await find('state=waiting')).toEqual([newest.id, inbox.id])
    expect(await find('state=received')).toEqual([coded.id])
    expect(await find('state=active')).toEqual([rental.id])
    expect(await find('state=active&state=ended')).toEqual([rental.id])
    expect(await find('state=ended')).toEqual([])
    expect(await find('state=allocating')).toEqual([])
    expect(await find('state=cancelled')).toEqual([ended.id, late.id])
    const open = 'state=waiting&state=received&state=active&state=allocating'
    expect(await find(open)).toEqual([newest.id, coded.id, inbox.id, rental.id])
    expect(await find(`${open}&kind=email&kind=rental`)).toEqual([inbox.id, rental.id])
    expect(await find(`${open}&state=cancelled`)).toHaveLength(6)
    expect(await find(`${open}&q=${rental.number}`)).toEqual([rental.id])
    const pages: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await ask<Page>('GET', `/v1/orders?${open}&limit=1${cursor}`)
      pages.push(...body.data.map(({ id }) => id))
      if (body.next_cursor === null) break
      cursor = `&cursor=${body.next_cursor}`
    }
    expect(pages).toEqual([newest.id, coded.id, inbox.id, rental.id])
    const nobody = await customer()
    expect(await nobody.find(open)).toEqual([])
  })

  it('are exported as CSV, in which no cell is a formula', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    await stranger.buy({ ...usual, reference: 'theirs' })
    const first = await owner.buy({ ...usual, reference: '=HYPERLINK("http://example.com")' })
    await owner.ask('PATCH', `/v1/orders/${first.id}`, { note: '@SUM(1)\n"two", lines' })
    const second = await owner.buy({ ...usual, reference: '-1+cmd', metadata: { a: '+1' } })
    await call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: second.phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 012-345' },
    })
    const reply = await owner.ask<string>('GET', '/v1/orders.csv')
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(reply.headers.get('content-disposition')).toBe('attachment; filename="orders.csv"')
    const lines = String(reply.body).split('\r\n')
    expect(lines[0]?.split(',').slice(0, 4)).toEqual(['id', 'number', 'kind', 'state'])
    expect(lines).toHaveLength(4)
    expect(lines[1]).toContain(`${second.id},${second.number},activation,received,whatsapp,US,`)
    expect(lines[1]).toContain(`,${second.phone},,`)
    expect(lines[1]).toContain(`,012345,'-1+cmd,,"{""a"":""+1""}",`)
    expect(lines[2]).toContain(
      `,"'=HYPERLINK(""http://example.com"")","'@SUM(1)\n""two"", lines",{},`,
    )
    expect(reply.body).not.toContain('theirs')
    const filtered = await owner.ask<string>('GET', '/v1/orders.csv?state=received')
    expect(String(filtered.body).split('\r\n')).toHaveLength(3)
    expect((await owner.ask('GET', '/v1/orders.csv?limit=5')).status).toBe(422)
  })

  it('are exported whole, over many pages, up to the limit', async () => {
    const { key, accountId, buy } = await customer()
    const { number } = await buy()
    await server.db.query(
      `insert into orders (id, account_id, kind, state, service_id, country, operator_id, pool, offer_id,
         number_id, phone, price, currency, hold_id, created_at, cancel_after, expires_at, closed_at)
       select nextval('order_ids'), account_id, kind, 'cancelled', service_id, country, operator_id, pool,
              offer_id, number_id, phone, price, currency, gen_random_uuid(), created_at, cancel_after,
              expires_at, created_at
         from orders, generate_series(1, 1200) where id = $1 and account_id = $2`,
      [BigInt(number), accountId],
    )
    const { body } = await call<string>(server, key, 'GET', '/v1/orders.csv')
    const numbers = body
      .split('\r\n')
      .slice(1, -1)
      .map((line) => Number(line.split(',')[1]))
    expect(numbers).toHaveLength(1201)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => b - a))
  })
})
