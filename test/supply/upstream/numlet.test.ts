// Another Numlet: what each answer means. That it is what a Numlet answers is for numlets.test.ts.
import { describe, expect, it } from 'vitest'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import type { Upstream } from '../../../src/supply/upstream.ts'
import { answered, ask, played, silence, unreached } from './answers.ts'

const upstream = numletKind.upstream as Upstream
const settings = { url: 'https://supplier.example', api_key: 'k3y', currency: 'USD' }
const wanted = {
  ...ask,
  product: { service: 'whatsapp', country: 'GB', operator: 'o2', pool: '2' },
}
const ref = 'ord_89b12d3a456'
const order = {
  id: ref,
  number: 4711,
  kind: 'activation',
  state: 'waiting',
  service: 'whatsapp',
  country: 'GB',
  operator: 'o2',
  pool: '2',
  phone: '+447700900123',
  price: '0.455',
  currency: 'EUR',
  reference: ask.requestKey,
  messages: [],
  expires_at: '2026-03-14T09:46:53.000Z',
  cancel_after: '2026-03-14T09:28:53.000Z',
}
const message = {
  id: 'msg_0a1b2c3d4e5',
  sender: 'WhatsApp',
  text: 'Your code: 593-821',
  code: '593821',
  received_at: '2026-03-14T09:30:07.512Z',
}
const problem = (code: string, more = {}) => ({ type: 'x', title: 'x', code, ...more })
const asked = (...sent: Parameters<typeof answered>) =>
  played(upstream.ask(settings, wanted), answered(...sent)).result

