// smsVerificationService's two forms of failures, call by call, in the words of its document.
import { describe, expect, it } from 'vitest'
import { closeCountry, closeService } from '../../../src/core/catalog/deny-list.ts'
import { call, serverOn, testCustomer, testServer } from '../../harness/server.ts'
import { stateOf } from '../../harness/state.ts'
import { base, clientOf, ids } from './client.ts'

const bareCalls = [
  ['GET', '/balance/'],
  ['GET', '/services/rental/'],
  ['GET', '/global/countries/'],
  ['GET', '/global/services/?country_id=4'],
  ['POST', '/order/rental/'],
] as const

const wrappedCalls = [
  ['GET', '/wallet/balance/'],
  ['GET', '/services/temporary/'],
  ['GET', '/services/rent-1day/'],
  ['GET', '/services/rent-30days/'],
  ['GET', '/services/best-temp/'],
  ['GET', '/services/esim/'],
  ['GET', '/orders/'],
  ['GET', '/order/458736/status/'],
  ['POST', '/order/temporary/'],
  ['POST', '/order/best-temp/'],
  ['POST', '/order/rent-1day/'],
  ['POST', '/order/rent-30days/'],
  ['POST', '/order/global/'],
  ['POST', '/order/esim/'],
  ['POST', '/order/458736/cancel/'],
  ['POST', '/order/458736/renew/'],
] as const

const bodies: Record<string, object> = {
  temporary: { service_id: ids.whatsapp },
  'best-temp': { service_id: ids.whatsapp },
  'rent-1day': { service_id: ids.whatsapp },
  'rent-30days': { service_id: ids.whatsapp },
  global: { service_id: ids.whatsapp, country_id: ids.gb },
  rental: { service: 'WhatsApp', duration: 30 },
  esim: { plan: 'USA 5GB / 30 days' },
}

