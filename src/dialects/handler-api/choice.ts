// Choosing among offers: by provider (our pools), by minimum price, and by exact price.
import type { PoolPrice } from '../../core/catalog/prices.ts'
import { DomainError } from '../../core/error.ts'
import { type Amount, parseAmount } from '../../core/money.ts'
import type { Selection } from '../../core/orders/buying/selection.ts'
import { type Call, isSet } from './call.ts'
import { listed } from './names.ts'
import type { Params } from './params.ts'

/** The cheapest ones. Later ones are tried only if all earlier ones have just sold out. */
const maxTried = 20

/** An amount in any form that clients write; null if it is not one.
 * @NOTE clients send floating-point numbers: digits beyond four places are cut, never rounded up */
export const amountIn = (text: string): Amount | null =>
  /^\d+(?:\.\d+)?$/.test(text) ? parseAmount(/^\d+(?:\.\d{1,4})?/.exec(text)?.[0] ?? '') : null

/** What is in stock of the requested providers: one row for each service, country and pool. */
export async function providerPrices(
  { app, caller, ask }: Call,
  place: { readonly serviceId?: number | undefined; readonly country?: string | undefined },
): Promise<PoolPrice[]> {
  const prices = await app.catalog.poolPrices({ currency: caller.currency, ...place })
  const { pools, exceptPools } = providersIn(ask)
  return prices.filter(
    ({ pool }) => (pools.length === 0 || pools.includes(pool)) && !exceptPools.includes(pool),
  )
}

const providersIn = (ask: Params) => ({
  pools: listed(ask.get('providerIds')),
  exceptPools: listed(ask.get('exceptProviderIds')),
})

/** The selection unchanged if nothing is chosen, otherwise one selection per remaining offer.
 * @throws out_of_stock, invalid_request */
export async function settledBy(call: Call, selection: Selection): Promise<Selection[]> {
  const { app, caller, ask } = call
  const exact = isSet(ask.get('fixedPrice')) ? selection.maxPrice : null
  const least = minPriceIn(ask)
  const isChosen = ['providerIds', 'exceptProviderIds'].some((name) => ask.has(name))
  if (exact === null && least === null && !isChosen) return [selection]
  const { serviceId, country, operatorId, maxPrice } = selection
  const ids = await app.catalog.cheapestInStock({
    currency: caller.currency,
    serviceId,
    country,
    operatorId,
    ...providersIn(ask),
    minPrice: exact !== null && (least === null || exact > least) ? exact : least,
    maxPrice,
    limit: maxTried,
  })
  if (ids.length === 0)
    throw new DomainError('out_of_stock', 'None of the matching offers is in stock.')
  return ids.map((offerId) => ({ ...selection, offerId }))
}

function minPriceIn(ask: Params): Amount | null {
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