describe('an ask', () => {
  it('for a rental names its length', () => {
    const product = { ...wanted.product, durationS: 259_200 }
    const { request } = upstream.ask(settings, { ...wanted, product })
    expect(JSON.parse(request.body ?? '')).toMatchObject({ kind: 'rental', duration: 259_200 })
  })

  it('is a purchase with our key, which waits for nobody', () => {
    const { request } = upstream.ask(settings, wanted)
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://supplier.example/v1/orders?wait=0',
      headers: {
        authorization: 'Bearer k3y',
        'content-type': 'application/json',
        'idempotency-key': ask.requestKey,
        'numlet-via': 'n1, n2',
        'numlet-deadline': '13',
      },
    })
    expect(JSON.parse(request.body ?? '')).toEqual({
      kind: 'activation',
      service: 'whatsapp',
      country: 'GB',
      operator: 'o2',
      pool: '2',
      max_price: '1.2345',
      reference: ask.requestKey,
    })
    const any = upstream.ask(settings, { ...ask, maxPrice: null }).request.body ?? ''
    expect(Object.keys(JSON.parse(any))).toEqual(['kind', 'service', 'country', 'reference'])
  })

  it('is for the same number, and a certain no if the other Numlet does not give it', () => {
    const again = { ref: 'ord_0a1b2c3d4e5', phone: '+447700900123' }
    const talk = upstream.ask(settings, { ...wanted, again })
    expect(talk.request).toMatchObject({
      url: 'https://supplier.example/v1/orders/ord_0a1b2c3d4e5/repeat',
      headers: { 'idempotency-key': ask.requestKey, 'numlet-via': 'n1, n2' },
    })
    expect(JSON.parse(talk.request.body ?? '')).toEqual({ reference: ask.requestKey })
    expect(played(talk, answered(order, 201)).result.kind).toBe('number')
    for (const [code, status] of [
      ['order_not_repeatable', 409],
      ['order_not_found', 404],
    ] as const)
      expect(played(talk, answered(problem(code), status)).result).toEqual({
        ...{ kind: 'no', class: 'empty' },
      })
  })

  it('is sent without the word for not waiting to a Numlet that does not know it', () => {
    const errors = [{ pointer: 'wait', detail: 'is not a known parameter' }]
    const refused = answered(problem('invalid_request', { errors }), 422)
    const { result, requests } = played(
      upstream.ask(settings, wanted),
      refused,
      answered(order, 201),
    )
    expect(result).toMatchObject({ kind: 'number', ref })
    expect(requests[1]).toEqual({ ...requests[0], url: 'https://supplier.example/v1/orders' })
    const twice = played(upstream.ask(settings, wanted), refused, refused)
    expect(twice.result).toEqual({ kind: 'no', class: 'name' })
    const other = problem('invalid_request', { errors: [{ pointer: '/country', detail: 'x' }] })
    expect(asked(other, 422)).toEqual({ kind: 'no', class: 'name' })
  })

  it('reads a number, or that it is still being looked for', () => {
    expect(asked(order, 201)).toEqual({
      kind: 'number',
      ref,
      phone: '+447700900123',
      operator: 'o2',
      cost: 4_550n,
      currency: 'EUR',
      endsAt: new Date('2026-03-14T09:46:53Z'),
      cancelAfter: new Date('2026-03-14T09:28:53Z'),
    })
    const allocating = { ...order, state: 'allocating', phone: null }
    expect(asked(allocating, 202)).toMatchObject({ kind: 'unknown', ref })
    expect(asked({ ...allocating, state: 'failed' }, 202)).toEqual({ kind: 'no', class: 'empty' })
  })

  it('knows a certain no by its code', () => {
    const rows: [number, string, string][] = [
      [409, 'out_of_stock', 'empty'],
      [409, 'price_above_maximum', 'price'],
      [404, 'service_not_found', 'name'],
      [404, 'country_not_found', 'name'],
      [404, 'operator_not_found', 'name'],
      [404, 'offer_not_found', 'name'],
      [403, 'service_closed', 'name'],
      [403, 'country_closed', 'name'],
      [422, 'invalid_request', 'name'],
      [402, 'insufficient_balance', 'dry'],
      [401, 'unauthenticated', 'key'],
      [403, 'forbidden', 'key'],
      [403, 'account_suspended', 'key'],
      [429, 'rate_limited', 'busy'],
      [429, 'daily_limit_reached', 'busy'],
      [429, 'too_many_cancelled', 'busy'],
      [409, 'too_many_open_orders', 'busy'],
    ]
    for (const [status, code, noClass] of rows) {
      expect([code, asked(problem(code), status)]).toEqual([code, { kind: 'no', class: noClass }])
      const later = asked(problem(code), status, { 'retry-after': '30' })
      expect(later).toEqual({ kind: 'no', class: noClass, retryAfterS: 30 })
    }
    expect(asked('<html>', 429)).toEqual({ kind: 'no', class: 'busy' })
    expect(asked('', 401)).toEqual({ kind: 'no', class: 'key' })
  })

  it('knows nothing after every other answer, and after none', () => {
    const rows: [string | object, number][] = [
      [problem('idempotency_running'), 409],
      [problem('idempotency_conflict'), 422],
      [problem('unavailable'), 503],
      [problem('out_of_stock'), 503],
      [problem('out_of_stock'), 200],
      [problem('path_not_found'), 404],
      [problem('something_new'), 409],
      ['<html>', 502],
      ['', 201],
      ['{}', 201],
      ['', 302],
      [{ ...order, state: 'new' }, 201],
    ]
    for (const [body, status] of rows)
      expect([body, asked(body, status).kind]).toEqual([body, 'unknown'])
    const talk = upstream.ask(settings, wanted)
    expect(played(talk, silence).result).toEqual({ kind: 'unknown', why: 'the time was over' })
    expect(played(talk, unreached).result).toEqual({ kind: 'no', class: 'unreached' })
  })
})

