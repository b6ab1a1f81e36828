// A published client of 5sim, used as it is: only its address and its key are ours.
import { FiveSimAPI, GuestService, UserService } from 'fivesim-api'
import { describe, expect, it } from 'vitest'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'

/** The client's own types call these two private; it documents no other way to set them. */
type HasAddress = { baseURL: string }

describe('the npm client fivesim-api', async () => {
  const server = await testServer()
  const { secret } = await testSupplier(server.db)
  const address = `${server.url}/fivesim/v1`
  ;(UserService as unknown as HasAddress).baseURL = address
  ;(GuestService as unknown as HasAddress).baseURL = address
  const customer = async (credit = '100') => {
    const { key } = await testCustomer(server.db, { credit })
    return new FiveSimAPI(key)
  }
  const receive = (number: string, sms = 'Your WhatsApp code: 593-821') =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })

  it('reads prices, products, countries and notices without a key', async () => {
    const prices = await GuestService.getPricesByCountryAndProduct('england', 'whatsapp')
    const [offer] = Object.values(prices.england?.whatsapp ?? {})
    expect(offer).toMatchObject({ cost: expect.any(Number), count: expect.any(Number) })
    const byProduct = await GuestService.getPricesByProduct('whatsapp')
    expect(byProduct.whatsapp?.england).toEqual(prices.england?.whatsapp)
    const byCountry = await GuestService.getPricesByCountry('england')
    expect(byCountry.england?.whatsapp).toEqual(prices.england?.whatsapp)
    expect((await GuestService.getPrices()).england?.whatsapp).toEqual(prices.england?.whatsapp)
    const products = await GuestService.getProducts('england', 'any')
    expect(products.whatsapp).toMatchObject({ Category: 'activation' })
    const countries = await GuestService.getCountries()
    expect(countries.england).toMatchObject({ iso: { gb: 1 }, prefix: { '+44': 1 } })
    expect(await GuestService.getNotifications('en')).toEqual({ text: '' })
  })

  it('buys, is told when the number is ready, reads the code and finishes', async () => {
    const api = await customer()
    const order = await api.buyActivationNumber('england', 'any', 'whatsapp', { wait: true })
    expect(order).toMatchObject({ product: 'whatsapp', country: 'england', status: 'RECEIVED' })
    expect(order.sms).toEqual([])
    await receive(order.phone)
    const checked = await api.checkOrder(order.id)
    expect(checked.sms).toMatchObject([{ sender: 'WhatsApp', code: '593821' }])
    expect((await api.getSMSInbox(order.id)).Total).toBe(1)
    expect((await api.finishOrder(order.id)).status).toBe('FINISHED')
    const profile = await api.getProfile()
    expect(profile.balance).toBeCloseTo(100 - order.price, 4)
    const history = await api.getOrderHistory({ category: 'activation' })
    expect(history.Data.map((one) => one.id)).toEqual([order.id])
    const payments = await api.getPaymentHistory({ reverse: true })
    expect(payments.Data.map((one) => one.Amount)).toEqual([-order.price, 100])
  })

  it('finds the best operator by the prices', async () => {
    const api = await customer()
    const order = await api.buyActivationNumber('usa', 'best', 'telegram')
    const prices = await GuestService.getPricesByCountryAndProduct('usa', 'telegram')
    const costs = Object.values(prices.usa?.telegram ?? {}).map((one) => one.cost)
    expect(order.price).toBe(Math.min(...costs))
  })

  it('cancels after the cooldown and has its money back', async () => {
    const api = await customer()
    const order = await api.buyActivationNumber('usa', 'any', 'whatsapp')
    await expect(api.cancelOrder(order.id)).rejects.toThrow('you need to wait time')
    server.advance(121)
    expect((await api.cancelOrder(order.id)).status).toBe('CANCELED')
    expect((await api.getProfile()).balance).toBe(100)
  })

  it('rents, reuses and bans', async () => {
    const api = await customer()
    expect(await api.buyHostingNumber('usa', 'any', '1day')).toMatchObject({ product: '1day' })
    const order = await api.buyActivationNumber('usa', 'any', 'whatsapp')
    await receive(order.phone)
    await api.finishOrder(order.id)
    const again = (await api.reuseNumber('whatsapp', order.phone.slice(1))) as unknown as {
      id: number
      phone: string
    }
    expect(again.phone).toBe(order.phone)
    server.advance(121)
    expect((await api.banOrder(again.id)).status).toBe('BANNED')
  })

  it('sets and deletes the highest price of a product', async () => {
    const api = await customer()
    await api.setPriceLimit({ product_name: 'telegram', price: 30 })
    expect(await api.getPriceLimits()).toMatchObject([{ product: 'telegram', price: 30 }])
    await api.deletePriceLimit({ product_name: 'telegram' })
    expect(await api.getPriceLimits()).toEqual([])
  })

  it('knows our refusals as its own errors', async () => {
    const api = await customer('0')
    const poor = api.buyActivationNumber('usa', 'any', 'whatsapp')
    await expect(poor).rejects.toMatchObject({ name: 'InsufficientBalanceError' })
    const nobody = new FiveSimAPI('nonsense').getProfile()
    await expect(nobody).rejects.toMatchObject({ name: 'AuthenticationError' })
    await expect(api.checkOrder(1)).rejects.toMatchObject({ name: 'NotFoundError' })
    await expect(api.getVendorProfile()).rejects.toMatchObject({ name: 'NotFoundError' })
  })
})
