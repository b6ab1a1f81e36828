// handler_api: what each answer about rentals means.
import { describe, expect, it } from 'vitest'
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import { answered, ask, played, silence, unreached } from './answers.ts'
import { settings as plain, upstream } from './handler-api.ts'

const settings = { ...plain, rent_hours: '72,24' }
const rental = { ...ask, product: { ...ask.product, durationS: 259_200 } }
const error = (message: string) => ({ status: 'error', message })
const asked = (...sent: Parameters<typeof answered>) =>
  played(upstream.ask(settings, rental), answered(...sent)).result

describe('an ask', () => {
  it('names the length in hours, our key and the highest price', () => {
    const { url } = upstream.ask(settings, rental).request
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      ...{ action: 'getRentNumber', service: 'wa', country: '16', rent_time: '72' },
      ...{ orderId: ask.requestKey, maxPrice: '1.2345' },
    })
  })

  it('brings a number, whose end counts only as far as it is told', () => {
    const phone = { id: 1049, endDate: '2026-03-17T09:30:00', number: '447700900123' }
    const number = { kind: 'number', ref: 'rent:1049', phone: '+447700900123' }
    expect(asked({ status: 'success', phone })).toMatchObject({
      ...number,
      endsAt: null,
      cost: null,
    })
    const more = {
      ...{ activationTime: '2026-03-14 09:30:00', activationEndTime: '2026-03-17 09:30:00' },
      activationCost: 4,
    }
    const told = asked({ status: 'success', phone, ...more })
    expect(told).toMatchObject({ ...number, cost: 40_000n, endsAt: expect.any(Date) })
  })

  it('brings a certain no, or nothing certain', () => {
    const nos = {
      NO_NUMBERS: 'empty',
      NO_BALANCE: 'dry',
      BAD_SERVICE: 'name',
      CHANNELS_LIMIT: 'busy',
    }
    for (const [word, of] of Object.entries(nos))
      expect(asked(error(word)), word).toMatchObject({ kind: 'no', class: of })
    for (const odd of ['', '<html>', '{}', error('SERVER_ERROR'), { status: 'success' }])
      expect(asked(odd), JSON.stringify(odd)).toMatchObject({ kind: 'unknown' })
  })

  it('that is lost is repeated, or found in the list by its key', () => {
    const lookUp = (mayAskAgain: boolean) =>
      upstream.lookUp(settings, { ask: rental, mayAskAgain }) ?? expect.unreachable()
    const listed = (values: object) => answered({ status: 'success', values })
    const own = { id: '1049', phone: '447700900123', orderId: ask.requestKey }
    const found = played(
      lookUp(true),
      answered(error('ORDER_ALREADY_EXISTS')),
      listed({ 0: own }),
    ).result
    expect(found).toMatchObject({
      kind: 'listed',
      list: { isComplete: true, orders: [{ ref: 'rent:1049', requestKey: ask.requestKey }] },
    })
    const { orderId: _, ...nameless } = own
    expect(played(lookUp(false), listed({ 0: nameless })).result).toMatchObject({
      kind: 'listed',
      list: { isComplete: false, orders: [{ requestKey: null }] },
    })
    const none = played(lookUp(false), answered(error('NO_NUMBERS'))).result
    expect(none).toEqual({ kind: 'listed', list: { isComplete: true, orders: [] } })
    for (const sent of [silence, unreached, answered('<html>')])
      expect(played(lookUp(false), sent).result).toMatchObject({ kind: 'unknown' })
  })
})

