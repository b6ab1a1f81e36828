// A3, A4: errors that help. They name the value, what there is instead, both amounts and what to do.
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/core/error.ts'
import { transportCodes } from '../../src/http/failure.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Problem = {
  type: string
  title: string
  detail: string
  code: string
  errors?: { pointer: string; detail: string }[]
  alternatives?: string[]
  price?: string
  balance?: string
  max_price?: string
  lowest_price?: string
  currency?: string
  limit?: number
  retry_after?: number
}

const server = await testServer()
const reference = await referenceOf(server)
const { key } = await testCustomer(server.db)
const ask = async (method: string, path: string, body?: unknown, as = key) => {
  const reply = await call<Problem>(server, as, method, path, body)
  reference.check(method, path, reply)
  return reply
}
const order = (body: object, as = key) => ask('POST', '/v1/orders', body, as)

describe('A3: a query parameter that is not known', () => {
  it.each([
    ['/v1/orders?from=2026-01-01', 'from', /^is not a known parameter/],
    ['/v1/offers?servic=whatsapp', 'servic', /did you mean service\?$/],
    ['/v1/offers?Country=US', 'Country', /did you mean country\?$/],
    ['/v1/balance?currency=USD', 'currency', /^is not a known parameter$/],
    ['/v1/account?x=', 'x', /^is not a known parameter$/],
    ['/v1/keys?page=2', 'page', /^is not a known parameter/],
    ['/v1/transactions?limt=5', 'limt', /did you mean limit\?$/],
    ['/v1/orders/ord_00000000000?seconds=3', 'seconds', /^is not a known parameter/],
    ['/v1/webhooks?all=1', 'all', /^is not a known parameter/],
    ['/v1/deposits?stat=paid', 'stat', /did you mean state\?$|^is not a known parameter/],
    ['/v1/countries?q=a', 'q', /^is not a known parameter/],
    ['/v1/services?q=a', 'q', /^is not a known parameter/],
  ])('is refused: %s', async (path, pointer, detail) => {
    const { status, body } = await ask('GET', path)
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid_request' })
    expect(body.errors).toContainEqual({ pointer, detail: expect.stringMatching(detail) })
  })

  it('is refused where a body is sent, too, and nothing is bought', async () => {
    const { status, body } = await ask('POST', '/v1/orders?service=whatsapp', {
      service: 'whatsapp',
    })
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid_request' })
    const { body: list } = await call<{ data: [] }>(server, key, 'GET', '/v1/orders')
    expect(list.data).toEqual([])
  })

  it('is refused as an unknown field of a body is', async () => {
    const { body } = await order({ servic: 'whatsapp', countri: 'US' })
    expect(body.errors).toEqual([
      { pointer: '/servic', detail: 'is not a known field; did you mean service or services?' },
      { pointer: '/countri', detail: 'is not a known field; did you mean country?' },
    ])
  })
})