describe('smsVerificationService fails', async () => {
  const server = await testServer()
  const { ask, order } = await clientOf(server)
  const { key } = await testCustomer(server.db)

  /** Fails unless an order is refused with exactly this, and nothing has changed. */
  const refuses = async (
    what: string,
    body: unknown,
    status: number,
    error: string,
    asKey = key,
  ) => {
    const before = await stateOf(server.db)
    const reply = await ask(asKey, 'POST', `/order/${what}/`, body)
    const expected = what === 'rental' ? { error } : { success: false, error }
    expect({ status: reply.status, body: reply.body }).toStrictEqual({ status, body: expected })
    expect(await stateOf(server.db)).toEqual(before)
  }

  it.each(bareCalls)('%s %s with the error alone', async (method, path) => {
    for (const wrong of [null, 'nonsense']) {
      const { status, body } = await ask(wrong, method, path)
      expect({ status, body }).toStrictEqual({ status: 401, body: { error: 'Invalid API key' } })
    }
  })

  it.each(wrappedCalls)('%s %s with success: false', async (method, path) => {
    for (const wrong of [null, 'nonsense']) {
      const { status, body } = await ask(wrong, method, path)
      expect({ status, body }).toStrictEqual({
        status: 401,
        body: { success: false, error: 'Invalid or missing API key' },
      })
    }
  })

  it('everywhere alike when it is asked too often, with the real limit', async () => {
    const limited = await serverOn(server.databaseUrl, { NUMLET_RATE_LIMIT: '2' })
    const { key: eager } = await testCustomer(server.db)
    const get = (path: string) => call(limited, eager, 'GET', base + path)
    for (let time = 0; time < 2; time++) expect((await get('/balance/')).status).toBe(200)
    for (const path of ['/balance/', '/orders/']) {
      const { status, body, headers } = await get(path)
      expect({ status, body }).toStrictEqual({
        status: 429,
        body: { error: 'Rate limit exceeded. Maximum 2 requests per minute.' },
      })
      expect(headers.get('retry-after')).toBe('60')
    }
  })

  it('with 402 without the money, whatever is ordered', async () => {
    const { key: poor } = await testCustomer(server.db, { credit: '0.01' })
    for (const [what, body] of Object.entries(bodies))
      await refuses(what, body, 402, 'Insufficient balance', poor)
  })

  it('with 400 and what is wrong', async () => {
    const needed = 'service_id is required'
    for (const what of ['temporary', 'best-temp', 'rent-1day', 'rent-30days', 'global'])
      for (const body of [undefined, {}, { service_id: null }, { service_id: '' }])
        await refuses(what, body, 400, needed)
    const noInteger = 'service_id must be an integer'
    for (const service_id of ['whatsapp', 1.5, true, '10 12', '99999999999'])
      await refuses('temporary', { service_id }, 400, noInteger)
    for (const area_code of ['21', '2120', 'abc', 21, 2120, 21.2, true])
      await refuses('temporary', { service_id: 1012, area_code }, 400, 'area_code must be 3 digits')
    await refuses('global', { service_id: 1012 }, 400, 'country_id is required')
    await refuses('rental', {}, 400, 'service is required')
    await refuses('rental', { service: 'WhatsApp' }, 400, 'duration is required')
    for (const duration of [1, 7, 0, -3, '30 days', null])
      await refuses(
        'rental',
        { service: 'WhatsApp', duration },
        400,
        duration === null ? 'duration is required' : 'duration must be 3 or 30',
      )
    await refuses('esim', {}, 400, 'plan is required')
    await refuses('esim', { plan: 7 }, 400, 'plan must be a text')
    await refuses('temporary', [], 400, 'The body must be a JSON object')
  })

  it('A8: with 404 for what is not there', async () => {
    for (const what of ['temporary', 'best-temp', 'rent-1day', 'rent-30days'])
      await refuses(what, { service_id: 999_999 }, 404, 'Service not found')
    for (const country_id of [4, '4', 999_999])
      await refuses('global', { service_id: 999_999, country_id }, 404, 'Service not available')
    await refuses('rental', { service: 'Nothing', duration: 3 }, 404, 'Service not found')
    await refuses('esim', { plan: 'Nothing' }, 404, 'Service not found')
    for (const country_id of [2, 999_999, '0'])
      await refuses('global', { service_id: 1012, country_id }, 404, 'Service not available')
  })

  it('with 404 for a service that is sold out, or not sold in this way', async () => {
    const soldOut = 9905
    for (const what of ['temporary', 'best-temp', 'rent-1day', 'rent-30days'])
      await refuses(what, { service_id: soldOut }, 404, 'Service not found')
    for (const service of ['Test: none left', 'AOL'])
      await refuses('rental', { service, duration: 3 }, 404, 'Service not found')
    const abroad = { service_id: soldOut, country_id: ids.gb }
    await refuses('global', abroad, 404, 'Service not available')
  })

  it('with 404 in an area without numbers, and sells in one that has some', async () => {
    const body = { service_id: ids.whatsapp, area_code: '998' }
    await refuses('temporary', body, 404, 'Service not available')
    for (const area_code of ['212', 212]) {
      const service_id = area_code === 212 ? ids.whatsapp : String(ids.whatsapp)
      const { phone } = await order(key, 'temporary', { service_id, area_code })
      expect(phone).toMatch(/^\+1 212 555 01\d\d$/)
    }
  })

  it('with 404 for what is closed', async () => {
    await closeService(server.db, { actor: 'test', reason: null }, 'telegram', true)
    await refuses('temporary', { service_id: ids.telegram }, 404, 'Service not found')
    const abroad = { service_id: ids.telegram, country_id: ids.gb }
    await refuses('global', abroad, 404, 'Service not available')
    await closeService(server.db, { actor: 'test', reason: null }, 'telegram', false)
    await closeCountry(server.db, { actor: 'test', reason: null }, 'GB', true)
    await refuses('global', bodies.global, 404, 'Service not available')
    await closeCountry(server.db, { actor: 'test', reason: null }, 'GB', false)
    await order(key, 'global', bodies.global)
  })

  it('where a country’s services are asked for without a country', async () => {
    const services = async (query: string) => {
      const { status, body } = await ask(key, 'GET', `/global/services/${query}`)
      return { status, body }
    }
    const needed = { error: 'country_id query parameter is required' }
    for (const query of ['', '?', '?country_id='])
      expect(await services(query)).toStrictEqual({ status: 400, body: needed })
    expect(await services('?country_id=UK')).toStrictEqual({
      status: 400,
      body: { error: 'country_id must be an integer' },
    })
    for (const id of [2, 999_999])
      expect(await services(`?country_id=${id}`)).toStrictEqual({
        status: 404,
        body: { error: 'Service not available' },
      })
  })

  it('where there is no such order, or it is somebody else’s', async () => {
    const { key: other } = await testCustomer(server.db)
    const { order_id } = await order(other, 'temporary', bodies.temporary)
    for (const id of [order_id, 0, 'nonsense', '99999999999999999999'])
      for (const [method, what] of [
        ['GET', 'status'],
        ['POST', 'cancel'],
        ['POST', 'renew'],
      ] as const) {
        const { status, body } = await ask(key, method, `/order/${id}/${what}/`)
        expect({ status, body }).toStrictEqual({
          status: 404,
          body: { success: false, error: 'Order not found' },
        })
      }
  })

  it('where only a rental can be renewed', async () => {
    const { order_id } = await order(key, 'temporary', bodies.temporary)
    expect(await ask(key, 'POST', `/order/${order_id}/renew/`)).toMatchObject({
      status: 400,
      body: { success: false, error: 'Order cannot be renewed' },
    })
  })
})
