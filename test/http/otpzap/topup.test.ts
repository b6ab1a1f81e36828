// OTPZap's deposits, and the sandbox's page: credited once, inside the window, and only where it is open.
import { describe, expect, it } from 'vitest'
import { expireDeposits, takeReport } from '../../../src/core/deposits/settling.ts'
import { sendRaw } from '../../harness/raw.ts'
import { serverOn, testCustomer, testServer } from '../../harness/server.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { asking, wib } from './asking.ts'

type Invoice = {
  order_id: string
  amount: number
  total_amount: number
  currency: string
  status: string
  payment_url: string
  qris: string | null
  expired_at: string
}
type Deposit = { order_id: string; status: string; paid_at: string | null; created_at: string }

describe('otpzap deposits', async () => {
  const server = await testServer()
  const { app, db } = server
  const { ask, data, refused } = await asking(server)

  const customer = async (currency = 'IDR') => {
    const { key, accountId } = await testCustomer(db, { credit: '10', currency })
    return {
      key,
      accountId,
      create: (amount: unknown) => data<Invoice>(key, 'POST', '/topup/create', { amount }),
      check: (id: string) => data<Deposit>(key, 'GET', `/topup/check?order_id=${id}`),
      balance: async () => (await data<{ balance: number }>(key, 'GET', '/balance')).balance,
    }
  }
  const page = async (method: string, url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url, { method, headers })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const idOf = (invoice: Invoice) =>
    app.ids.fromToken('dep', `dep_${invoice.order_id.split('-')[2]}`) as bigint

  it('/topup/create: an invoice, and nothing else', async () => {
    const { create, accountId, balance } = await customer()
    const invoice = await create(25)
    expect(invoice).toStrictEqual({
      order_id: expect.stringMatching(new RegExp(`^APIDEP-${accountId}-[0-9a-z]{11}$`)),
      amount: 25,
      total_amount: 25,
      currency: 'IDR',
      status: 'pending',
      payment_url: expect.stringMatching(new RegExp(`^${server.url}/pay/[0-9A-Za-z]{32}$`)),
      qris: expect.stringMatching(/^000201010212/),
      expired_at: wib(new Date(app.now().getTime() + 30 * 60_000)),
    })
    expect(await balance()).toBe(10)
  })

  it('/topup/create: refuses what is no amount', async () => {
    const { key, create } = await customer()
    for (const amount of [0, -5, 1e9, 1.001, '', 'much', null, [], 1e-7, '1e3'])
      await refused(key, 'POST', '/topup/create', { amount }, [422, 'validation_failed'])
    await refused(key, 'POST', '/topup/create', {}, [422, 'validation_failed'])
    expect((await create('50000')).amount).toBe(50_000)
  })

  it.each(['USD', 'JPY', 'EUR'])(
    '/topup/create: takes rupiah, and makes no invoice over as many %s (D9)',
    async (currency) => {
      const { key, accountId } = await customer(currency)
      for (const amount of [50_000, '50000', 1]) {
        const body = { amount }
        const invalid = [422, 'validation_failed'] as const
        const reply = await refused(key, 'POST', '/topup/create', body, invalid)
        expect(reply.body.message).toContain('rupiah')
        expect(reply.body.message).toContain(currency)
        expect(Object.keys(reply.body.error.fields ?? {})).toEqual(['amount'])
      }
      const made = await db.query('select 1 from deposits where account_id = $1', [accountId])
      expect(made).toEqual([])
    },
  )

  it('/topup/create: builds its link on the address that is set', async () => {
    const elsewhere = await serverOn(server.databaseUrl, {
      NUMLET_PUBLIC_URL: 'https://numlet.example.com/',
    })
    const { key } = await customer()
    const asked = await asking(elsewhere)
    const invoice = await asked.data<Invoice>(key, 'POST', '/topup/create', { amount: 5 })
    expect(invoice.payment_url).toMatch(/^https:\/\/numlet\.example\.com\/pay\/\w{32}$/)
  })

  it('/topup/create: builds its link on the host that was asked, where the page is, too', async () => {
    const tied = await serverOn(server.databaseUrl, { NUMLET_HOSTS: 'api.example.com=otpzap' })
    const { key } = await customer()
    const host = { host: 'api.example.com' }
    const { body } = await sendRaw(tied, {
      method: 'POST',
      path: '/api/v1/topup/create',
      key,
      headers: { ...host, 'content-type': 'application/json' },
      body: '{"amount":5}',
    })
    const { payment_url: link } = (body as { data: Invoice }).data
    expect(link).toMatch(/^http:\/\/api\.example\.com\/pay\/\w{32}$/)
    const page = await sendRaw(tied, { method: 'GET', path: new URL(link).pathname, headers: host })
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('5.00 IDR')])
  })

  it('/topup/create: makes one invoice of a repeated request', async () => {
    const { key, accountId } = await customer()
    const once = { 'idempotency-key': 'topup-1' }
    const first = await ask<object>(key, 'POST', '/topup/create', { amount: 5 }, once)
    const again = await ask<object>(key, 'POST', '/topup/create', { amount: 5 }, once)
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const other = await ask<object>(key, 'POST', '/topup/create', { amount: 6 }, once)
    expect(other.status).toBe(422)
    const rows = await db.query('select 1 as yes from deposits where account_id = $1', [accountId])
    expect(rows).toHaveLength(1)
  })

  it('/topup/check: pending, then paid once and for all', async () => {
    const { create, check, balance } = await customer()
    const invoice = await create(25.5)
    expect(await check(invoice.order_id)).toStrictEqual({
      order_id: invoice.order_id,
      amount: 25.5,
      currency: 'IDR',
      status: 'pending',
      paid_at: null,
      created_at: wib(app.now()),
    })
    server.advance(60)
    const url = invoice.payment_url
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    for (let time = 0; time < 3; time++) {
      const paid = await page('POST', url, form)
      expect([paid.status, paid.text]).toEqual([200, expect.stringContaining('Paid')])
    }
    await Promise.all(Array.from({ length: 8 }, () => page('POST', url)))
    expect(await check(invoice.order_id)).toMatchObject({
      status: 'success',
      paid_at: wib(app.now()),
    })
    expect(await balance()).toBe(35.5)
  })

  it('/topup/check: expired after 30 minutes, swept or not', async () => {
    const { create, check, balance } = await customer()
    const invoice = await create(5)
    server.advance(1_799)
    expect((await check(invoice.order_id)).status).toBe('pending')
    server.advance(1)
    expect((await check(invoice.order_id)).status).toBe('expired')
    const late = await page('POST', invoice.payment_url)
    expect([late.status, late.text]).toEqual([200, expect.stringContaining('over')])
    expect(await expireDeposits(db, app.now())).toBeGreaterThan(0)
    expect(await expireDeposits(db, app.now())).toBe(0)
    expect((await check(invoice.order_id)).status).toBe('expired')
    expect(await balance()).toBe(10)
  })

  it('credits what a gateway says was paid, also after the window, and once', async () => {
    const { create, check, balance } = await customer()
    const invoice = await create(5)
    server.advance(3_600)
    await expireDeposits(db, app.now())
    const report = { status: 'paid', paid: 50_000n, currency: 'IDR' } as const
    const said = { report, ref: 'theirs', keepsLate: false }
    const settled = await Promise.all(
      Array.from({ length: 6 }, () => takeReport(db, app.now(), idOf(invoice), said)),
    )
    expect(settled.filter(({ changed }) => changed)).toHaveLength(1)
    expect((await check(invoice.order_id)).status).toBe('success')
    expect(await balance()).toBe(15)
    const events = await db.query(
      `select type from events where (data->>'deposit_id')::bigint = $1 order by id`,
      [idOf(invoice)],
    )
    expect(events.map(({ type }) => type)).toEqual([
      'deposit.created',
      'deposit.expired',
      'deposit.success',
    ])
  })

  it('shows a page with the amount and one button', async () => {
    const { create } = await customer()
    const { payment_url: url } = await create(12.5)
    const shown = await page('GET', url)
    expect(shown.status).toBe(200)
    expect(shown.headers.get('content-type')).toMatch(/^text\/html/)
    expect(shown.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(shown.text).toContain('12.50 IDR')
    expect(shown.text.match(/<form method="post">/g)).toHaveLength(1)
    expect(shown.text.match(/<button /g)).toHaveLength(1)
    await page('POST', url)
    expect((await page('GET', url)).text).not.toContain('<form')
  })

  it('has no page for what is nobody’s payment', async () => {
    const { create } = await customer()
    const { order_id: id } = await create(5)
    for (const token of [id, 'x'.repeat(32), '%00', '..%2f', 'a'])
      for (const method of ['GET', 'POST']) {
        const none = await page(method, `${server.url}/pay/${token}`)
        expect([none.status, none.text]).toEqual([
          404,
          expect.stringContaining('This payment does not exist'),
        ])
      }
  })

  it('is closed where there is no demo', async () => {
    const { create, key } = await customer()
    const { payment_url: url } = await create(5)
    const real = await serverOn(server.databaseUrl, { NUMLET_DEMO: '0' })
    const there = url.replace(server.url, real.url)
    for (const method of ['GET', 'POST']) expect((await page(method, there)).status).toBe(404)
    const asked = await asking(real)
    await asked.refused(key, 'POST', '/topup/create', { amount: 5 }, [404, 'not_found'])
  })

  it('knows nothing of another’s deposit, nor of none', async () => {
    const mine = await customer()
    const other = await customer()
    const { order_id: id } = await mine.create(5)
    const renamed = id.replace(String(mine.accountId), String(other.accountId))
    for (const one of [id, renamed, 'APIDEP-3-xxx', '1', 'nonsense'])
      await refused(other.key, 'GET', `/topup/check?order_id=${one}`, undefined, [
        404,
        'deposit_not_found',
      ])
    const path = '/topup/check'
    await refused(mine.key, 'GET', path, undefined, [422, 'validation_failed'])
  })

  it('leaves the books right', async () => {
    await expectCleanAudit(db)
  })
})
