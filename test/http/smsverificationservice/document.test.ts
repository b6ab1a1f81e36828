// smsVerificationService’s document: each recorded call, answered with the same fields and types.
import { describe, expect, it } from 'vitest'
import { testCustomer, testServer } from '../../harness/server.ts'
import { clientOf, ids, type Ordered } from './client.ts'

const usPhone = expect.stringMatching(/^\+1 \d{3} 555 01\d{2}$/)
const ukPhone = expect.stringMatching(/^\+44 (20 7946 0\d{3}|7700 900\d{3})$/)
const id = expect.any(Number)
const price = expect.any(Number)
const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

describe('smsVerificationService', async () => {
  const server = await testServer()
  const client = await clientOf(server)
  const { key } = await testCustomer(server.db, { credit: '50' })
  const get = async <T = Record<string, unknown>>(path: string) => {
    const reply = await client.ask<T>(key, 'GET', path)
    expect(reply.status).toBe(200)
    return reply.body
  }
  const post = async (path: string, body?: unknown) => {
    const { status, body: answer } = await client.ask(key, 'POST', path, body)
    return { status, answer }
  }
  type Services = { success: boolean; data: { services: { service_id: number }[] } }
  const services = async (kind: string) => {
    const body = await get<Services>(`/services/${kind}/`)
    expect(body).toStrictEqual({ success: true, data: { services: expect.any(Array) } })
    const list = body.data.services
    expect(list.length).toBeGreaterThan(20)
    return (service: number) => list.find((row) => row.service_id === service)
  }

  describe('lists:', () => {
    it('the balance, bare and wrapped', async () => {
      const balance = { balance: 50, currency: 'USD' }
      expect(await get('/balance/')).toStrictEqual(balance)
      expect(await get('/wallet/balance/')).toStrictEqual({ success: true, data: balance })
    })

    it('US services for one verification', async () => {
      const find = await services('temporary')
      expect(find(1012)).toStrictEqual({ service_id: 1012, name: 'WhatsApp', price: 0.4 })
      expect(find(22)).toStrictEqual({ service_id: 22, name: 'Telegram', price: 0.3 })
    })

    it('US rentals, as a raw array with both prices under both names', async () => {
      const list = await get<{ name: string }[]>('/services/rental/')
      expect(list.find(({ name }) => name === 'WhatsApp')).toStrictEqual({
        name: 'WhatsApp',
        sell_price_3days: 4,
        sell_price_30days: 12,
        price_3days: 4,
        price_30days: 12,
      })
      expect(list.filter(({ name }) => name === 'WhatsApp')).toHaveLength(1)
    })

    it('rentals for one day', async () => {
      const find = await services('rent-1day')
      expect(find(4421)).toStrictEqual({ service_id: 4421, name: 'Tinder', price: 1.2 })
      expect(find(4422)).toStrictEqual({ service_id: 4422, name: 'Discord', price: 1.5 })
    })

    it('rentals for 30 days', async () => {
      const find = await services('rent-30days')
      expect(find(7821)).toStrictEqual({ service_id: 7821, name: 'Instagram', price: 12 })
    })

    it('the services where codes come most surely', async () => {
      const find = await services('best-temp')
      const whatsapp = { service_id: 1012, name: 'WhatsApp', price, country: 'US' }
      expect(find(1012)).toStrictEqual(whatsapp)
    })

    it('eSIM plans, as a raw array', async () => {
      const list = await get<{ name: string }[]>('/services/esim/')
      expect(list.find(({ name }) => name === 'USA 5GB / 30 days')).toStrictEqual({
        name: 'USA 5GB / 30 days',
        data_gb: 5,
        validity_days: 30,
        sell_price: 12,
        price: 12,
      })
    })

    it('countries with numbers in stock, without the US', async () => {
      type Countries = { countries: { country_name: string }[] }
      const body = await get<Countries>('/global/countries/')
      expect(Object.keys(body)).toEqual(['countries'])
      for (const country of [
        { country_id: 4, country_name: 'United Kingdom' },
        { country_id: 17, country_name: 'Germany' },
        { country_id: 9, country_name: 'India' },
      ])
        expect(body.countries).toContainEqual(country)
      expect(body.countries.map((row) => row.country_name)).not.toContain('United States')
    })

    it('a country’s services', async () => {
      const country = { country_id: 4, country_name: 'United Kingdom' }
      const body = await get<{ offers: object[] }>('/global/services/?country_id=4')
      expect(body).toStrictEqual({ ...country, offers: expect.any(Array) })
      expect(body.offers).toContainEqual({
        service_id: 1012,
        service_name: 'WhatsApp',
        ...country,
        sell_price: 0.95,
        price: 0.95,
      })
    })
  })

  describe('takes orders, each answered 201:', () => {
    const ordered = (phone: unknown) => ({
      status: 201,
      answer: { success: true, data: { order_id: id, status: 'pending', phone } },
    })

    it.each([
      ['temporary', { service_id: ids.whatsapp }, usPhone],
      ['best-temp', { service_id: ids.whatsapp }, usPhone],
      ['rent-1day', { service_id: ids.tinder }, usPhone],
      ['rent-30days', { service_id: ids.instagram }, usPhone],
      ['global', { service_id: ids.whatsapp, country_id: ids.gb }, ukPhone],
    ])('%s', async (kind, body, phone) => {
      expect(await post(`/order/${kind}/`, body)).toStrictEqual(ordered(phone))
    })

    it('rental, active from the start', async () => {
      const expiry = new Date(server.app.now().getTime() + 3 * 86_400_000).toISOString()
      expect(await post('/order/rental/', { service: 'wHATSaPP', duration: 3 })).toStrictEqual({
        status: 201,
        answer: {
          success: true,
          order_id: id,
          phone: usPhone,
          sell_price: 4,
          price: 4,
          status: 'active',
          expiry_date: `${expiry.slice(0, 19)}Z`,
        },
      })
    })

    it('esim, with its code, and each code once', async () => {
      const codes = new Set<unknown>()
      for (const plan of ['USA 5GB / 30 days', 'usa 5gb / 30 DAYS']) {
        const { status, answer } = await post('/order/esim/', { plan })
        expect({ status, answer }).toStrictEqual({
          status: 201,
          answer: {
            success: true,
            order_id: id,
            activation_code: expect.stringMatching(/^(LPA:1\$|SIM-)/),
            sell_price: 12,
            price: 12,
            status: 'active',
          },
        })
        codes.add(answer.activation_code)
      }
      expect(codes.size).toBe(2)
    })
  })

  describe('follows an order:', async () => {
    const { key: other } = await testCustomer(server.db)
    const uk = () => client.order(other, 'global', { service_id: ids.whatsapp, country_id: ids.gb })
    let order: Ordered

    it('its status, before and after the code', async () => {
      order = await uk()
      const { order_id, phone } = order
      expect((await client.ask(other, 'GET', `/order/${order_id}/status/`)).body).toStrictEqual({
        success: true,
        data: { order_id, status: 'pending', otp: null, message: null, phone },
      })
      await client.receive(phone, 'Your WhatsApp code is 548921')
      expect((await client.ask(other, 'GET', `/order/${order_id}/status/`)).body).toStrictEqual({
        success: true,
        data: {
          order_id,
          status: 'completed',
          otp: '548921',
          message: 'Your WhatsApp code is 548921',
          phone,
        },
      })
    })

    it('the list, as a raw array', async () => {
      expect((await client.ask(other, 'GET', '/orders/')).body).toStrictEqual([
        {
          order_id: order.order_id,
          service: 'WhatsApp (UK)',
          status: 'completed',
          sell_price: 0.95,
          price: 0.95,
          phone: order.phone,
          created_at: moment,
        },
      ])
    })

    it('its end', async () => {
      const { order_id } = await uk()
      server.advance(121)
      const cancel = () => client.ask(other, 'POST', `/order/${order_id}/cancel/`)
      expect(await cancel()).toMatchObject({
        status: 200,
        body: { success: true, data: { order_id, status: 'cancelled' } },
      })
      expect(await cancel()).toMatchObject({
        status: 400,
        body: { success: false, error: 'Order cannot be cancelled' },
      })
    })

    it('its renewal', async () => {
      const { order_id, phone } = await client.order(other, 'rental', {
        service: 'WhatsApp',
        duration: 3,
      })
      const { status, body } = await client.ask(other, 'POST', `/order/${order_id}/renew/`)
      expect({ status, body }).toStrictEqual({
        status: 200,
        body: { success: true, data: { order_id, status: 'active', phone } },
      })
    })
  })
})
