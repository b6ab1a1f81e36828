// Purchases with handler_api: selection, prices, order ids of the client, several services, past numbers.
import { describe, expect, it } from 'vitest'
import { handlerServer, partsOf } from './asking.ts'

const wa = { service: 'wa', country: 187 }

describe('handler_api sells', async () => {
  const { server, receive, customer } = await handlerServer()

  it('a number, in plain text, with the price in a header', async () => {
    const { ask, balance } = await customer()
    const { status, headers, body } = await ask('getNumber', wa)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    expect(body).toMatch(/^ACCESS_NUMBER:\d+:1\d{10}$/)
    expect(await balance()).toBeCloseTo(100 - Number(headers.get('x-price')))
  })

  it('a number, as an object that old and new clients can read', async () => {
    const { json } = await customer()
    expect(await json('getNumberV2', wa)).toStrictEqual({
      activationId: expect.stringMatching(/^\d+$/),
      phoneNumber: expect.stringMatching(/^1\d{10}$/),
      activationCost: expect.any(Number),
      currency: 840,
      countryCode: '187',
      countryPhoneCode: 1,
      canGetAnotherSms: '1',
      activationTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      activationEndTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      activationOperator: expect.stringMatching(/^[a-z]+$/),
    })
  })

  it('in the country given by id, alias, ISO code or 5sim name, by default in that of the key', async () => {
    const { text, json } = await customer({ country: 'GB' })
    for (const country of ['187', '12', 'US', 'us', 'usa'])
      expect(partsOf(await text('getNumber', { ...wa, country })).phone).toMatch(/^1/)
    expect(partsOf(await text('getNumber', { service: 'wa' })).phone).toMatch(/^44/)
    expect(await json('getNumberV2', { service: 'wa' })).toMatchObject({ countryCode: '16' })
    expect(await text('getNumber', { ...wa, country: '99999' })).toBe('BAD_COUNTRY')
    expect(await text('getNumber', { ...wa, country: 'Atlantis' })).toBe('BAD_COUNTRY')
  })

  it('services by their usual codes, and those without a code by slug', async () => {
    const { text } = await customer()
    expect(await text('getNumber', { ...wa, service: 'WA' })).toMatch(/^ACCESS_NUMBER/)
    expect(await text('getNumber', { ...wa, service: 'whatsapp' })).toMatch(/^ACCESS_NUMBER/)
    for (const service of ['zzzz', 'full', '__proto__', 'constructor', '1012', ''])
      expect(await text('getNumber', { ...wa, service })).toBe('BAD_SERVICE')
    const { services } = await (await customer()).json<{ services: { code: string }[] }>(
      'getServicesList',
    )
    expect(services.map(({ code }) => code)).toEqual(expect.arrayContaining(['reddit', 'wa', 'ot']))
  })

  it('from the first operator that has stock, or from any if none has', async () => {
    const { json } = await customer()
    const operatorOf = async (operator: string) =>
      (await json('getNumberV2', { ...wa, operator })).activationOperator
    expect(await operatorOf('verizon')).toBe('verizon')
    expect(await operatorOf('uscellular,att')).toBe('att')
    expect(await operatorOf('nonsense')).toMatch(/^[a-z]+$/)
    expect(await operatorOf('any')).toMatch(/^[a-z]+$/)
  })

  it('up to a maximum price, and returns the lowest price otherwise', async () => {
    const { text, json, balance } = await customer()
    const { 187: prices } = await json<{ 187: { wa: { cost: number } } }>('getPrices', wa)
    const { cost } = prices.wa
    for (const maxPrice of ['0.0001', String(cost / 2), 'nonsense', '-1', '1e9'])
      expect(await text('getNumber', { ...wa, maxPrice })).toBe(
        `WRONG_MAX_PRICE:${cost.toFixed(2)}`,
      )
    expect(await balance()).toBe(100)
    for (const name of ['maxPrice', 'max_price'])
      expect(await text('getNumber', { ...wa, [name]: cost + 0.000_000_01 })).toMatch(/^ACCESS/)
    const fixed = { ...wa, fixedPrice: 'true' }
    expect(await text('getNumber', { ...fixed, maxPrice: cost + 0.01 })).toBe('NO_NUMBERS')
    expect(await text('getNumber', { ...fixed, maxPrice: cost })).toMatch(/^ACCESS_NUMBER/)
  })

  it('no number with an excluded prefix', async () => {
    const { text } = await customer()
    const phoneException = '1201,1202,1206,1212,1213,1214'
    for (let i = 0; i < 3; i++) {
      const { phone } = partsOf(await text('getNumber', { ...wa, phoneException }))
      expect(phone).not.toMatch(/^1(201|202|206|212|213|214)/)
    }
    for (const wrong of ['abc', '1201,x', Array(21).fill('1201').join()])
      expect(await text('getNumber', { ...wa, phoneException: wrong })).toBe(
        'WRONG_EXCEPTION_PHONE',
      )
    expect(await text('getNumber', { ...wa, phoneException: '1' })).toBe('NO_NUMBERS')
  })

  it('in the first area code with stock', async () => {
    const { text } = await customer()
    const { phone } = partsOf(await text('getNumber', { ...wa, areas: '999,212' }))
    expect(phone).toMatch(/^1212/)
    for (const areas of ['999', 'abc', Array(21).fill('212').join()])
      expect(await text('getNumber', { ...wa, areas })).toBe('NO_NUMBERS')
  })

  it('from the given providers and above a minimum price, the cheapest first', async () => {
    const { json, text, balance } = await customer()
    const costOf = async (params: object) =>
      (await json('getNumberV2', { ...wa, ...params })).activationCost
    const table = await json<Record<string, Record<string, Record<string, { price: number }>>>>(
      'getPricesV3',
      wa,
    )
    const priceOf = (id: string) => table['187']?.wa?.[id]?.price as number
    const [standard, premium] = [priceOf('1'), priceOf('2')]
    expect(premium).toBeGreaterThan(standard)
    expect(await costOf({ providerIds: '2' })).toBe(premium)
    expect(await costOf({ providerIds: '2,1' })).toBe(standard)
    expect(await costOf({ exceptProviderIds: '1' })).toBe(premium)
    expect(await costOf({ exceptProviderIds: 'any,nobody' })).toBe(standard)
    expect(await costOf({ minPrice: standard + 0.001 })).toBe(premium)
    expect(await costOf({ minPrice: premium, maxPrice: premium })).toBe(premium)
    expect(await costOf({ providerIds: 2, maxPrice: premium, fixedPrice: 'true' })).toBe(premium)
    expect(await costOf({ providerIds: '2', areas: '999,212' })).toBe(premium)
    // The last of many areas has its turn, too, where several offers are chosen from.
    const last = [...Array.from({ length: 19 }, (_, i) => 970 + i), 212].join()
    expect(await costOf({ minPrice: 0.01, areas: last })).toBe(standard)
    expect(await costOf({ providerIds: '2', phoneException: '1212' })).toBe(premium)
    const before = await balance()
    const chosenFrom: Record<string, string | number>[] = [
      { providerIds: 'nobody' },
      { providerIds: '2', exceptProviderIds: '2' },
      { providerIds: '2', maxPrice: standard },
      { minPrice: 99 },
      { minPrice: premium, maxPrice: standard },
      { providerIds: '1', maxPrice: premium, fixedPrice: 'true' },
    ]
    for (const params of chosenFrom)
      expect(await text('getNumber', { ...wa, ...params })).toBe('NO_NUMBERS')
    for (const minPrice of ['cheap', '-1', '1e9', '٣'])
      expect(await text('getNumber', { ...wa, minPrice })).toBe('UNPROCESSABLE_ENTITY')
    expect(await balance()).toBe(before)
  })

  it('no number to a client that needs calls', async () => {
    const { text, balance } = await customer()
    for (const [name, value] of [
      ['activationType', 2],
      ['verification', 'true'],
      ['forward', 1],
    ] as const)
      expect(await text('getNumber', { ...wa, [name]: value })).toBe('NO_NUMBERS')
    expect(await text('getNumber', { ...wa, activationType: 0, forward: 0 })).toMatch(/^ACCESS/)
    expect(await balance()).toBeGreaterThan(99)
  })

  it('once for each orderId, whatever the other parameters are', async () => {
    const { text, ask } = await customer()
    const first = await ask('getNumberV2', { ...wa, orderId: 'mine-1' })
    expect(first.body).toHaveProperty('activationId')
    expect(await text('getNumberV2', { ...wa, orderId: 'mine-1' })).toBe('ORDER_ALREADY_EXISTS')
    expect(await text('getNumber', { service: 'tg', orderId: 'mine-1' })).toBe(
      'ORDER_ALREADY_EXISTS',
    )
    const exclude = { ...wa, phoneException: '1201', orderId: 'mine-1' }
    expect(await text('getNumberV2', exclude)).toBe('ORDER_ALREADY_EXISTS')
    const other = await customer()
    expect(await other.text('getNumber', { ...wa, orderId: 'mine-1' })).toMatch(/^ACCESS_NUMBER/)
  })

  it('with an orderId that the list shows, if it can be a reference', async () => {
    const { ask, json } = await customer()
    const ids = ['mine ü 2', 'x'.repeat(200), 'x'.repeat(201), 'two\nlines']
    for (const orderId of [...ids, '']) await ask('getNumber', { ...wa, orderId })
    type Lists = Record<'activeActivations' | 'data', { orderId?: string }[]>
    const { activeActivations, data } = await json<Lists>('getActiveActivations')
    for (const list of [activeActivations, data])
      expect(list.map((one) => one.orderId).reverse()).toEqual([
        ...['mine ü 2', 'x'.repeat(200), undefined, undefined, undefined],
      ])
  })

  it('once for an orderId that arrives ten times at once, and again after a refusal', async () => {
    const { text, balance } = await customer()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => text('getNumber', { ...wa, orderId: 'at once, 10 times' })),
    )
    expect(answers.filter((one) => one.startsWith('ACCESS_NUMBER'))).toHaveLength(1)
    expect(answers.filter((one) => one === 'ORDER_ALREADY_EXISTS')).toHaveLength(9)
    expect(await balance()).toBeGreaterThan(98)
    const refused = { ...wa, orderId: 'refused' }
    expect(await text('getNumber', { ...refused, maxPrice: '0.001' })).toMatch(/^WRONG_MAX_PRICE/)
    expect(await text('getNumber', refused)).toMatch(/^ACCESS_NUMBER/)
  })

  it('one number for several services, with an activation for each', async () => {
    const { json, text, balance } = await customer()
    const bought = await json<{ phone: string; activation: string; service: string }[]>(
      'getMultiServiceNumber',
      { multiService: 'wa,tg', country: 187 },
    )
    expect(bought.map(({ service }) => service)).toEqual(['wa', 'tg'])
    const [first, second] = bought as [(typeof bought)[0], (typeof bought)[0]]
    expect(first.phone).toBe(second.phone)
    await receive(first.phone, 'Telegram code: 48213', 'Telegram')
    expect(await text('getStatus', { id: second.activation })).toBe('STATUS_OK:48213')
    expect(await text('getStatus', { id: first.activation })).toBe('STATUS_WAIT_CODE')
    const before = await balance()
    server.advance(121)
    expect(await text('setStatus', { id: first.activation, status: 8 })).toBe('ACCESS_CANCEL')
    expect(await balance()).toBeGreaterThan(before)
    for (const multiService of ['wa', 'wa,wa', '', 'wa,tg,go,fb,ig,vi'])
      expect(await text('getMultiServiceNumber', { multiService })).toBe('NOT_AVAILABLE')
    expect(await text('getMultiServiceNumber', { multiService: 'wa,zzzz' })).toBe('BAD_SERVICE')
    const forwarded = { multiService: 'wa,tg', multiForward: '0,1', country: 187 }
    expect(await text('getMultiServiceNumber', forwarded)).toBe('NO_NUMBERS')
  })

  it('the number of a past activation again', async () => {
    const { text, json } = await customer()
    const { id, phone } = partsOf(await text('getNumber', wa))
    const again = { activationId: id }
    expect(await text('getExtraActivation', again)).toBe('RENEW_ACTIVATION_NOT_AVAILABLE')
    await receive(phone, 'Your WhatsApp code: 593-821')
    await text('setStatus', { id, status: 6 })
    expect(await json('checkExtraActivation', again)).toEqual({
      status: 'success',
      cost: expect.any(Number),
      service: 'wa',
      phone: Number(phone),
      country: 187,
    })
    expect(await json('reactivationPrice', { id })).toEqual({
      data: { price: expect.any(Number), currency: 840 },
    })
    const { data } = await json<{ data: { options: { price: number }[] } }>('reactivateOptions', {
      id,
    })
    expect(data.options).toEqual([
      { price: expect.any(Number), duration: { unit: 'minute', value: 20 } },
    ])
    // Hours are not sold here, and so nobody pays for minutes who wants those.
    expect(await text('reactivate', { id, duration: 24 })).toBe('INVALID_TIME')
    expect(await text('reactivateOptions', { id: '999999' })).toBe('NO_ACTIVATION')
    const second = partsOf(await text('getExtraActivation', again))
    expect(second.phone).toBe(phone)
    expect(second.id).not.toBe(id)
    expect(await text('getExtraActivation', { activationId: '999999' })).toBe('WRONG_ACTIVATION_ID')
    expect(await text('getExtraActivation')).toBe('WRONG_ACTIVATION_ID')
    const other = await customer()
    expect(await other.text('checkExtraActivation', again)).toBe('WRONG_ACTIVATION_ID')
    expect(await other.text('reactivate', { id })).toBe('NO_ACTIVATION')
  })

  it('nothing without the balance for it, and nothing beyond the limits of the account', async () => {
    const poor = await customer({ credit: '0.01' })
    expect(await poor.text('getNumber', wa)).toBe('NO_BALANCE')
    expect(await poor.text('getNumberV2', wa)).toBe('NO_BALANCE')
    const { accountId, text, ask } = await customer()
    const limit = (columns: string) =>
      server.db.query(`update accounts set ${columns} where id = $1`, [accountId])
    await limit('max_open_orders = 1')
    await text('getNumber', wa)
    expect(await text('getNumber', wa)).toBe('CHANNELS_LIMIT')
    await limit('max_open_orders = null, max_orders_a_day = 1')
    expect(await text('getNumber', wa)).toBe('CHANNELS_LIMIT')
    await limit('max_orders_a_day = null, max_cancelled_percent = 10')
    await server.db.query(
      'update account_usage set bought_today = 30, cancelled_today = 20 where account_id = $1',
      [accountId],
    )
    const { body, headers } = await ask('getNumber', wa)
    expect(body).toMatch(/^BANNED:\d{4}-\d\d-\d\d 00-00-00$/)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })
})
