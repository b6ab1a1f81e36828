// Rentals with handler_api: list, rent, read, renew, cancel and end; the errors are JSON.
import { describe, expect, it } from 'vitest'
import { endOverdueOrders } from '../../harness/ending.ts'
import { type Customer, handlerServer } from './asking.ts'

const wa = { service: 'wa', country: 187 }
const error = (message: string) => ({ status: 'error', message })

type Rental = {
  status: string
  phone: { id: number; endDate: string; number: string }
  activationCost: number
}

describe('handler_api', async () => {
  const { server, receive, customer } = await handlerServer()
  const rent = (who: Customer, params: object = {}) =>
    who.json<Rental>('getRentNumber', { ...wa, rent_time: 72, ...params })
  const hoursAhead = (rental: Rental) =>
    Math.round((Date.parse(`${rental.phone.endDate}Z`) - server.app.now().getTime()) / 3_600_000)

  it('lists what can be rented', async () => {
    const { json } = await customer()
    const found = await json<{
      countries: Record<string, number>
      operators: Record<string, string>
      services: Record<string, { cost: number; quant: number }>
      currency: number
    }>('getRentServicesAndCountries', { country: 187, rent_time: 72 })
    expect(Object.values(found.countries)).toEqual(expect.arrayContaining([187, 16]))
    expect(Object.values(found.operators)).toContain('any')
    expect(found.currency).toBe(840)
    expect(found.services.wa).toMatchObject({ cost: 4, quant: expect.any(Number) })
    // The protocol's own default is 2 hours: the shortest rental there is.
    const byDefault = await json<typeof found>('getRentServicesAndCountries', { country: 187 })
    expect(await json('getRentServicesAndCountries', { country: 187, rent_time: 2 })).toMatchObject(
      { services: byDefault.services },
    )
    expect(await json('getRentServicesAndCountries', { country: 187, rent_time: 25 })).toEqual(
      error('OUT_OF_STOCK'),
    )
    expect(await json('getRentServicesAndCountries', { country: 'Atlantis' })).toEqual(
      error('WRONG_COUNTRY'),
    )
    const hours = await json<Record<string, Record<string, object>>>('serviceCountRent', wa)
    expect(hours['187']?.['72']).toEqual({ price: 4, count: found.services.wa?.quant })
  })

  it('rents for the requested time and charges at once', async () => {
    const who = await customer()
    const rental = await rent(who)
    expect(rental).toMatchObject({
      status: 'success',
      phone: {
        id: expect.any(Number),
        endDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
        number: expect.stringMatching(/^1\d{10}$/),
      },
      activationId: expect.stringMatching(/^\d+$/),
    })
    expect(hoursAhead(rental)).toBe(72)
    expect(await who.balance()).toBe(100 - rental.activationCost)
    expect(hoursAhead(await rent(who, { rent_time: 2 }))).toBe(24)
    const { rent_time: _, ...unsaid } = { ...wa, rent_time: 0 }
    expect(hoursAhead(await who.json<Rental>('getRentNumber', unsaid))).toBe(24)
  })

  it('refuses a rental in JSON', async () => {
    const who = await customer()
    expect(await rent(who, { service: 'zzzz' })).toEqual(error('BAD_SERVICE'))
    expect(await rent(who, { country: 99_999 })).toEqual(error('WRONG_COUNTRY'))
    expect(await rent(who, { rent_time: 73 })).toEqual(error('NO_NUMBERS'))
    expect(await rent(who, { rent_time: 'x' })).toEqual(error('INVALID_TIME'))
    expect(await rent(who, { rent_time: -24 })).toEqual(error('INVALID_TIME'))
    expect(await rent(who, { incomingCall: 'true' })).toEqual(error('NO_NUMBERS'))
    expect(await who.balance()).toBe(100)
    expect(await rent(await customer({ credit: '1' }))).toEqual(error('NO_BALANCE'))
    expect(await who.json('getRentNumber', { ...wa, api_key: 'nonsense' })).toBe('BAD_KEY')
  })

  it('shows the messages of a rental, newest first', async () => {
    const who = await customer()
    const { phone } = await rent(who)
    const status = (params: object = {}) => who.json('getRentStatus', { id: phone.id, ...params })
    expect(await status()).toEqual(error('STATUS_WAIT_CODE'))
    await receive(phone.number, 'Your WhatsApp code: 111-111')
    await receive(phone.number, 'Your WhatsApp code: 222-222')
    expect(await status()).toEqual({
      status: 'success',
      quantity: '2',
      values: {
        0: {
          phoneFrom: 'WhatsApp',
          text: 'Your WhatsApp code: 222-222',
          service: 'wa',
          date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        },
        1: expect.objectContaining({ text: 'Your WhatsApp code: 111-111' }),
      },
    })
    expect(await status({ page: 2, size: 1 })).toMatchObject({
      quantity: '2',
      values: { 0: { text: 'Your WhatsApp code: 111-111' } },
    })
    expect(await who.text('getStatus', { id: phone.id })).toBe('STATUS_OK:222222')
    expect(await (await customer()).json('getRentStatus', { id: phone.id })).toEqual(
      error('NO_ID_RENT'),
    )
  })

  it('lists active rentals', async () => {
    const who = await customer()
    expect(await who.json('getRentList')).toEqual(error('NO_NUMBERS'))
    const first = await rent(who)
    const second = await rent(who)
    const row = ({ phone }: Rental) => ({ id: String(phone.id), phone: phone.number })
    expect(await who.json('getRentList')).toEqual({
      status: 'success',
      values: { 0: row(second), 1: row(first) },
    })
    expect(await who.json('getRentList', { length: 1, page: 2 })).toMatchObject({
      values: { 0: row(first) },
    })
    expect(await who.text('getActiveActivations')).toBe('NO_ACTIVATIONS')
  })

  it('cancels only an unused rental, within 20 minutes', async () => {
    const who = await customer()
    const set = (rental: Rental, status: number | string) =>
      who.json('setRentStatus', { id: rental.phone.id, status })
    const unused = await rent(who)
    expect(await set(unused, 2)).toEqual({ status: 'success' })
    expect(await set(unused, 2)).toEqual(error('ALREADY_CANCEL'))
    expect(await who.balance()).toBe(100)
    const used = await rent(who)
    await receive(used.phone.number, 'Your WhatsApp code: 111-111')
    expect(await set(used, 2)).toEqual(error('CANT_CANCEL'))
    const late = await rent(who)
    server.advance(1_201)
    expect(await set(late, 2)).toEqual(error('CANT_CANCEL'))
    for (const status of ['0', '3', 'x', '', 'constructor'])
      expect(await set(late, status)).toEqual(error('INCORECT_STATUS'))
    expect(await who.balance()).toBe(92)
  })

  it('ends a rental early without a refund', async () => {
    const who = await customer()
    const rental = await rent(who)
    const set = (status: number) => who.json('setRentStatus', { id: rental.phone.id, status })
    expect(await set(1)).toEqual({ status: 'success' })
    expect(await set(1)).toEqual(error('ALREADY_FINISH'))
    expect(await set(2)).toEqual(error('ALREADY_FINISH'))
    expect(await who.json('getRentStatus', { id: rental.phone.id })).toEqual(error('STATUS_FINISH'))
    expect(await who.balance()).toBe(96)
    // Its number is kept for it until its time and the grace time after it are over: it may be renewed.
    const renewed = await who.json<Rental>('continueRentNumber', { id: rental.phone.id })
    expect(renewed.phone).toMatchObject({ id: rental.phone.id, number: rental.phone.number })
    expect(hoursAhead(renewed)).toBe(144)
  })

  it('renews by the length of the rental, from its end', async () => {
    const who = await customer()
    const rental = await rent(who)
    const { id } = rental.phone
    const info = (params: object = {}) => who.json('continueRentInfo', { id, hours: 72, ...params })
    expect(await info()).toEqual({ status: 'success', price: 4, currency: 840, hours: 72 })
    expect(await info({ hours: 48 })).toEqual(error('INVALID_TIME'))
    expect(await who.json('getContinueRentPriceNumber', { id, rent_time: 72 })).toEqual({
      status: 'success',
      price: 4,
      currency: 840,
    })
    const renewed = await who.json<Rental>('continueRentNumber', { id, rent_time: 72 })
    expect(renewed.phone).toMatchObject({ id, number: rental.phone.number })
    expect(hoursAhead(renewed)).toBe(144)
    expect(await who.balance()).toBe(92)
    expect(await info({ needHistory: 'true' })).toMatchObject({
      history: {
        0: { price: '4.00', hours: 72, createDate: expect.any(String) },
        1: { price: '4.00', hours: 72, createDate: expect.any(String) },
      },
    })
    expect(await who.json('continueRentNumber', { id: 999_999 })).toEqual(error('NO_ID_RENT'))
    server.advance(8 * 86_400)
    await endOverdueOrders(server.db, server.app.now())
    expect(await who.json('continueRentNumber', { id })).toEqual(error('RENT_DIE'))
  })

  it('prolongs a rental in the same way', async () => {
    const who = await customer()
    const rental = await rent(who)
    const { id } = rental.phone
    const option = { price: rental.activationCost, duration: { unit: 'hour', value: 72 } }
    expect(await who.json('prolongOptions', { id })).toEqual({ data: { options: [option] } })
    expect(await who.json('prolong', { id, duration: 24 })).toEqual(error('INVALID_TIME'))
    const renewed = await who.json<Rental>('prolong', { id, duration: 72 })
    expect(renewed.phone).toMatchObject({ id, number: rental.phone.number })
    expect(hoursAhead(renewed)).toBe(144)
    const paid = {
      userPrice: rental.activationCost,
      hours: 72,
      createDate: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      payerType: 'client',
    }
    expect(await who.json('prolongHistory', { id })).toEqual({ data: [paid, paid] })
    expect(await who.balance()).toBeCloseTo(100 - 2 * rental.activationCost)
    const other = await customer()
    for (const action of ['prolong', 'prolongOptions', 'prolongHistory'])
      expect(await other.json(action, { id })).toEqual(error('NO_ID_RENT'))
  })

  it('accepts no activation where a rental is needed', async () => {
    const who = await customer()
    const { activationId: id } = await who.json('getNumberV2', wa)
    for (const action of ['getRentStatus', 'continueRentNumber', 'continueRentInfo'])
      expect(await who.json(action, { id: id as string })).toEqual(error('NO_ID_RENT'))
  })
})
