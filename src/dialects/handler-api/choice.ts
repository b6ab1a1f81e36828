// The choice among offers: by providers, which are our pools, by a lowest price, and by the very price.
import { listOffers, type Offer } from '../../core/catalog/offers.ts'
import { DomainError } from '../../core/error.ts'
import { type Amount, parseAmount } from '../../core/money.ts'
import type { Wish } from '../../core/orders/buy.ts'
import { type Call, isSet } from './call.ts'
import { listed } from './names.ts'
import type { Params } from './params.ts'

/** More than one service has, or one country. */
const maxOffers = 20_000
/** The cheapest of them; those that come later are asked for only when all of these were sold just now. */
const maxTried = 20

/** An amount in whatever form clients write one; null where it is none.
 * @NOTE they send floating-point numbers: what is beyond our four places is cut, never rounded up */
export const amountIn = (text: string): Amount | null =>
  /^\d+(?:\.\d+)?$/.test(text) ? parseAmount(/^\d+(?:\.\d{1,4})?/.exec(text)?.[0] ?? '') : null

/** Offers that are in stock, of the providers that are asked for. */
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

/** The wish as it is where no choice is made, else one for each of the offers that are left.
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
    throw new DomainError('out_of_stock', 'None of what you chose from is in stock.')
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
