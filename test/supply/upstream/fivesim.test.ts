// 5sim: what each answer means.
import { describe, expect, it } from 'vitest'
import { fivesimKind } from '../../../src/supply/fivesim/kind.ts'
import type { Upstream } from '../../../src/supply/upstream.ts'
import { answered, ask, played, silence, unreached } from './answers.ts'

const upstream = fivesimKind.upstream as Upstream
const settings = {
  url: 'https://supplier.example/v1',
  api_key: 'k3y',
  profile: 'vanilla',
  currency: 'USD',
}
const ofNumlet = { ...settings, profile: 'numlet' }
const wanted = { ...ask, product: { ...ask.product, service: 'whatsapp', country: 'england' } }
const ref = '11631253'
const order = {
  id: 11631253,
  phone: '+447700900123',
  operator: 'beeline',
  product: 'whatsapp',
  price: 21,
  status: 'PENDING',
  expires: '2026-03-14T09:41:38.809469028Z',
  sms: null,
  created_at: '2026-03-14T09:26:38.809469028Z',
  country: 'england',
}
const sms = {
  created_at: '2026-03-14T09:28:38.1Z',
  date: '2026-03-14T09:28:38Z',
  sender: 'WhatsApp',
  text: 'Your code: 593-821',
  code: '593821',
}
const asked = (...sent: Parameters<typeof answered>) =>
  played(upstream.ask(settings, wanted), answered(...sent)).result
const read = (...sent: Parameters<typeof answered>) =>
  played(upstream.readOrder(settings, ref), answered(...sent)).result

describe('an ask', () => {
  it('has the highest price for any operator only, and a key for a Numlet only', () => {
    const { request } = upstream.ask(settings, wanted)
    expect(request).toMatchObject({
      method: 'GET',
      url: 'https://supplier.example/v1/user/buy/activation/england/any/whatsapp?reuse=1&maxPrice=1.2345',
      headers: { authorization: 'Bearer k3y', 'numlet-via': 'n1, n2', 'numlet-deadline': '13' },
    })
    expect(request.headers).not.toHaveProperty('idempotency-key')
    const particular = { ...wanted, product: { ...wanted.product, operator: 'o2/../x' } }
    expect(upstream.ask(settings, particular).request.url).toBe(
      'https://supplier.example/v1/user/buy/activation/england/o2%2F..%2Fx/whatsapp?reuse=1',
    )
    const keyed = upstream.ask(ofNumlet, wanted).request.headers
    expect(keyed['idempotency-key']).toBe(wanted.requestKey)
    expect([settings, ofNumlet].map((one) => upstream.features(one).wire)).toEqual([
      'list',
      'keyed',
    ])
  })

  it('reads a number', () => {
    expect(asked(order)).toEqual({
      kind: 'number',
      ref,
      phone: '+447700900123',
      operator: 'beeline',
      cost: 210_000n,
      currency: null,
      endsAt: new Date('2026-03-14T09:41:38.809Z'),
      cancelAfter: null,
    })
    expect(asked({ ...order, id: '98765432109876543210', price: 0.12345 })).toMatchObject({
      ref: '98765432109876543210',
      cost: 1_235n,
    })
  })

  it('is for the same number, and a certain no if the platform does not give it', () => {
    const again = { ref, phone: '+447700900123' }
    const talk = upstream.ask(settings, { ...wanted, again })
    expect(talk.request.url).toBe('https://supplier.example/v1/user/reuse/whatsapp/447700900123')
    expect(played(talk, answered(order)).result).toMatchObject({ kind: 'number', ref })
    for (const word of ['reuse not possible', 'reuse false', 'reuse expired'])
      expect(played(talk, answered(word, 400)).result).toEqual({ kind: 'no', class: 'empty' })
  })

  it('knows a certain no by its text, whatever the status', () => {
    const texts = {
      empty: ['no free phones'],
      name: [
        ...['bad country', 'bad operator', 'bad product', 'no product', 'select country'],
        ...['select operator', 'country is incorrect', 'product is incorrect'],
      ],
      dry: ['not enough user balance'],
      busy: ['server offline'],
    }
    for (const [noClass, words] of Object.entries(texts))
      for (const word of words)
        for (const status of [200, 400, 404, 500])
          for (const text of [word, `${word}\n`, JSON.stringify(word), word.toUpperCase()])
            expect([text, asked(text, status)]).toEqual([text, { kind: 'no', class: noClass }])
    expect(asked('', 401)).toEqual({ kind: 'no', class: 'key' })
    expect(asked('not enough rating', 400)).toEqual({
      ...{ kind: 'no', class: 'key', retryAfterS: 86_400 },
    })
    for (const status of [429, 503])
      expect(asked('', status)).toEqual({ kind: 'no', class: 'busy' })
  })

  it('knows nothing after every other answer, and after none', () => {
    for (const text of ['internal error', '', 'ok', '<html>', '[]', '{}', 'null', 'constructor'])
      for (const status of [200, 302, 400, 500, 502])
        expect([text, status, asked(text, status).kind]).toEqual([text, status, 'unknown'])
    expect(asked('internal error', 503).kind).toBe('unknown')
    const talk = upstream.ask(settings, wanted)
    expect(played(talk, silence).result).toEqual({ kind: 'unknown', why: 'the time was over' })
    expect(played(talk, unreached).result).toEqual({ kind: 'no', class: 'unreached' })
  })

  it('knows that it bought what it cannot read', () => {
    expect(asked({ ...order, phone: '' })).toMatchObject({ kind: 'unknown', ref, isBought: true })
    for (const odd of [{ id: 5 }, { ...order, status: 'NEW' }, { ...order, id: {} }])
      expect(asked(odd)).toMatchObject({ kind: 'unknown', isBought: true })
  })

  it('does not believe a Numlet that is not available', () => {
    for (const text of ['server offline', '', 'api limit'])
      expect(played(upstream.ask(ofNumlet, wanted), answered(text, 503)).result.kind).toBe(
        'unknown',
      )
  })
})