describe('a look-up', () => {
  it('repeats the ask while the order waits', () => {
    const again = upstream.lookUp(settings, { ask: wanted, mayAskAgain: true })
    expect(again?.request).toEqual(upstream.ask(settings, wanted).request)
    expect(played(again, answered(order, 201)).result).toMatchObject({ kind: 'number', ref })
    const none = answered(problem('out_of_stock'), 409)
    expect(played(again, none).result).toEqual({ kind: 'no', class: 'empty' })
    for (const sent of [
      answered(problem('unauthenticated'), 401),
      answered(problem('rate_limited'), 429),
      answered(problem('idempotency_running'), 409),
      unreached,
      silence,
    ])
      expect(played(again, sent).result.kind).toBe('unknown')
  })

  it('reads an order that was still asking others: the answer to the ask is kept as it was', () => {
    const again = upstream.lookUp(settings, { ask: wanted, mayAskAgain: true })
    const kept = answered({ ...order, state: 'allocating', phone: null }, 202)
    const numbered = played(again, kept, answered(order))
    expect(numbered.result).toMatchObject({ kind: 'number', ref })
    expect(numbered.requests[1]).toMatchObject({
      method: 'GET',
      url: `https://supplier.example/v1/orders/${ref}`,
    })
    const failed = answered({ ...order, state: 'failed', phone: null })
    expect(played(again, kept, failed).result).toEqual({ kind: 'no', class: 'empty' })
    expect(played(again, kept, kept).result).toMatchObject({ kind: 'unknown' })
    for (const sent of [silence, unreached, answered('', 404), answered('', 500)])
      expect(played(again, kept, sent).result.kind).toBe('unknown')
  })

  it('looks for the order with our reference once it is over', () => {
    const over = upstream.lookUp(settings, { ask: wanted, mayAskAgain: false })
    expect(over?.request).toMatchObject({
      method: 'GET',
      url: `https://supplier.example/v1/orders?reference=${ask.requestKey}`,
    })
    const page = (...data: object[]) => answered({ data, next_cursor: null })
    expect(played(over, page({ ...order, state: 'expired' })).result).toMatchObject({
      kind: 'number',
      ref,
    })
    const allocating = { ...order, state: 'allocating', phone: null }
    expect(played(over, page(allocating)).result).toMatchObject({ kind: 'unknown', ref })
    for (const found of [page(), page({ ...order, reference: 'another' })])
      expect(played(over, found).result).toEqual({
        kind: 'listed',
        list: { orders: [], isComplete: true },
      })
    // What cannot be read may be the order.
    expect(played(over, page({ ...order, state: 'of a later version' })).result).toEqual({
      kind: 'listed',
      list: { orders: [], isComplete: false },
    })
    expect(played(over, answered('', 401)).result.kind).toBe('unknown')
  })

  it('that cannot be sent says nothing of the ask', () => {
    const kept = answered({ ...order, state: 'allocating', phone: null }, 202)
    const again = upstream.lookUp(settings, { ask: wanted, mayAskAgain: true })
    const over = upstream.lookUp(settings, { ask: wanted, mayAskAgain: false })
    for (const { result } of [
      played(again, unreached),
      played(again, kept, unreached),
      played(over, unreached),
    ])
      expect(result.kind).toBe('unknown')
  })
})

it('reads an order by its state', () => {
  const states = {
    allocating: 'asking',
    waiting: 'waiting',
    received: 'code',
    active: 'waiting',
    cancelled: 'refunded',
    expired: 'refunded',
    failed: 'refunded',
    finished: 'charged',
    ended: 'charged',
  }
  const read = (...sent: Parameters<typeof answered>) =>
    played(upstream.readOrder(settings, ref), answered(...sent)).result
  for (const [state, meaning] of Object.entries(states))
    expect([state, read({ ...order, state })]).toMatchObject([state, { order: { state: meaning } }])
  const active = read({ ...order, state: 'active', messages: [message] })
  expect(active).toMatchObject({ kind: 'order', order: { state: 'code' } })
  if (active.kind === 'order')
    expect(upstream.messagesOf(active.order, { resendEpoch: 0, count: 0 })).toEqual([
      {
        ref: message.id,
        code: '593821',
        text: message.text,
        sender: 'WhatsApp',
        at: new Date(message.received_at),
      },
    ])
  expect(read(problem('order_not_found'), 404)).toEqual({ kind: 'silent' })
  expect(read(problem('unauthenticated'), 401)).toEqual({ kind: 'no', class: 'key' })
  const others: [string | object, number][] = [
    [problem('path_not_found'), 404],
    ['<html>', 404],
    ['{}', 200],
    [order, 500],
  ]
  for (const [body, status] of others) expect(read(body, status).kind).toBe('unknown')
})

