// ZapOTP's two lists: the services of a country, and the pools of a service in it.
import type { App } from '../../app.ts'
import type { Offer } from '../../core/catalog/offers.ts'
import { assertCountry, findService, openPools } from './wanted.ts'
import { poolAnswer, serviceAnswer } from './wire.ts'

/** A service in a country has one offer per operator and pool: some dozens. */
const maxOffers = 1_000

/** Every service in stock in a country, at its lowest price. @throws country_not_found */
export async function servicesIn(app: App, currency: string, country: string) {
  await assertCountry(app, country)
  const catalog = await app.catalog.current()
  const offers = await app.catalog.cheapestByService({ currency, country })
  return offers.flatMap((offer) => {
    const service = catalog.service(offer.serviceId)
    return service && offer.stock > 0 ? [serviceAnswer(service, offer)] : []
  })
}

/** The pools of a service in a country. @throws country_not_found, service_not_found */
export async function poolsOf(
  app: App,
  currency: string,
  wanted: { readonly country: string; readonly service: string },
) {
  const { country } = wanted
  await assertCountry(app, country)
  const { id: serviceId, test } = await findService(app, wanted.service)
  const offers = await app.catalog.offers({
    currency,
    kind: 'activation',
    serviceId,
    country,
    tests: test !== null,
    limit: maxOffers,
  })
  return (await openPools(app)).flatMap((pool) => {
    const inPool = offers.filter((offer) => offer.pool === pool.id).sort(nextSold)
    const [next] = inPool
    if (!next) return []
    const count = inPool.reduce((sum, offer) => sum + offer.stock, 0)
    return [poolAnswer(pool, next, count)]
  })
}

/** The offer that a purchase would take comes first: in stock, and the cheapest. */
const nextSold = (a: Offer, b: Offer) =>
  Number(b.stock > 0) - Number(a.stock > 0) || Number(a.price - b.price) || a.id - b.id