describe('A4: an error', () => {
  it('has a type that leads to a page which explains it, and a title that is not its detail', async () => {
    const { body } = await order({ service: 'whatsap', country: 'US' })
    expect(body.type).toBe(`${server.url}/docs/errors/service_not_found`)
    expect(body.title).not.toBe(body.detail)
    const page = await fetch(body.type)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(await page.text()).toContain('service_not_found')
  })

  it('has a page for each code, and a list of all', async () => {
    const list = await (await fetch(`${server.url}/docs/errors`)).text()
    for (const code of [...errorCodes, ...transportCodes]) {
      const page = await fetch(`${server.url}/docs/errors/${code}`)
      expect(page.status, code).toBe(200)
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
      const text = await page.text()
      expect(text).toContain('What it means')
      expect(text).toContain('What to do')
      expect(list).toContain(`/docs/errors/${code}"`)
    }
    const missing = await fetch(`${server.url}/docs/errors/%3Cscript%3E`)
    expect(missing.status).toBe(404)
    expect(await missing.text()).not.toContain('<script>')
  })

  it('names a service that does not exist, and those with similar names', async () => {
    expect((await order({ service: 'whatsap', country: 'US' })).body).toMatchObject({
      code: 'service_not_found',
      detail: 'There is no service whatsap. Did you mean whatsapp?',
      alternatives: ['whatsapp'],
    })
    expect((await ask('GET', '/v1/offers?service=telegrm')).body.alternatives).toEqual(['telegram'])
    expect((await order({ service: 'zzzzzzzzzz' })).body).toMatchObject({
      code: 'service_not_found',
      detail: 'There is no service zzzzzzzzzz.',
      alternatives: [],
    })
  })

  it('names the area code that has no numbers', async () => {
    expect(
      (await order({ service: 'whatsapp', country: 'US', area_code: '999' })).body,
    ).toMatchObject({
      code: 'out_of_stock',
      detail: 'WhatsApp in United States (US) with area code 999 is out of stock.',
    })
  })

  it('creates no key with a default country that does not exist', async () => {
    expect((await ask('POST', '/v1/keys', { default_country: 'ZZ' })).body).toMatchObject({
      code: 'country_not_found',
      detail: 'There is no country ZZ.',
    })
    expect((await ask('POST', '/v1/keys', { default_country: 'us' })).status).toBe(201)
  })

  it('names a country, an operator, an offer, a domain or a plan that does not exist', async () => {
    expect((await order({ service: 'whatsapp', country: 'UK' })).body).toMatchObject({
      code: 'country_not_found',
      detail: 'There is no country UK. Did you mean GB?',
    })
    for (const path of ['/v1/offers?country=XX', '/v1/operators?country=XX'])
      expect((await ask('GET', path)).body).toMatchObject({
        code: 'country_not_found',
        detail: 'There is no country XX.',
      })
    const { body } = await order({ service: 'whatsapp', country: 'US', operator: 'tmobil' })
    expect(body).toMatchObject({
      code: 'operator_not_found',
      detail: expect.stringContaining('tmobil'),
    })
    expect(body.alternatives?.length).toBeGreaterThan(0)
    expect((await order({ offer_id: 999_999_999 })).body.detail).toContain('999999999')
    expect(
      (await order({ kind: 'email', site: 'example.com', domain: 'no.example.org' })).body,
    ).toMatchObject({
      code: 'domain_not_found',
      detail: expect.stringContaining('no.example.org'),
    })
    expect((await order({ kind: 'esim', plan: 'Moon 5GB' })).body).toMatchObject({
      code: 'plan_not_found',
      detail: expect.stringContaining('Moon 5GB'),
    })
  })

  it('offers the nearest of what there is, or all if that is little', async () => {
    const plans = await server.db.query<{ name: string }>(
      'select name from esim_plans order by name',
    )
    const { body: near } = await order({ kind: 'esim', plan: 'USA 6GB' })
    expect(near.alternatives).toContain('USA 5GB / 30 days')
    expect(near.detail).toMatch(/^There is no plan USA 6GB\. Did you mean .*USA 5GB \/ 30 days/)
    const { body: far } = await order({ kind: 'esim', plan: 'qqqqqqqqqqqq' })
    expect(far.alternatives?.toSorted()).toEqual(plans.map(({ name }) => name).sort())
    const { body: domain } = await order({ kind: 'email', site: 'example.com', domain: 'qq.zz' })
    expect(domain.alternatives?.toSorted()).toEqual([
      'inbox.example.com',
      'mail.example.org',
      'post.example.net',
    ])
    expect(domain.detail).toBe(
      `There is no mail domain qq.zz. Choose one of ${domain.alternatives?.join(', ')}.`,
    )
    const typed = await order({ kind: 'email', site: 'example.com', domain: 'inbox.exmple' })
    expect(typed.body.alternatives).toEqual(['inbox.example.com'])
    const { body: slugs } = await call<{ data: { slug: string }[] }>(
      server,
      key,
      'GET',
      '/v1/operators?country=US',
    )
    const wanted = { service: 'whatsapp', country: 'US' }
    const { body: operator } = await order({ ...wanted, operator: 'qqqqqqqqqqqq' })
    expect(operator.alternatives?.toSorted()).toEqual(slugs.data.map(({ slug }) => slug).sort())
  })

  it('offers the whole of a short list of services, pools and countries', async () => {
    const small = await testServer()
    const { key: own } = await testCustomer(small.db)
    await small.db.query(
      `update services set closed = true where slug <> all('{whatsapp,telegram}')`,
    )
    await small.db.query(`update countries set closed = true where code <> all('{US,GB}')`)
    const buy = async (body: object) =>
      (await call<Problem>(small, own, 'POST', '/v1/orders', body)).body
    expect(await buy({ service: 'qqqqqqqq', country: 'US' })).toMatchObject({
      code: 'service_not_found',
      alternatives: ['telegram', 'whatsapp'],
    })
    expect(await buy({ service: 'whatsapp', country: 'XX' })).toMatchObject({
      code: 'country_not_found',
      alternatives: ['GB', 'US'],
    })
  })

  it('tells the lengths that a rental can have', async () => {
    const { status, body } = await order({
      kind: 'rental',
      service: 'whatsapp',
      country: 'US',
      duration: '5d',
    })
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'offer_not_found' })
    expect(body.detail).toMatch(/for 5d in United States.*Choose a duration of 1d, 3d, 30d/)
    expect(body.alternatives).toEqual(['1d', '3d', '30d'])
  })

  it('tells the price and the balance', async () => {
    const poor = await testCustomer(server.db, { credit: '0.05' })
    for (const wanted of [
      { service: 'whatsapp', country: 'US' },
      { service: 'whatsapp', country: 'US', quantity: 3 },
      { services: ['whatsapp', 'telegram'], country: 'US' },
      { kind: 'rental', service: 'whatsapp', country: 'US', duration: '1d' },
      { kind: 'esim', plan: 'USA 5GB / 30 days' },
    ]) {
      const { status, body } = await order(wanted, poor.key)
      expect({ status, code: body.code }, JSON.stringify(wanted)).toEqual({
        status: 402,
        code: 'insufficient_balance',
      })
      expect(body.balance).toBe('0.05')
      expect(Number(body.price)).toBeGreaterThan(0.05)
      expect(body.currency).toBe('USD')
      expect(body.detail).toContain(`${body.price} USD`)
      expect(body.detail).toContain('0.05 USD')
    }
  })

  it('tells a party the balance that it had, whichever of its numbers was too much', async () => {
    const { body: offers } = await call<{ data: { price: string }[] }>(
      server,
      key,
      'GET',
      '/v1/offers?service=whatsapp&country=US&kind=activation&in_stock=true&limit=100',
    )
    const cheapest = Math.min(...offers.data.map(({ price }) => Number(price)))
    const credit = (cheapest * 1.5).toFixed(2)
    const poor = await testCustomer(server.db, { credit })
    const { body } = await order({ service: 'whatsapp', country: 'US', quantity: 3 }, poor.key)
    expect(body).toMatchObject({ code: 'insufficient_balance', balance: credit })
    expect(Number(body.price)).toBeGreaterThan(Number(credit))
  })

  it('tells the lowest price and the maximum', async () => {
    for (const wanted of [
      { service: 'whatsapp', country: 'US' },
      { services: ['whatsapp', 'telegram'], country: 'US' },
      { kind: 'rental', service: 'whatsapp', country: 'US', duration: '1d' },
      { kind: 'email', site: 'example.com' },
      { kind: 'esim', plan: 'USA 5GB / 30 days' },
    ]) {
      const { status, body } = await order({ ...wanted, max_price: '0.0001' })
      expect({ status, code: body.code }, JSON.stringify(wanted)).toEqual({
        status: 409,
        code: 'price_above_maximum',
      })
      expect(Number(body.lowest_price)).toBeGreaterThan(0.0001)
      expect(body.max_price).toBe('0.0001')
      expect(body.detail).toContain(`${body.lowest_price} USD`)
    }
  })

  it('names what is out of stock', async () => {
    await server.db.query(
      `update stock set remaining = 0 where country = 'US'
         and service_id = (select id from services where slug = 'telegram')`,
    )
    expect((await order({ service: 'telegram', country: 'US' })).body).toMatchObject({
      code: 'out_of_stock',
      detail: 'Telegram in United States (US) is out of stock.',
    })
  })

  it('tells the limit of an account, and when it may go on', async () => {
    const { key: limited, accountId } = await testCustomer(server.db)
    const set = (column: string, value: number | null) =>
      server.db.query(`update accounts set ${column} = $2 where id = $1`, [accountId, value])
    await set('max_open_orders', 1)
    const wanted = { service: 'whatsapp', country: 'US' }
    expect((await order(wanted, limited)).status).toBe(201)
    expect((await order(wanted, limited)).body).toMatchObject({
      code: 'too_many_open_orders',
      limit: 1,
    })
    await set('max_open_orders', null)
    await set('max_orders_a_day', 1)
    const { status, body } = await order(wanted, limited)
    expect(status).toBe(429)
    expect(body).toMatchObject({ code: 'daily_limit_reached', limit: 1 })
    expect(body.retry_after).toBeGreaterThan(0)
    expect(body.retry_after).toBeLessThanOrEqual(86_400)
  })

  it('of a field says which, in one sentence', async () => {
    expect((await order({ service: 'whatsapp', country: 'USA' })).body.detail).toBe(
      'country: must be an ISO 3166-1 alpha-2 code.',
    )
  })

  it.each([
    [{}, '/service', 'service: is required without services or offer_id.'],
    [{ kind: 'esim' }, '/plan', 'plan: is required without offer_id.'],
    [{ kind: 'email' }, '/site', 'site: is required without service.'],
    [
      { kind: 'rental', service: 'whatsapp', country: 'US' },
      '/duration',
      'duration: is required without offer_id.',
    ],
    [{ kind: 'esim', plan: 'x', duration: '3d' }, '/duration', /^duration: is not for an order/],
  ])('names the field that an order lacks: %j', async (selection, pointer, detail) => {
    const { status, body } = await order(selection)
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid_request' })
    expect(body.errors?.[0]?.pointer).toBe(pointer)
    expect(body.detail).toMatch(detail)
  })

  it('names a gateway that does not exist, and those that do', async () => {
    const { status, body } = await ask('POST', '/v1/deposits', { amount: '5', gateway: 'sandbx' })
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'not_found' })
    expect(body.detail).toMatch(/^There is no gateway sandbx for deposits in USD\./)
    expect(body.alternatives).toBeInstanceOf(Array)
  })

  it.each(['-5', '500000000000', '1.23456'])('tells what an amount must be: %s', async (amount) => {
    const { status, body } = await ask('POST', '/v1/deposits', { amount })
    expect(status).toBe(422)
    expect(body.detail).toContain('from 0 to 100000000 with up to four places')
  })

  it('has an example of the kind that a customer gets', async () => {
    const page = async (code: string) =>
      (await call<string>(server, null, 'GET', `/docs/errors/${code}`)).body
    expect(await page('insufficient_balance')).toContain('&quot;balance&quot;: &quot;0.10&quot;')
    expect(await page('price_above_maximum')).toContain(
      '&quot;lowest_price&quot;: &quot;0.40&quot;',
    )
  })
})
