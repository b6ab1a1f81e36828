// The unmodified npm client hero-sms; only its base URL and its key are ours.
import { ActivationStatusCode, HeroSMSClient } from 'hero-sms'
import { describe, expect, it } from 'vitest'
import { handlerServer, path } from './asking.ts'

for (const form of ['plain', 'hero'])
  describe(`the client hero-sms, with a key of the form ${form},`, async () => {
    const { server, receive, customer } = await handlerServer()
    const clientOf = async (options: { credit?: string } = {}) => {
      const { key } = await customer({ ...options, errorForm: form })
      return new HeroSMSClient({ apiKey: key, baseUrl: server.url + path })
    }
    const wanted = { service: 'wa', country: 187 }

    it('buys, waits, reads the code and finishes', async () => {
      const client = await clientOf()
      const { activationId, phoneNumber } = await client.getNumber(wanted)
      expect(phoneNumber).toMatch(/^1\d{10}$/)
      expect(await client.markReady(activationId)).toBe('ACCESS_READY')
      expect(await client.getStatus(activationId)).toEqual({ status: 'STATUS_WAIT_CODE' })
      await receive(phoneNumber, 'Your WhatsApp code: 593-821')
      expect(await client.getStatus(activationId)).toEqual({ status: 'STATUS_OK', code: '593821' })
      const { sms } = await client.getStatusV2(activationId)
      expect(sms).toMatchObject({ code: '593821', text: 'Your WhatsApp code: 593-821' })
      expect(await client.getBalance()).toBeLessThan(100)
      expect(await client.complete(activationId)).toBe('ACCESS_ACTIVATION')
    })

    it('requests another code and receives it', async () => {
      const client = await clientOf()
      const { activationId, phoneNumber } = await client.getNumber(wanted)
      await receive(phoneNumber, 'Your WhatsApp code: 593-821')
      expect(await client.requestResend(activationId)).toBe('ACCESS_RETRY_GET')
      expect(await client.getStatus(activationId)).toEqual({
        status: 'STATUS_WAIT_RETRY',
        code: '593821',
      })
      await receive(phoneNumber, 'Your WhatsApp code: 111-222')
      expect(await client.getStatus(activationId)).toEqual({ status: 'STATUS_OK', code: '111222' })
      const { data, meta } = await client.getAllSms({ id: String(activationId) })
      expect(data.map((one) => one.code)).toEqual(['111222', '593821'])
      expect(meta).toEqual({ total: 2, service: 'wa' })
      await client.finishActivation(String(activationId))
    })

    it('cancels and is refunded', async () => {
      const client = await clientOf()
      const { activationId } = await client.getNumber(wanted)
      await expect(client.cancel(activationId)).rejects.toThrow()
      server.advance(121)
      expect(await client.cancel(activationId)).toBe('ACCESS_CANCEL')
      expect(await client.getStatus(activationId)).toEqual({ status: 'STATUS_CANCEL' })
      const { activationId: second } = await client.getNumberV2(wanted)
      server.advance(121)
      await client.cancelActivation(second)
      expect(await client.getBalance()).toBe(100)
    })

    it('lists open and past activations', async () => {
      const client = await clientOf()
      const { activationId, phoneNumber } = await client.getNumber(wanted)
      const { data } = await client.getActiveActivations({ limit: 10 })
      expect(data).toHaveLength(1)
      expect(data[0]).toMatchObject({
        activationId: String(activationId),
        phoneNumber,
        serviceCode: 'wa',
        countryCode: '187',
        activationStatus: '4',
        smsCode: null,
        currency: 840,
      })
      const [past] = await client.getHistory({ size: 5 })
      expect(past).toMatchObject({ id: activationId, phone: phoneNumber, status: '4' })
    })

    it('reads countries, services, operators and prices', async () => {
      const client = await clientOf()
      expect((await client.getCountries())['187']).toMatchObject({ id: 187, eng: 'United States' })
      const { services } = await client.getServicesList({ country: 187, lang: 'en' })
      expect(services).toContainEqual({ code: 'wa', name: 'WhatsApp' })
      expect((await client.getOperators(187)).countryOperators['187']).toContain('tmobile')
      const prices = await client.getPrices(wanted)
      expect(prices['187']?.wa).toMatchObject({ cost: expect.any(Number) })
      const top = Object.values(await client.getTopCountriesByService({ service: 'wa' }))
      expect(top.length).toBeGreaterThan(1)
    })

    it('buys a past number again', async () => {
      const client = await clientOf()
      const { activationId, phoneNumber } = await client.getNumber(wanted)
      await receive(phoneNumber, 'Your WhatsApp code: 593-821')
      await client.setStatus(activationId, ActivationStatusCode.COMPLETE)
      const { data } = await client.getReactivationPrice(String(activationId))
      const again = await client.reactivate(String(activationId))
      expect(again).toMatchObject({ phoneNumber, activationCost: data.price, currency: 840 })
      expect(again.activationId).not.toBe(String(activationId))
    })

    it('rents', async () => {
      const client = await clientOf()
      const hours = await client.getRentPrices({ service: 'wa' })
      expect(hours['187']?.['72']).toMatchObject({ price: 4 })
      const offered = await client.getRentServicesAndCountries({ country: 187, duration: 72 })
      expect(offered.services.wa).toMatchObject({ price: 4, quantity: expect.any(Number) })
      const rental = await client.getRentNumber({ ...wanted, duration: 72 })
      expect(rental).toMatchObject({ activationCost: 4, phoneNumber: expect.any(String) })
    })

    it('reports errors that the client knows', async () => {
      const poor = await clientOf({ credit: '0.01' })
      await expect(poor.getNumber({ ...wanted, maxPrice: 0.001 })).rejects.toThrow()
      await expect(poor.getStatus(999_999)).rejects.toThrow()
      const nobody = new HeroSMSClient({ apiKey: 'nonsense', baseUrl: server.url + path })
      await expect(nobody.getBalance()).rejects.toMatchObject({ code: 'BAD_KEY' })
    })
  })
