// handler_api: what each answer to an ask and to a look-up means, on all platforms of the family.
import { describe, expect, it } from 'vitest'
import { answered, ask, now, played, silence, unreached } from './answers.ts'
import { entry, forms, listOf, ref, settings, upstream } from './handler-api.ts'

const asked = (...sent: Parameters<typeof answered>) =>
  played(upstream.ask(settings, ask), answered(...sent)).result

const classes = {
  empty: ['NO_NUMBERS', 'NO_NUMBER'],
  price: ['WRONG_MAX_PRICE', 'MAX_PRICE_EXCEEDED'],
  name: [
    ...['BAD_SERVICE', 'WRONG_SERVICE', 'BAD_COUNTRY', 'WRONG_COUNTRY'],
    ...['BAD_OPERATOR', 'WRONG_OPERATOR', 'SERVICE_NOT_AVAILABLE'],
  ],
  dry: ['NO_BALANCE', 'NO_MONEY', 'LOW_BALANCE', 'NO_MEANS'],
  key: ['BAD_KEY', 'NO_KEY', 'WRONG_API_KEY', 'ERROR_WRONG_KEY', 'ACCOUNT_INACTIVE'],
  busy: ['CHANNELS_LIMIT', 'TOO_MANY_ACTIVE_RENTALS'],
}

