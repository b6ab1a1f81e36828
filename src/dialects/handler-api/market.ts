// What is for sale: offers, gathered by country and service.
import {
  type PriceFilter,
  pricesByOperator,
  type Tier,
  tiersOfActivations,
} from '../../core/catalog/prices.ts'
import type { Amount } from '../../core/money.ts'
import type { Call } from './call.ts'
import { listed } from './names.ts'

/** Offers that differ in nothing that this protocol knows, seen as one. */
export type Lot = {
  readonly serviceId: number
  readonly country: string
  /** The cheapest in stock; of those that are not, where nothing is. */
  readonly price: Amount
  readonly stock: number
  /** How many there are at each price, the cheapest first. */
  readonly tiers: ReadonlyMap<Amount, number>
}

/** One lot for each country and service that has activations. */
export async function lotsAt(
  { app, caller }: Call,
  place: { readonly serviceId?: number; readonly country?: string },
): Promise<Lot[]> {
  const tiers = await tiersOfActivations(app.db, { currency: caller.currency, ...place })
  const groups = Map.groupBy(tiers, (tier) => `${tier.country} ${tier.serviceId}`)
  return [...groups.values()].map((group) => {
    const { serviceId, country } = group[0] as Tier
    return { serviceId, country, ...sumOf(group) }
  })
}

type Priced = Pick<Tier, 'price' | 'stock'>

/** What several offers come to: the price of the cheapest, and how many numbers there are. */
export function sumOf(offers: readonly Priced[]): Pick<Lot, 'price' | 'stock' | 'tiers'> {
  const tiers = new Map<Amount, number>()
  for (const offer of [...offers].sort(byPrice))
    if (offer.stock > 0) tiers.set(offer.price, (tiers.get(offer.price) ?? 0) + offer.stock)
  const [cheapestInStock] = tiers.keys()
  const cheapest = [...offers].sort(byPrice)[0]?.price ?? 0n
  return {
    price: cheapestInStock ?? cheapest,
    stock: [...tiers.values()].reduce((sum, one) => sum + one, 0),
    tiers,
  }
}

const byPrice = (a: Priced, b: Priced) => (a.price < b.price ? -1 : a.price > b.price ? 1 : 0)

/**
 * The operator that a list of names comes to: the first that has the service there in stock, else the first
 * that has it at all; where none of them does, any will do.
 */
export async function operatorFor(
  { app, caller, ask }: Call,
  wanted: Omit<PriceFilter, 'currency' | 'operatorId'> & { readonly country: string },
): Promise<number | null> {
  const catalog = await app.catalog.current()
  const named = listed(ask.get('operator')).flatMap((name) => {
    const operator = catalog.operatorBySlug(wanted.country, name)
    return operator ? [operator.id] : []
  })
  if (named.length === 0) return null
  const prices = await pricesByOperator(app.db, { currency: caller.currency, ...wanted })
  const serving = (id: number) => prices.filter((price) => price.operatorId === id)
  return (
    named.find((id) => serving(id).some((price) => price.stock > 0)) ??
    named.find((id) => serving(id).length > 0) ??
    null
  )
}