it('lists the open orders, state by state and page by page', () => {
  const page = (from: number, next_cursor: string | null) =>
    answered({ data: [{ ...order, id: `ord_${from}` }], next_cursor })
  const { result, requests } = played(
    upstream.listOrders(settings),
    ...[page(1, null), page(2, 'c1'), page(3, null), page(4, null), page(5, null)],
  )
  expect(result).toMatchObject({ kind: 'list', list: { isComplete: true } })
  if (result.kind === 'list')
    expect(result.list.orders.map((one) => one.ref)).toEqual([
      'ord_1',
      'ord_2',
      'ord_3',
      'ord_4',
      'ord_5',
    ])
  expect(requests.map(({ url }) => url.split('?')[1])).toEqual([
    'state=allocating&limit=100',
    'state=waiting&limit=100',
    'state=waiting&limit=100&cursor=c1',
    'state=received&limit=100',
    'state=active&limit=100',
  ])
})

it('gives commands', () => {
  const command = (verb: 'cancel' | 'resend', ...sent: Parameters<typeof answered>) =>
    played(upstream.command(settings, { ref, verb }), answered(...sent)).result
  expect(command('cancel', { ...order, state: 'cancelled' })).toEqual({ kind: 'done' })
  expect(command('cancel', problem('cancel_cooldown'), 409, { 'retry-after': '33' })).toEqual({
    kind: 'too_early',
    retryAfterS: 33,
  })
  expect(command('resend', problem('resend_pending'), 409)).toEqual({ kind: 'done' })
  expect(command('cancel', problem('unauthenticated'), 401)).toEqual({ kind: 'no', class: 'key' })
  for (const [body, status] of [
    [problem('order_not_cancellable'), 409],
    [problem('supplier_rejected'), 502],
    [problem('supply_pending'), 503],
    ['<html>', 200],
  ] as const) {
    const talk = upstream.command(settings, { ref, verb: 'cancel' })
    const { result } = played(talk, answered(body, status), answered(order))
    expect(result).toMatchObject({ kind: 'state', reading: { order: { state: 'waiting' } } })
  }
})

it('reads the balance and the offers', () => {
  const balance = played(upstream.balance(settings), answered({ balance: '7.05', currency: 'EUR' }))
  expect(balance.result).toEqual({
    kind: 'balance',
    amount: 70_500n,
    decimals: 2,
    currency: 'EUR',
  })
  const offer = {
    ...wanted.product,
    kind: 'activation',
    price: '0.455',
    currency: 'EUR',
    stock: 12,
  }
  const rental = { ...offer, kind: 'rental' }
  const { result } = played(
    upstream.priceList(settings),
    answered({ data: [offer, { ...offer, service: null }], next_cursor: 'c1' }),
    answered({ data: [{ ...offer, pool: '1' }], next_cursor: null }),
    answered({
      data: [
        { ...rental, duration: 259_200 },
        { ...rental, duration: null },
      ],
      next_cursor: null,
    }),
  )
  const line = { cost: 4_550n, stock: 12 }
  expect(result).toEqual({
    kind: 'prices',
    currency: 'EUR',
    unreadable: 2,
    lines: [
      { product: wanted.product, ...line },
      { product: { ...wanted.product, pool: '1' }, ...line },
      { product: { ...wanted.product, durationS: 259_200 }, ...line },
    ],
  })
  for (const talk of [upstream.balance(settings), upstream.priceList(settings)])
    for (const body of ['', '{}', '[]', '<html>'])
      expect(played<{ kind: string }>(talk, answered(body)).result.kind).toBe('unknown')
})

it('takes a call for a hint, if it names an order', () => {
  const event = {
    type: 'order.code_received',
    timestamp: '2026-03-14T09:30:07Z',
    data: { id: ref },
  }
  expect(upstream.hintedRef(JSON.stringify(event))).toBe(ref)
  const received = { ...event, type: 'message.received', data: { order_id: ref, message } }
  expect(upstream.hintedRef(JSON.stringify(received))).toBe(ref)
  expect(upstream.hintedRef(JSON.stringify({ ...event, data: { id: 'dep_1' } }))).toBe(null)
  for (const body of ['', '{}', '[]', '{"data":[]}', '{"data":{"id":{}}}'])
    expect(upstream.hintedRef(body)).toBe(null)
})