describe('an ask', () => {
  it('has the key, the highest price, unwanted beginnings, and where it comes from', () => {
    const { request } = upstream.ask(settings, ask)
    expect(request.method).toBe('GET')
    const url = new URL(request.url)
    expect(url.origin + url.pathname).toBe(settings.url)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      api_key: 'k3y',
      action: 'getNumberV2',
      service: 'wa',
      country: '16',
      orderId: 'key-0123456789abcdef',
      maxPrice: '1.2345',
      phoneException: '447700',
    })
    expect(request.headers).toMatchObject({ 'numlet-via': 'n1, n2', 'numlet-deadline': '13' })
  })

  it('is for the same number where the platform has that, and a certain no if it does not give it', () => {
    const again = { ...ask, again: { ref: '635468024', phone: '+447700900123' } }
    const sent = (profile: string) => {
      const { request } = upstream.ask({ ...settings, profile }, again)
      return Object.fromEntries(new URL(request.url).searchParams)
    }
    expect(sent('vanilla')).toEqual({
      ...{ api_key: 'k3y', action: 'getExtraActivation', activationId: '635468024' },
      orderId: 'key-0123456789abcdef',
    })
    expect(sent('herosms')).toEqual({ api_key: 'k3y', action: 'reactivate', id: '635468024' })
    const can = ['vanilla', 'herosms', 'tiger', 'daisy'].map(
      (profile) => upstream.features({ ...settings, profile }).canRebuy,
    )
    expect(can).toEqual([true, true, false, false])
    for (const word of ['RENEW_ACTIVATION_NOT_AVAILABLE', 'NEW_ACTIVATION_IMPOSSIBLE'])
      expect(played(upstream.ask(settings, again), answered(word)).result).toEqual({
        ...{ kind: 'no', class: 'empty' },
      })
  })

  it('is written as the platform wants it', () => {
    const sent = (profile: string) => {
      const { request } = upstream.ask({ ...settings, profile }, ask)
      return Object.fromEntries(new URL(request.url).searchParams)
    }
    expect(sent('daisy')).toEqual({
      ...{ api_key: 'k3y', action: 'getNumber', service: 'wa', country: '16' },
      max_price: '1.2345',
    })
    expect(sent('smshub')).toMatchObject({ action: 'getNumber', currency: '840' })
    for (const profile of ['herosms', 'smsbower', 'grizzly', 'tiger', 'smshub', 'daisy']) {
      expect(sent(profile)).not.toHaveProperty('orderId')
      expect(upstream.features({ ...settings, profile }).wire).toBe('list')
    }
    expect(upstream.features(settings).wire).toBe('keyed')
  })

  it('reads a number, as text', () => {
    const number = { kind: 'number', ref, phone: '+447700900123', operator: null, cost: null }
    const untold = { currency: null, endsAt: null, cancelAfter: null }
    expect(asked('ACCESS_NUMBER:635468024:447700900123')).toEqual({ ...number, ...untold })
    expect(asked(' ACCESS_NUMBER:635468024:+447700900123:any\r\n', 500)).toMatchObject(number)
    const told = asked('ACCESS_NUMBER:635468024:447700900123', 200, { 'x-price': '0.50' })
    expect(told).toMatchObject({ kind: 'number', cost: 5_000n })
  })

  it('reads a number, as JSON in all its spellings', () => {
    const vanilla = {
      activationId: 635468024,
      phoneNumber: '447700900123',
      activationCost: 12.5,
      currency: 840,
      countryCode: '16',
      canGetAnotherSms: '1',
      activationTime: '2022-06-01 17:30:57',
      activationEndTime: '2022-06-01 17:50:57',
      activationOperator: 'mtt',
    }
    const number = {
      kind: 'number',
      ref,
      phone: '+447700900123',
      operator: 'mtt',
      cost: 125_000n,
      currency: 'USD',
      endsAt: new Date(now.getTime() + 1_200_000),
      cancelAfter: null,
    }
    expect(asked(vanilla)).toEqual(number)
    const hero = {
      ...vanilla,
      activationId: ref,
      activationCost: '12.50001',
      activationTime: '2026-03-14T09:26:50+00:00',
      activationEndTime: '2026-03-14T10:46:50+01:00',
    }
    const endsAt = new Date('2026-03-14T09:46:50Z')
    expect(asked(hero)).toEqual({ ...number, cost: 125_001n, endsAt })
    const long = `{"activationId":98765432109876543210,"phoneNumber":447700900123,"activationCost":0.1}`
    expect(asked(long)).toMatchObject({ ref: '98765432109876543210', cost: 1_000n, currency: null })
  })

  it('knows a certain no by its word, whatever the status', () => {
    for (const [noClass, words] of Object.entries(classes))
      for (const word of words)
        for (const form of forms(word))
          expect([form, asked(...form)]).toEqual([form, { kind: 'no', class: noClass }])
  })

  it('knows how long it is banned', () => {
    const hour = { kind: 'no', class: 'key', retryAfterS: 3_600 }
    expect(asked("BANNED:'2026-3-14 10-26-53'")).toEqual(hour)
    expect(asked('BANNED:2026-03-14 10:26:53', 403)).toEqual(hour)
    expect(asked({ title: 'BANNED', info: { retry_after_seconds: 3600 } }, 403)).toEqual(hour)
    expect(asked("BANNED:'2020-3-14 10-26-53'")).toEqual({ ...hour, retryAfterS: 0 })
    expect(asked('BANNED')).toEqual({ kind: 'no', class: 'key' })
  })

  it('waits when it asked too often', () => {
    const busy = { kind: 'no', class: 'busy' }
    expect(asked('', 429)).toEqual(busy)
    expect(asked('<html>slow down</html>', 429, { 'retry-after': '7' })).toEqual({
      ...busy,
      retryAfterS: 7,
    })
    const dated = { 'retry-after': 'Sat, 14 Mar 2026 09:27:53 GMT' }
    expect(asked('', 429, dated)).toEqual({ ...busy, retryAfterS: 60 })
    for (const odd of ['soon', '-1', '1e3', 'Sat, 14 Mar'])
      expect(asked('', 429, { 'retry-after': odd })).toEqual(busy)
    expect(asked('NO_BALANCE', 429)).toEqual({ kind: 'no', class: 'dry' })
  })

  it('knows nothing after every other answer, and after none', () => {
    const words = [
      ...['ERROR_SQL', 'SQL_ERROR', 'SERVER_ERROR', 'BAD_ACTION', 'BAD_STATUS', 'no_numbers'],
      ...['', ' ', 'OK', '<html><title>NO_NUMBERS</title></html>', 'null', '[]', '{}', '{"a":1}'],
      ...['NO_NUMBERS_', 'ACCESS_BALANCE:5', 'STATUS_OK:1', 'constructor', '__proto__', '"'],
    ]
    for (const word of words)
      for (const status of [200, 302, 404, 500, 502, 503])
        expect([word, status, asked(word, status).kind]).toEqual([word, status, 'unknown'])
    const talk = upstream.ask(settings, ask)
    expect(played(talk, silence).result).toEqual({ kind: 'unknown', why: 'the time was over' })
    expect(played(talk, unreached).result).toEqual({ kind: 'no', class: 'unreached' })
  })

  it('knows that it bought what it cannot read', () => {
    const bought = [
      'ORDER_ALREADY_EXISTS',
      'ACCESS_NUMBER:635468024',
      'ACCESS_NUMBER::',
      'ACCESS_NUMBER:1:2',
    ]
    for (const body of [...bought, { activationId: 1 }, { activationId: 1, phoneNumber: 'x' }])
      expect(asked(body)).toMatchObject({ kind: 'unknown', isBought: true })
  })
})

