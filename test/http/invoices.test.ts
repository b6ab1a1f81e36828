// The statement as CSV, and the invoice of a deposit.
import { describe, expect, it } from 'vitest'
import { writeSetting } from '../../src/core/settings.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Deposit = { id: string; payment_url: string; payment_reference: string }

describe('papers of an account', async () => {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { app, db } = server
  const described = await referenceOf(server)
  const customer = async () => {
    const { key } = await testCustomer(db)
    return async <T = string>(method: string, path: string, body?: unknown) => {
      const reply = await call<T>(server, key, method, path, body)
      described.check(method, path, reply)
      return reply
    }
  }
  const pay = async ({ payment_url: url }: Deposit) =>
    expect((await fetch(`${server.url}${new URL(url).pathname}`, { method: 'POST' })).status).toBe(
      200,
    )

  it('are an invoice once a deposit is credited, of this account only', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    const { body: deposit } = await owner<Deposit>('POST', '/v1/deposits', {
      amount: '25.00',
      reference: '<b>PO & 7</b>',
    })
    const path = `/v1/deposits/${deposit.id}/invoice`
    expect((await owner('GET', path)).status).toBe(404)
    await pay(deposit)
    const by = { actor: 'test', reason: 'test' }
    const letterhead = 'Example GmbH\n<script>alert(1)</script> Street 1\nVAT XX123'
    await writeSetting(db, app.now(), by, 'letterhead', letterhead)
    await app.refresh()
    const reply = await owner('GET', path)
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(reply.headers.get('cache-control')).toBe('private, no-store')
    const page = String(reply.body)
    for (const text of ['Example GmbH', 'VAT XX123', '25.00 USD', deposit.id, 'sandbox'])
      expect(page).toContain(text)
    expect(page).toContain('&lt;b&gt;PO &amp; 7&lt;/b&gt;')
    expect(page).toContain(deposit.payment_reference)
    expect(page).not.toContain('<script')
    expect((await stranger('GET', path)).status).toBe(404)
    expect((await owner('GET', '/v1/deposits/dep_00000000000/invoice')).status).toBe(404)
  })

  it('are the statement as CSV, as the list has it', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    await stranger('POST', '/v1/orders', {
      service: 'whatsapp',
      country: 'US',
      reference: 'theirs',
    })
    for (let at = 0; at < 3; at++) {
      const order = { service: 'whatsapp', country: 'US', reference: `=${at}+1` }
      const { body } = await owner<{ id: string }>('POST', '/v1/orders', order)
      await owner('POST', `/v1/orders/${body.id}/cancel`)
    }
    type Line = { id: string; change: string; balance_after: string }
    const list = await owner<{ data: Line[] }>('GET', '/v1/transactions?limit=100')
    const { status, headers, body } = await owner('GET', '/v1/transactions.csv')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const [head, ...lines] = body.split('\r\n').slice(0, -1)
    expect(head).toBe(
      'id,type,amount,change,balance_after,currency,order_id,deposit_id,reference,created_at',
    )
    const told = lines.map((line) => line.split(','))
    expect(told.map(([id, , , change, after]) => [id, change, after])).toEqual(
      list.body.data.map((one) => [one.id, one.change, one.balance_after]),
    )
    expect(told.some((cells) => cells[8] === "'=2+1")).toBe(true)
    expect(body).not.toContain('theirs')
    const ofTypes = async (query: string) =>
      (await owner<{ data: { type: string }[] }>('GET', `/v1/transactions?limit=100&${query}`)).body
    expect(new Set((await ofTypes('type=void')).data.map(({ type }) => type))).toEqual(
      new Set(['void']),
    )
    expect((await ofTypes('type=void&type=hold')).data).toHaveLength(6)
    const voids = (await owner('GET', '/v1/transactions.csv?type=void')).body
    expect(voids.split('\r\n')).toHaveLength(5)
    expect((await owner('GET', '/v1/transactions?type=gift')).status).toBe(422)
    const before = new Date(app.now().getTime() - 1000).toISOString()
    const none = await owner('GET', `/v1/transactions.csv?created_before=${before}`)
    expect(none.body).not.toContain('hold')
    expect((await owner('GET', '/v1/transactions.csv?limit=3')).status).toBe(422)
  })
})
