// handler_api: what each answer about orders, balances and prices means.
import { describe, expect, it } from 'vitest'
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import type { UpstreamOrder } from '../../../src/supply/upstream.ts'
import { answered, played, silence, unreached } from './answers.ts'
import { entry, forms, listOf, ref, settings, upstream } from './handler-api.ts'

/** A platform that is asked once for everything. */
const alone = { profile_changes: '{"text":null,"hasHistory":false}' }
const read = (...sent: Parameters<typeof answered>) =>
  played(upstream.readOrder({ ...settings, ...alone }, ref), answered(...sent)).result

describe('an order', () => {
  const stateOf = (body: string | object) => {
    const reading = read(body)
    return reading.kind === 'order' ? reading.order.state : reading.kind
  }

  it('waits, has a code, is over, or is not known', () => {
    for (const wait of ['STATUS_WAIT_CODE', 'STATUS_WAIT_RETRY:593821', 'STATUS_WAIT_RESEND']) {
      expect(stateOf(wait)).toBe('waiting')
      expect(read(wait)).toMatchObject({ order: { sms: [] } })
    }
    expect(read('STATUS_OK:593821')).toMatchObject({
      order: { ref, state: 'code', sms: [{ code: '593821', text: null }] },
    })
    expect(stateOf('STATUS_OK:Your code: 59')).toBe('code')
    expect(stateOf('STATUS_CANCEL')).toBe('refunded')
    for (const word of ['NO_ACTIVATION', 'WRONG_ACTIVATION_ID', 'NOT_FOUND'])
      for (const form of forms(word)) expect([form, read(...form).kind]).toEqual([form, 'silent'])
    for (const word of ['STATUS_OK', 'STATUS_OK:', 'ERROR_SQL', '', '<html>', 'NO_NUMBERS'])
      expect([word, read(word).kind]).toEqual([word, 'unknown'])
    expect(read('BAD_KEY')).toEqual({ kind: 'no', class: 'key' })
    expect(read('', 429)).toEqual({ kind: 'no', class: 'busy' })
  })

  it('has the text of its code, by a second request', () => {
    const withText = (text: string, body: string | object) => {
      const changed = { ...settings, profile_changes: JSON.stringify({ text }) }
      const talk = upstream.readOrder(changed, ref)
      return played(talk, answered('STATUS_OK:593821'), answered(body)).result
    }
    const text = 'Your code: 593-821'
    const full = { order: { state: 'code', sms: [{ code: '593821', text }] } }
    expect(withText('getFullSms', `FULL_SMS:${text}`)).toMatchObject(full)
    expect(withText('getStatusV2', { sms: { code: '593821', text } })).toMatchObject(full)
    expect(withText('getStatusV2', { data: { code: '593821', text } })).toMatchObject(full)
    const without = { order: { state: 'code', sms: [{ code: '593821', text: null }] } }
    const none = ['FULL_SMS:Your code: 104477', 'STATUS_CANCEL', '{"sms":null}', '<html>']
    for (const other of none) expect(withText('getFullSms', other)).toMatchObject(without)
    const lost = played(upstream.readOrder(settings, ref), answered('STATUS_OK:593821'), silence)
    expect(lost.result).toMatchObject(without)
  })

  it('is looked for in the history if it is not known', () => {
    const ended = (...answers: (string | object)[]) =>
      played(
        upstream.readOrder(settings, ref),
        answered('NO_ACTIVATION'),
        ...answers.map((one) => answered(one)),
      ).result
    const line = { id: 635468024, phone: '447700900123', sms: '["Your code: 593-821"]', cost: 100 }
    const states = { '2': 'code', '6': 'charged', '8': 'refunded', '10': 'refunded' }
    for (const [status, state] of Object.entries(states))
      expect(ended([{ ...line, status }])).toMatchObject({
        order: { ref, state, cost: 1_000_000n, sms: [{ text: 'Your code: 593-821' }] },
      })
    for (const none of [[], [{ ...line, id: 5 }], [{ ...line, status: '77' }], 'WRONG_DATE', {}])
      expect(ended(none)).toEqual({ kind: 'silent' })
    const page = Array.from({ length: 100 }, (_, i) => ({ ...line, id: i + 1, status: '6' }))
    expect(ended(page, [{ ...line, status: '6' }])).toMatchObject({ order: { state: 'charged' } })
  })
})