describe('a look-up', () => {
  const lookUp = (mayAskAgain: boolean, more = {}) =>
    upstream.lookUp({ ...settings, ...more }, { ask, mayAskAgain })
  const number = { kind: 'number', ref, phone: '+447700900123' }

  it('asks again with the same key while the order waits', () => {
    const again = played(lookUp(true), answered('ACCESS_NUMBER:635468024:447700900123'))
    expect(again.result).toMatchObject(number)
    expect(again.requests[0]).toEqual(upstream.ask(settings, ask).request)
    for (const [noClass, word] of [
      ['empty', 'NO_NUMBERS'],
      ['price', 'WRONG_MAX_PRICE'],
      ['name', 'BAD_SERVICE'],
    ] as const)
      expect(played(lookUp(true), answered(word)).result).toEqual({ kind: 'no', class: noClass })
  })

  it('does not take for an answer what says nothing of the first ask', () => {
    for (const sent of [answered('BAD_KEY'), answered('', 429), unreached, silence])
      expect(played(lookUp(true), sent).result.kind).toBe('unknown')
    const empty = played(lookUp(true), answered('NO_BALANCE'), answered('NO_ACTIVATIONS'))
    expect(empty.result).toEqual({ kind: 'listed', list: { orders: [], isComplete: true } })
  })

  it('looks into the list for what was bought', () => {
    const exists = answered('ORDER_ALREADY_EXISTS')
    const keyed = listOf({ ...entry, activationId: 7 }, { ...entry, orderId: ask.requestKey })
    expect(played(lookUp(true), exists, answered(keyed)).result).toMatchObject(number)
    const plain = played(lookUp(true), exists, answered(listOf(entry)))
    expect(plain.result).toMatchObject({ kind: 'listed', list: { orders: [{ ref }] } })
  })

  it('never asks again once the order is over, or where that would buy again', () => {
    for (const talk of [lookUp(false), lookUp(true, { profile: 'herosms' })]) {
      const { requests } = played(talk, answered(listOf(entry)))
      expect(requests.map(({ url }) => new URL(url).searchParams.get('action'))).toEqual([
        'getActiveActivations',
      ])
    }
    expect(lookUp(true, { profile: 'smshub' })).toBe(null)
    const noList = { profile_changes: '{"hasList":false}' }
    expect(lookUp(false, noList)).toBe(null)
    expect(played(lookUp(true, noList), answered('ORDER_ALREADY_EXISTS')).result).toMatchObject({
      kind: 'unknown',
      isBought: true,
    })
  })
})
