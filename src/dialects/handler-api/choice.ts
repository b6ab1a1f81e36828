// Choosing among offers: by provider (our pools), by minimum price, and by exact price.
import { listOffers, type Offer } from '../../core/catalog/offers.ts'
import { DomainError } from '../../core/error.ts'
import { type Amount, parseAmount } from '../../core/money.ts'
import type { Wish } from '../../core/orders/buying/buy.ts'
import { type Call, isSet } from './call.ts'
import { listed } from './names.ts'
import type { Params } from './params.ts'

/** More than one service or one country has. */
const maxOffers = 20_000
/** The cheapest ones. Later ones are tried only if all earlier ones have just sold out. */
const maxTried = 20

/** An amount in any form that clients write; null if it is not one.
 * @NOTE clients send floating-point numbers: digits beyond four places are cut, never rounded up */
export const amountIn = (text: string): Amount | null =>
  /^\d+(?:\.\d+)?$/.test(text) ? parseAmount(/^\d+(?:\.\d{1,4})?/.exec(text)?.[0] ?? '') : null

/** Offers in stock of the requested providers. */
export async function offersOf(
  { app, caller, ask }: Call,
  place: Partial<
    Pick<Parameters<typeof listOffers>[1], 'serviceId' | 'country' | 'operatorId' | 'maxPrice'>
  >,
): Promise<Offer[]> {
  const isTest = (await app.catalog.current()).service(place.serviceId ?? null)?.test != null
  const offers = await listOffers(app.db, {
    kind: 'activation',
    currency: caller.currency,
    reserved: false,
    inStock: true,
    limit: maxOffers,
    ...place,
    tests: isTest,
  })
  const wanted = providersIn(ask)
  return offers.filter((offer) => wanted(offer.pool ?? ''))
}

function providersIn(ask: Params): (pool: string) => boolean {
  const only = new Set(listed(ask.get('providerIds')))
  const except = new Set(listed(ask.get('exceptProviderIds')))
  return (pool) => (only.size === 0 || only.has(pool)) && !except.has(pool)
}

/** The wish unchanged if nothing is chosen, otherwise one wish per remaining offer.
 * @throws out_of_stock, invalid_request */
export async function settledBy(call: Call, wish: Wish): Promise<Wish[]> {
  const { ask } = call
  const exact = isSet(ask.get('fixedPrice')) ? wish.maxPrice : null
  const least = leastPriceIn(ask)
  const isChosen = ['providerIds', 'exceptProviderIds'].some((name) => ask.has(name))
  if (exact === null && least === null && !isChosen) return [wish]
  const offers = await offersOf(call, {
    serviceId: wish.serviceId ?? undefined,
    country: wish.country ?? undefined,
    operatorId: wish.operatorId ?? undefined,
    maxPrice: wish.maxPrice ?? undefined,
  })
  const left = offers
    .filter(({ price }) => price >= (least ?? 0n) && (exact === null || price === exact))
    .sort((a, b) => (a.price < b.price ? -1 : a.price > b.price ? 1 : a.id - b.id))
  if (left.length === 0)
    throw new DomainError('out_of_stock', 'None of the matching offers is in stock.')
  return left.slice(0, maxTried).map((offer) => ({ ...wish, offerId: offer.id }))
}

function leastPriceIn(ask: Params): Amount | null {
  const text = ask.get('minPrice')
  if (text === undefined) return null
  const amount = amountIn(text)
  if (amount === null) {
    const detail = 'must be a price'
    throw new DomainError('invalid_request', `The parameter minPrice ${detail}.`, {
      fields: [{ pointer: 'minPrice', detail }],
    })
  }
  return amount
}