describe('the list', () => {
  const list = (...bodies: (string | object)[]) =>
    played(upstream.listOrders(settings), ...bodies.map((one) => answered(one)))
  const only = (fields: object): UpstreamOrder => {
    const { result } = list(listOf({ ...entry, ...fields }))
    if (result.kind !== 'list') throw new Error('no list')
    return result.list.orders[0] as UpstreamOrder
  }

  it('shows each order', () => {
    expect(only({})).toEqual({
      ref,
      phone: '+447700900123',
      product: { service: 'wa', country: '16' },
      requestKey: null,
      state: 'waiting',
      sms: [],
      hasAllSms: true,
      cost: 125_000n,
      endsAt: null,
    })
    const states = {
      2: 'code',
      3: 'waiting',
      4: 'waiting',
      6: 'charged',
      8: 'refunded',
      10: 'refunded',
    }
    for (const [number, state] of Object.entries(states))
      for (const activationStatus of [number, Number(number)])
        expect(only({ activationStatus }).state).toBe(state)
    expect(only({ activationStatus: '1' }).state).toBe('waiting')
    expect(only({ activationStatus: 'new', smsCode: ['593821'] }).state).toBe('code')
  })

  it('shows the codes of all messages, or the latest', () => {
    const text = 'Your code: 593-821'
    const one = only({ smsCode: ['593821'], smsText: `[${text}]` })
    expect(one).toMatchObject({ sms: [{ code: '593821', text }], hasAllSms: true })
    const two = only({ smsCode: ['593821', '104477'], smsText: `[${text}, Your code: 104477]` })
    expect(two.sms).toMatchObject([
      { code: '593821', text: null },
      { code: '104477', text: null },
    ])
    const latest = only({ smsCode: '593821', smsText: text })
    expect(latest).toMatchObject({ sms: [{ code: '593821', text }], hasAllSms: false })
    expect(only({ smsCode: [], smsText: [] }).sms).toEqual([])
  })

  it('is read to its end', () => {
    const page = (from: number) =>
      listOf(...Array.from({ length: 100 }, (_, i) => ({ ...entry, activationId: from + i })))
    const { result, requests } = list(page(1), page(101), listOf(entry))
    expect(result).toMatchObject({ kind: 'list', list: { isComplete: true } })
    if (result.kind === 'list') expect(result.list.orders).toHaveLength(201)
    const starts = requests.map(({ url }) => new URL(url).searchParams.get('start'))
    expect(starts).toEqual(['0', '100', '200'])
    expect(list('NO_ACTIVATIONS').result).toEqual({
      kind: 'list',
      list: { orders: [], isComplete: true },
    })
    const hero = list({ status: 'success', data: [entry] }).result
    expect(hero).toMatchObject({ list: { orders: [{ ref }], isComplete: true } })
  })

  it('knows that it is not whole', () => {
    const page = listOf(
      ...Array.from({ length: 100 }, (_, i) => ({ ...entry, activationId: i + 1 })),
    )
    // A platform that ignores the window.
    expect(list(page, page).result).toMatchObject({ kind: 'list', list: { isComplete: false } })
    const odd = list(listOf(entry, { activationId: null })).result
    expect(odd).toMatchObject({ list: { orders: [{ ref }], isComplete: false } })
    for (const other of ['', 'ERROR_SQL', '<html>', {}, { data: {} }])
      expect(list(other).result.kind).toBe('unknown')
    expect(list('BAD_KEY').result).toEqual({ kind: 'no', class: 'key' })
  })
})