describe('a look-up', () => {
  const orders = (...all: object[]) => answered({ Data: all, Total: all.length })

  it('reads the list of 5sim, and asks a Numlet again while the order waits', () => {
    for (const mayAskAgain of [true, false]) {
      const { result } = played(
        upstream.lookUp(settings, { ask: wanted, mayAskAgain }),
        orders(order),
      )
      expect(result).toMatchObject({
        kind: 'listed',
        list: { isComplete: true, orders: [{ ref, product: { service: 'whatsapp' } }] },
      })
    }
    const again = upstream.lookUp(ofNumlet, { ask: wanted, mayAskAgain: true })
    expect(again?.request).toEqual(upstream.ask(ofNumlet, wanted).request)
    expect(played(again, answered(order)).result).toMatchObject({ kind: 'number', ref })
    expect(played(again, answered('no free phones')).result).toEqual({ kind: 'no', class: 'empty' })
    for (const sent of [answered('', 401), answered('', 429), unreached, silence])
      expect(played(again, sent).result.kind).toBe('unknown')
    const over = upstream.lookUp(ofNumlet, { ask: wanted, mayAskAgain: false })
    expect(played(over, orders(order)).result.kind).toBe('listed')
  })
})

describe('an order', () => {
  it('is what its status and its messages say', () => {
    const rows: [string, object[] | null, string][] = [
      ['PENDING', null, 'waiting'],
      ['RECEIVED', [], 'waiting'],
      ['PENDING', [sms], 'code'],
      ['RECEIVED', [sms], 'code'],
      ['CANCELED', null, 'refunded'],
      ['TIMEOUT', [], 'refunded'],
      ['BANNED', null, 'refunded'],
      ['FINISHED', null, 'charged'],
      ['FINISHED', [sms], 'charged'],
      ['TIMEOUT', [sms], 'charged'],
    ]
    for (const [status, messages, state] of rows)
      expect([status, read({ ...order, status, sms: messages })]).toMatchObject([
        status,
        { kind: 'order', order: { state } },
      ])
    for (const text of ['order not found', 'record not found'])
      for (const status of [400, 404]) expect(read(text, status)).toEqual({ kind: 'silent' })
    for (const other of ['', '404 page not found', '<html>', '{}', { ...order, status: 'X' }])
      expect(read(other, 404).kind).toBe('unknown')
    expect(read('', 401)).toEqual({ kind: 'no', class: 'key' })
  })

  it('has messages, each with a reference that stays', () => {
    const later = { ...sms, created_at: '2026-03-14T09:30:00Z', text: 'b', code: '' }
    const messagesIn = (...all: object[]) => {
      const reading = read({ ...order, sms: all })
      if (reading.kind !== 'order') throw new Error('no order')
      return upstream.messagesOf(reading.order, { resendEpoch: 0, count: 0 })
    }
    expect(messagesIn(sms, sms, later)).toMatchObject([
      { ref: `${ref}:2026-03-14T09:28:38.1Z:1`, code: '593821', sender: 'WhatsApp' },
      { ref: `${ref}:2026-03-14T09:28:38.1Z:2`, text: 'Your code: 593-821' },
      { ref: `${ref}:2026-03-14T09:30:00Z:1`, text: 'b', code: null },
    ])
    const refs = (all: ReturnType<typeof messagesIn>) => all.map((one) => one.ref)
    expect(refs(messagesIn(sms, later)).slice(0, 1)).toEqual(refs(messagesIn(sms)))
  })
})

