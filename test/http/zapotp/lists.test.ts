// What ZapOTP’s clients can buy: services, pools, providers, countries.
import { describe, expect, it } from 'vitest'
import { testCustomer } from '../../harness/server.ts'
import { wanted, zapotpClient } from './client.ts'

type Pool = { pool: string; name: string; success_rate: number; price: number; count: number }
type Priced = { service_id: string; price: number }

describe('zapotp lists', async () => {
  const { server, own, dataOf, refused, rent } = await zapotpClient()

  describe('has', () => {
    it('for each service the price of its cheapest pool, which a purchase then has', async () => {
      const { key } = await testCustomer(server.db)
      const services = await dataOf<Priced[]>(key, 'GET', '/services?country=US')
      const pools = await dataOf<Pool[]>(key, 'GET', '/services?country=US&service=whatsapp')
      const cheapest = Math.min(...pools.map(({ price }) => price))
      expect(services.find((one) => one.service_id === 'whatsapp')?.price).toBe(cheapest)
      expect((await rent(key)).price).toBe(cheapest)
    })

    it('only what is in stock', async () => {
      const { key } = await testCustomer(server.db)
      const listed = async () =>
        (await dataOf<Priced[]>(key, 'GET', `/services?country=${own.country}`)).map(
          (one) => one.service_id,
        )
      expect(await listed()).toContain(own.slug)
      await rent(key, { service: own.slug, country: own.country })
      expect(await listed()).not.toContain(own.slug)
      expect(
        await dataOf<Pool[]>(key, 'GET', `/services?country=${own.country}&service=${own.slug}`),
      ).toMatchObject([{ pool: '1', price: 0.5, count: 0 }])
      await refused(
        key,
        'POST',
        '/rent',
        { ...wanted, service: own.slug, country: own.country },
        409,
        'No numbers available',
      )
    })

    it('the numbers that are left of each pool', async () => {
      const { key } = await testCustomer(server.db)
      const pools = () => dataOf<Pool[]>(key, 'GET', '/services?country=GB&service=telegram')
      const before = await pools()
      expect(before.map(({ pool }) => pool)).toEqual(['1', '2'])
      const [first, second] = before as [Pool, Pool]
      expect(second.success_rate).toBe(96)
      const { price } = await rent(key, { service: 'telegram', country: 'GB', pool: second.pool })
      expect(price).toBe(second.price)
      expect(await pools()).toEqual([first, { ...second, count: second.count - 1 }])
    })

    it('countries in any case, and none that is not there', async () => {
      const { key } = await testCustomer(server.db)
      const there = await dataOf(key, 'GET', '/services?country=US')
      for (const country of ['us', 'Us', 'uS'])
        expect(await dataOf(key, 'GET', `/services?country=${country}`)).toStrictEqual(there)
      await refused(key, 'GET', '/services?country=ZZ', undefined, 404, 'Country not found')
      await refused(
        key,
        'GET',
        '/services?country=US&service=no',
        undefined,
        404,
        'Service not found',
      )
      const bad = 'country must be an ISO 3166-1 alpha-2 code'
      for (const country of ['USA', 'U', '1', '%00'])
        await refused(key, 'GET', `/services?country=${country}`, undefined, 422, bad)
      for (const query of ['', '?country=', '?service=whatsapp'])
        await refused(key, 'GET', `/services${query}`, undefined, 400, 'country is missing')
    })
  })

  describe('minds the provider:', () => {
    it('usa sells in the US alone', async () => {
      const { key } = await testCustomer(server.db)
      const message = 'provider must be "global" for this country'
      expect(await dataOf(key, 'GET', '/services?country=us&provider=usa')).toStrictEqual(
        await dataOf(key, 'GET', '/services?country=US&provider=global'),
      )
      await refused(key, 'GET', '/services?country=GB&provider=usa', undefined, 422, message)
      await refused(
        key,
        'GET',
        '/services?country=GB&provider=usa&service=whatsapp',
        undefined,
        422,
        message,
      )
      expect((await rent(key, { country: 'us', provider: 'usa' })).number).toMatch(/^1/)
      await refused(
        key,
        'POST',
        '/rent',
        { ...wanted, country: 'GB', provider: 'usa' },
        422,
        message,
      )
    })

    it('there are two', async () => {
      const { key } = await testCustomer(server.db)
      const message = 'provider must be "global" or "usa"'
      for (const provider of ['uk', 'any', 'us'])
        await refused(
          key,
          'GET',
          `/services?country=US&provider=${provider}`,
          undefined,
          422,
          message,
        )
      for (const provider of [1, 'uk'])
        await refused(key, 'POST', '/rent', { ...wanted, provider }, 422, message)
    })
  })
})