describe('a command', () => {
  const command = (
    verb: 'cancel' | 'finish' | 'resend' | 'ban',
    ...sent: Parameters<typeof answered>
  ) => played(upstream.command(settings, { ref, verb }), answered(...sent)).result

  it('is done when the platform says so', () => {
    const words = {
      cancel: 'ACCESS_CANCEL',
      finish: 'ACCESS_ACTIVATION',
      ban: 'ACCESS_CANCEL',
    } as const
    for (const [verb, word] of Object.entries(words) as ['cancel', string][]) {
      expect(command(verb, word)).toEqual({ kind: 'done' })
      expect(command(verb, '', 204)).toEqual({ kind: 'done' })
    }
    expect(command('resend', 'ACCESS_RETRY_GET')).toEqual({ kind: 'done' })
    const statusOf = (verb: 'cancel' | 'finish' | 'resend' | 'ban') =>
      new URL(upstream.command(settings, { ref, verb }).request.url).searchParams.get('status')
    expect(['cancel', 'finish', 'resend', 'ban'].map((verb) => statusOf(verb as 'ban'))).toEqual([
      '8',
      '6',
      '3',
      '8',
    ])
  })

  it('may be too early', () => {
    for (const form of forms('EARLY_CANCEL_DENIED'))
      expect(command('cancel', ...form)).toEqual({ kind: 'too_early' })
    const told = command('cancel', 'EARLY_CANCEL_DENIED', 409, { 'retry-after': '33' })
    expect(told).toEqual({ kind: 'too_early', retryAfterS: 33 })
  })

  it('reads the state after any other answer', () => {
    const words = [
      ...['ACCESS_READY', 'BAD_STATUS', 'OTP_RECEIVED', 'NEW_OTP_RECEIVED', 'NO_ACTIVATION', ''],
      ...['FREE_CANCELLATION_EXPIRED', 'ACTIVATION_NOT_ACTIVE', 'ERROR_SQL', 'ACCESS_ACTIVATION'],
    ]
    for (const word of words)
      for (const form of forms(word)) {
        const talk = upstream.command(settings, { ref, verb: 'cancel' })
        const { result } = played(talk, answered(...form), answered('STATUS_CANCEL'))
        expect(result).toMatchObject({
          kind: 'state',
          reading: { kind: 'order', order: { state: 'refunded' } },
        })
      }
    expect(command('cancel', 'BAD_KEY')).toEqual({ kind: 'no', class: 'key' })
    expect(command('cancel', '', 429)).toEqual({ kind: 'no', class: 'busy' })
    const talk = upstream.command(settings, { ref, verb: 'cancel' })
    expect(played(talk, silence).result.kind).toBe('unknown')
    expect(played(talk, unreached).result).toEqual({ kind: 'no', class: 'unreached' })
  })
})

describe('the balance and the prices', () => {
  it('reads a balance with its decimals', () => {
    const balance = (...sent: Parameters<typeof answered>) =>
      played(upstream.balance(settings), answered(...sent)).result
    const told = { kind: 'balance', currency: null }
    expect(balance('ACCESS_BALANCE:50.30')).toEqual({ ...told, amount: 503_000n, decimals: 2 })
    expect(balance('ACCESS_BALANCE:7')).toEqual({ ...told, amount: 70_000n, decimals: 0 })
    const exact = balance('ACCESS_BALANCE:0.123456')
    expect(exact).toEqual({ ...told, amount: 1_234n, decimals: 6 })
    expect(balance('ACCESS_BALANCE:-0.00001')).toMatchObject({ amount: -1n })
    for (const other of ['ACCESS_BALANCE:', 'ACCESS_BALANCE:x', '', 'ERROR_SQL', '{}'])
      expect(balance(other).kind).toBe('unknown')
    expect(balance('BAD_KEY', 401)).toEqual({ kind: 'no', class: 'key' })
  })

  it('reads every shape of a price list', () => {
    const prices = (body: string | object, profile = 'vanilla') =>
      played(upstream.priceList({ ...settings, profile }), answered(body)).result
    const line = (cost: bigint, stock: number) => ({
      kind: 'prices',
      currency: null,
      unreadable: 0,
      lines: [
        { product: { service: 'tg', country: '2', operator: null, pool: null }, cost, stock },
      ],
    })
    const cell = { cost: '0.50', count: 120, physicalCount: 14 }
    expect(prices({ 2: { tg: cell } })).toEqual(line(5_000n, 120))
    expect(prices([{ 2: { tg: { ...cell, cost: 0.08 } } }])).toEqual(line(800n, 120))
    expect(prices({ 2: { tg: { '0.07': 12, '0.05': '100', '0.01': 0 } } })).toEqual(line(500n, 100))
    expect(prices({ 2: { tg: { '0.07': 0, '0.05': 0 } } })).toEqual(line(500n, 0))
    const providers = { a: { count: 3, price: 0.2 }, 7: { count: 9, price: 0.3, provider_id: 7 } }
    expect(prices({ 2: { tg: providers } })).toEqual(line(2_000n, 3))
    expect(prices({ tg: { 2: { count: 10, price: '1.5' } } }, 'daisy')).toEqual(line(15_000n, 10))
    expect(prices({})).toEqual({ kind: 'prices', currency: null, unreadable: 0, lines: [] })
    const odd = prices({ 2: { tg: cell, wa: {}, vk: { cost: -1, count: 2 }, go: null }, 3: 'x' })
    expect(odd).toEqual({ ...line(5_000n, 120), unreadable: 3 })
    for (const other of ['', 'ERROR_SQL', '<html>', { title: 'SERVER_ERROR' }, { status: 'error' }])
      expect(prices(other).kind).toBe('unknown')
    expect(prices({ title: 'BAD_KEY' })).toEqual({ kind: 'no', class: 'key' })
  })
})

