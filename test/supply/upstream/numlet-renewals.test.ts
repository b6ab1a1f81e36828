// Renewals at another Numlet: what is sent, and what each answer means.
import { expect, it } from 'vitest'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import type { Upstream } from '../../../src/supply/upstream.ts'
import { answered, ask, played } from './answers.ts'

const upstream = numletKind.upstream as Upstream
const settings = { url: 'https://supplier.example', api_key: 'k3y', currency: 'USD' }
const ref = 'ord_89b12d3a456'
const problem = (code: string) => ({ type: 'x', title: 'x', code })

it('renews a rental with a key, at no more than the highest price', () => {
  const endsAt = new Date('2026-03-14T09:46:53Z')
  const renewal = { ref, requestKey: ask.requestKey, endsAt, durationS: 259_200, maxPrice: 12_345n }
  const rental = { id: ref, kind: 'rental', state: 'active', expires_at: endsAt.toISOString() }
  const renewed = { ...rental, expires_at: '2026-03-17T09:46:53.000Z' }
  const renew = (mayAsk: boolean) =>
    upstream.renew(settings, { ...renewal, mayAsk }) ?? expect.unreachable()
  const { request } = renew(true)
  expect(request).toMatchObject({
    ...{ method: 'POST', url: `https://supplier.example/v1/orders/${ref}/renew` },
    headers: { 'idempotency-key': ask.requestKey },
  })
  expect(JSON.parse(request.body ?? '')).toEqual({ max_price: '1.2345' })
  const verdict = (mayAsk: boolean, ...sent: Parameters<typeof answered>) =>
    played(renew(mayAsk), answered(...sent)).result
  const until = { kind: 'renewed', endsAt: new Date('2026-03-17T09:46:53Z') }
  expect(verdict(true, renewed)).toEqual(until)
  expect(verdict(false, renewed)).toEqual(until)
  expect(verdict(true, rental)).toMatchObject({ kind: 'unknown' })
  expect(verdict(false, rental)).toEqual({ kind: 'no', class: 'absent' })
  for (const [status, code, noClass] of [
    [409, 'price_above_maximum', 'price'],
    [409, 'order_not_renewable', 'empty'],
    [404, 'order_not_found', 'empty'],
    [402, 'insufficient_balance', 'dry'],
  ] as const) {
    expect(verdict(true, problem(code), status)).toEqual({ kind: 'no', class: noClass })
    expect(verdict(false, problem(code), status)).toMatchObject({ kind: 'unknown' })
  }
  expect(renew(false).request).toMatchObject({ method: 'GET' })
})
