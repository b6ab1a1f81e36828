// Whatever a supplier sends: no reader throws, none goes on for ever, and nothing shows a key.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { supplierKinds } from '../../../src/supply/kinds.ts'
import type { Talk } from '../../../src/supply/upstream.ts'
import { answered, ask, played, silence, talksOf, unreached } from './answers.ts'

const secret = 'k3y-of-the-operator'
const kinds = supplierKinds.flatMap(({ name, upstream }) =>
  upstream ? [[name, upstream] as const] : [],
)
const settings = {
  ...{ url: 'https://supplier.example/v1', api_key: secret, currency: 'USD' },
  rent_hours: '72',
}

/** The longest talk that any kind holds with a supplier that never ends. */
const maxRequests = 1_000

function resultOf(talk: Talk<{ readonly kind: string }>, next: () => Parameters<typeof answered>) {
  let current = talk
  for (let sent = 0; sent < maxRequests; sent++) {
    const step = current.read(answered(...next()))
    if ('result' in step) return step.result
    current = step.next
  }
  throw new Error('it never ends')
}

const words = [
  ...['ACCESS_NUMBER', 'STATUS_OK', 'NO_NUMBERS', 'ACCESS_BALANCE', 'NO_ACTIVATION', 'BANNED'],
  ...['BAD_STATUS', 'no free phones', 'order not found', 'ORDER_ALREADY_EXISTS', ':', '\u0000'],
]
const names = [
  ...['activationId', 'phoneNumber', 'activeActivations', 'data', 'Data', 'id', 'phone', 'status'],
  ...['sms', 'state', 'messages', 'title', 'info', 'code', 'errors', 'next_cursor', '__proto__'],
  ...[
    'price',
    'cost',
    'count',
    'quant',
    'countries',
    'services',
    'values',
    'balance',
    'activationStatus',
    'smsCode',
    'smsText',
  ],
]
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, -1, 1e300, 635468024, '', '4', 'PENDING', 'waiting', '0.5'),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
  ),
})).value
const body = fc.oneof(
  fc.string({ unit: 'binary' }),
  json.map((value) => JSON.stringify(value) ?? ''),
  fc.array(fc.constantFrom(...words), { maxLength: 4 }).map((some) => some.join(':')),
)
const status = fc.constantFrom(200, 201, 202, 204, 302, 400, 401, 404, 409, 422, 429, 500, 503, 0)
const headers = fc.record({ 'retry-after': fc.string(), 'x-price': fc.string() })

describe.each(kinds)('%s', (_name, upstream) => {
  it('reads any answers to their end, and shows no key', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(body, status, headers), { minLength: 1 }), (answers) => {
        for (const talk of talksOf(upstream, settings)) {
          let at = 0
          const next = () => answers[at++ % answers.length] ?? expect.unreachable()
          const result = resultOf(talk, next)
          const shown = JSON.stringify(result, (_key, value) =>
            typeof value === 'bigint' ? String(value) : value,
          )
          expect(shown).not.toContain(secret)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('does not take for a no what no platform says', () => {
    const asked = upstream.ask(settings, ask)
    // What 401, 429 and 503 mean without a word is for each kind to say.
    for (const status of [200, 201, 202, 204, 302, 400, 403, 404, 409, 422, 500, 502, 504])
      for (const text of ['', ' ', '<html>', '<h1>Not found</h1>', '{}', '[]', 'null', 'ok', '0'])
        expect([status, text, played(asked, answered(text, status)).result]).toEqual([
          status,
          text,
          { kind: 'unknown', why: expect.any(String) },
        ])
    expect(played(asked, silence).result).toEqual({ kind: 'unknown', why: 'the time was over' })
    expect(played(asked, unreached).result).toEqual({ kind: 'no', class: 'unreached' })
  })

  it('reads any call', () => {
    fc.assert(
      fc.property(body, (text) => {
        const ref = upstream.hintedRef(text)
        expect(ref === null || /^[\w.:-]{1,64}$/.test(ref)).toBe(true)
      }),
    )
  })

  it('ends with a supplier whose pages never do, and with deep or long answers', () => {
    let id = 0
    const pageOf = (length: number) => () => {
      const order = () => ({
        ...{ id: ++id, activationId: id, status: 'PENDING', state: 'waiting', price: '1' },
        ...{ service: 'wa', country: 'GB', phone: '447700900123', stock: 1 },
      })
      const data = Array.from({ length }, order)
      const body = { data, Data: data, activeActivations: data, next_cursor: `c${id}` }
      return [JSON.stringify(body)] as [string]
    }
    const [list, prices] = [upstream.listOrders(settings), upstream.priceList(settings)]
    const some = { kind: expect.any(String) }
    if (list) expect(resultOf(list, pageOf(100))).toMatchObject(some)
    expect(resultOf(prices, pageOf(1))).toMatchObject(some)
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    const wide = `{"a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`
    const many = `[${'1234567890123456789,'.repeat(100_000)}1]`
    const long = ['9'.repeat(1_000_000), `"${'x'.repeat(1_000_000)}"`]
    for (const text of [deep, wide, many, ...long])
      for (const talk of talksOf(upstream, settings))
        expect(resultOf(talk, () => [text]).kind).toMatch(/^(?:unknown|state|prices)$/)
  })
})