describe('a rental', () => {
  const read = (body: object | string) =>
    played(upstream.readOrder(settings, 'rent:1049'), answered(body)).result
  const message = (text: string, date: string) => ({
    ...{ phoneFrom: 'WhatsApp', text, service: 'wa', date },
  })

  it('is what its word says, and nothing that the protocol does not have', () => {
    const words = {
      STATUS_WAIT_CODE: 'waiting',
      STATUS_FINISH: 'charged',
      STATUS_CANCEL: 'refunded',
    }
    for (const [word, state] of Object.entries(words))
      expect(read(error(word)), word).toMatchObject({ kind: 'order', order: { state, sms: [] } })
    for (const word of ['NO_ID_RENT', 'INVALID_PHONE', 'STATUS_REVOKE'])
      expect(read(error(word)), word).toEqual({ kind: 'silent' })
    for (const odd of ['', '<html>', {}, error('SERVER_ERROR')])
      expect(read(odd)).toMatchObject({ kind: 'unknown' })
  })

  it('shows each message once, the oldest first, also the same text again', () => {
    const values = {
      ...{
        0: message('code 222', '2026-03-15 09:30:00'),
        1: message('code 111', '2026-03-14 10:00:00'),
      },
      2: message('code 111', '2026-03-14 09:30:00'),
    }
    const reading = read({ status: 'success', quantity: '3', values })
    if (reading.kind !== 'order') return expect.unreachable()
    const messages = upstream.messagesOf(reading.order, { resendEpoch: 0, count: 2 })
    expect(messages.map(({ text }) => text)).toEqual(['code 111', 'code 111', 'code 222'])
    expect(new Set(messages.map(({ ref }) => ref)).size).toBe(3)
  })

  it('is ended, or given back; what is refused is read', () => {
    const tell = (verb: 'finish' | 'cancel' | 'resend', ...sent: ReturnType<typeof answered>[]) =>
      played(upstream.command(settings, { ref: 'rent:1049', verb }), ...sent)
    expect(tell('cancel', answered({ status: 'success' })).result).toEqual({ kind: 'done' })
    const { url } = upstream.command(settings, { ref: 'rent:1049', verb: 'finish' }).request
    expect(url).toMatch(/action=setRentStatus&id=1049&status=1$/)
    const refused = tell(
      'cancel',
      answered(error('CANT_CANCEL')),
      answered(error('STATUS_WAIT_CODE')),
    )
    expect(refused.result).toMatchObject({
      kind: 'state',
      reading: { order: { state: 'waiting' } },
    })
    const again = tell(
      'cancel',
      answered(error('ALREADY_CANCEL')),
      answered(error('STATUS_CANCEL')),
    )
    expect(again.result).toMatchObject({ reading: { order: { state: 'refunded' } } })
  })
})

it('reads the rentals of each length and country after the prices', () => {
  const services = { wa: { cost: 4, quant: 7 }, tg: { cost: 'much' } }
  const { result } = played(
    upstream.priceList(settings),
    answered({ 16: { wa: { cost: 0.2, count: 5 } } }),
    answered({ countries: { 0: 16, 1: 187, 2: 16 }, services }),
    answered({ countries: { 0: 16 }, services }),
    answered(error('OUT_OF_STOCK')),
    answered(error('OUT_OF_STOCK')),
  )
  const place = { service: 'wa', country: '16', operator: null, pool: null }
  expect(result).toMatchObject({
    ...{ kind: 'prices', unreadable: 1 },
    lines: [
      { product: place, cost: 2_000n, stock: 5 },
      { product: { ...place, durationS: 259_200 }, cost: 40_000n, stock: 7 },
    ],
  })
})

it('rents only with lengths, and where the platform has the call', () => {
  const canRent = (more: object) => upstream.features({ ...plain, ...more }).canRent
  expect([canRent({}), canRent({ rent_hours: '72' })]).toEqual([false, true])
  expect(canRent({ rent_hours: '72', profile: 'tiger' })).toBe(false)
  const check = handlerApiKind.settings.find(({ key }) => key === 'rent_hours')?.check
  for (const good of ['24', '72,720']) expect(check?.(good)).toBe(null)
  for (const bad of ['', '0', '1.5', 'a', '72,', '99999', Array(11).fill('24').join(',')])
    expect(check?.(bad), bad).toMatch(/^must be/)
})