describe('messages', () => {
  const order = (more: Partial<UpstreamOrder>): UpstreamOrder => ({
    ...{ ref, phone: null, product: {}, requestKey: null, state: 'code', cost: null, endsAt: null },
    ...{ sms: [], hasAllSms: false },
    ...more,
  })
  const sms = (code: string | null, text: string | null = null) => ({
    ...{ ref: null, sender: null, at: null },
    ...{ code, text },
  })
  const refs = (one: UpstreamOrder, resendEpoch: number, count: number) =>
    upstream.messagesOf(one, { resendEpoch, count }).map((message) => message.ref)

  it('have one reference in a single read and in the list, and another after a resend', () => {
    const single = order({ sms: [sms('593821', 'Your code: 593-821')] })
    const listed = order({ sms: [sms('593821')], hasAllSms: true })
    expect(refs(single, 0, 0)).toEqual(refs(listed, 0, 0))
    expect(refs(single, 0, 0)).toEqual(refs(single, 0, 1))
    expect(refs(single, 1, 1)).not.toEqual(refs(single, 0, 0))
    expect(refs(order({ sms: [sms('104477')] }), 0, 0)).not.toEqual(refs(single, 0, 0))
    expect(refs(order({ sms: [sms(null, 'a')] }), 0, 0)).not.toEqual(
      refs(order({ sms: [sms(null, 'b')] }), 0, 0),
    )
    expect(refs(single, 0, 0)[0]).toMatch(/^635468024:0:[\w-]{22}$/)
    expect(refs(single, 0, 0)[0]).not.toContain('593821')
  })

  it('are those beyond the number known, in a list', () => {
    const listed = order({ sms: [sms('593821'), sms('104477')], hasAllSms: true })
    expect(upstream.messagesOf(listed, { resendEpoch: 1, count: 1 })).toMatchObject([
      { code: '104477' },
    ])
    expect(refs(listed, 1, 2)).toEqual([])
  })
})

it('takes a call for a hint, if it names an order', () => {
  const call = { activationId: 635468024, service: 'wa', text: 'x', code: '1', country: 2 }
  expect(upstream.hintedRef(JSON.stringify(call))).toBe(ref)
  expect(upstream.hintedRef(JSON.stringify({ ...call, activationId: ref }))).toBe(ref)
  for (const body of ['', '[]', '{', '{"activationId":null}', '{"activationId":{}}', 'null'])
    expect(upstream.hintedRef(body)).toBe(null)
})

it('checks the settings', () => {
  const problemOf = (key: string, value: string) =>
    handlerApiKind.settings.find((one) => one.key === key)?.check?.(value) ?? null
  for (const url of [settings.url, 'http://10.0.0.7:8080/stubs/handler_api.php'])
    expect(problemOf('url', url)).toBe(null)
  for (const url of ['x', 'ftp://a.example', 'https://a.example/?x=1', 'https://a:b@a.example/'])
    expect(problemOf('url', url)).toMatch(/^must /)
  expect(problemOf('api_key', 'k3y')).toBe(null)
  expect(problemOf('api_key', 'two words')).toMatch(/^must /)
  expect(problemOf('currency', 'EUR')).toBe(null)
  expect(problemOf('currency', 'euro')).toMatch(/^must /)
  expect(problemOf('profile_changes', '{"hasList":false,"maxPrice":null}')).toBe(null)
  for (const changes of ['', '[]', '{"hasList":1}', '{"hasLists":true}', '{"ask":"buy"}'])
    expect(problemOf('profile_changes', changes)).toMatch(/ask: getNumberV2 or getNumber/)
})