describe('the list', () => {
  const page = (from: number, status: string) => ({
    Data: Array.from({ length: 100 }, (_, i) => ({ ...order, id: from - i, status })),
  })
  const list = (...bodies: (string | object)[]) =>
    played(upstream.listOrders(settings), ...bodies.map((one) => answered(one))).result

  it('is read until no open order follows', () => {
    const whole = list(page(900, 'RECEIVED'), page(800, 'PENDING'), page(700, 'FINISHED'))
    expect(whole).toMatchObject({ kind: 'list', list: { isComplete: true } })
    if (whole.kind === 'list') expect(whole.list.orders).toHaveLength(300)
    const short = list({ Data: [order] })
    expect(short).toMatchObject({ list: { orders: [{ ref }], isComplete: true } })
    expect(list({ Data: null })).toMatchObject({ list: { orders: [], isComplete: true } })
  })

  it('knows that it is not whole', () => {
    const odd = { Data: [order, { id: 1 }] }
    expect(list(odd)).toMatchObject({ list: { orders: [{ ref }], isComplete: false } })
    expect(list(page(900, 'PENDING'), page(900, 'PENDING'))).toMatchObject({
      list: { isComplete: false },
    })
    for (const other of ['', '[]', '{}', 'internal error']) expect(list(other).kind).toBe('unknown')
  })
})

describe('a command', () => {
  const command = (verb: 'cancel' | 'finish' | 'ban' | 'resend', ...all: (string | object)[]) =>
    played(
      upstream.command(settings, { ref, verb }),
      ...all.map((one) => answered(one, typeof one === 'string' ? 400 : 200)),
    ).result

  it('is done when the order has ended as wanted', () => {
    const done = { kind: 'done' }
    expect(command('cancel', { ...order, status: 'CANCELED' })).toEqual(done)
    expect(command('finish', { ...order, status: 'FINISHED' })).toEqual(done)
    expect(command('ban', { ...order, status: 'BANNED' })).toEqual(done)
    expect(upstream.command(settings, { ref, verb: 'ban' }).request.url).toBe(
      `https://supplier.example/v1/user/ban/${ref}`,
    )
  })

  it('may be too early, and reads the state after any other answer', () => {
    expect(command('cancel', 'you need to wait time')).toEqual({ kind: 'too_early' })
    const others = ['order has sms', 'order expired', 'hosting order', 'order not found', order]
    for (const other of [
      ...others,
      'order no sms',
      'internal error',
      { ...order, status: 'FINISHED' },
    ])
      expect(command('cancel', other, { ...order, sms: [sms] })).toMatchObject({
        kind: 'state',
        reading: { order: { state: 'code' } },
      })
    expect(command('resend', order)).toMatchObject({ kind: 'state' })
    const talk = upstream.command(settings, { ref, verb: 'cancel' })
    expect(played(talk, answered('', 401)).result).toEqual({ kind: 'no', class: 'key' })
    expect(played(talk, silence).result.kind).toBe('unknown')
    expect(played(talk, unreached).result).toEqual({ kind: 'no', class: 'unreached' })
  })
})

it('reads the balance and the prices', () => {
  const balance = (...sent: Parameters<typeof answered>) =>
    played(upstream.balance(settings), answered(...sent)).result
  const told = { kind: 'balance', currency: null }
  expect(balance({ id: 1, balance: 100, rating: 96 })).toEqual({
    ...told,
    amount: 1_000_000n,
    decimals: 0,
  })
  expect(balance('{"balance":0.07}')).toEqual({ ...told, amount: 700n, decimals: 2 })
  for (const other of ['', '{}', '{"balance":"x"}']) expect(balance(other).kind).toBe('unknown')
  expect(balance('', 401)).toEqual({ kind: 'no', class: 'key' })

  const prices = (body: string | object) =>
    played(upstream.priceList(settings), answered(body)).result
  const cell = { cost: 21.5, count: 133, rate: 99.9 }
  expect(prices({ england: { whatsapp: { virtual4: cell, o2: { cost: 'x' } } } })).toEqual({
    kind: 'prices',
    currency: null,
    unreadable: 1,
    lines: [
      {
        product: { service: 'whatsapp', country: 'england', operator: 'virtual4', pool: null },
        cost: 215_000n,
        stock: 133,
      },
    ],
  })
  for (const other of ['', '[]', '<html>', 'internal error'])
    expect(prices(other).kind).toBe('unknown')
  expect(upstream.hintedRef('{"id":1}')).toBe(null)
})
