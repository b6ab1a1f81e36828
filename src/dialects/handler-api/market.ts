// Offers grouped by country and service.
import type { PriceFilter, Tier } from '../../core/catalog/prices.ts'
import type { Amount } from '../../core/money.ts'
import { groupInPieces, inPieces } from '../../http/pieces.ts'
import type { Call } from './call.ts'
import { listed } from './names.ts'

/** Offers that this protocol cannot tell apart, combined. */
export type Lot = {
  readonly serviceId: number
  readonly country: string
  /** The cheapest offer in stock, or the cheapest one if none is in stock. */
  readonly price: Amount
  readonly stock: number
  /** Stock at each price, cheapest first. */
  readonly tiers: ReadonlyMap<Amount, number>
}

/** One lot per country and service that has activations. */
export async function lotsAt(
  { app, caller }: Call,
  place: { readonly serviceId?: number; readonly country?: string },
): Promise<Lot[]> {
  const tiers = await app.catalog.tiers({ currency: caller.currency, ...place })
  const groups = await groupInPieces(tiers, (tier) => `${tier.country} ${tier.serviceId}`)
  const lots: Lot[] = []
  await inPieces([...groups.values()], (group) => {
    const { serviceId, country } = group[0] as Tier
    lots.push({ serviceId, country, ...sumOf(group) })
  })
  return lots
}

type Priced = Pick<Tier, 'price' | 'stock'>

/** Several offers combined: the lowest price and the total stock. */
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
 * Picks an operator from a list of names: the first that has the service in stock there, otherwise the first
 * that offers it; if none does, any operator.
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
  const prices = await app.catalog.pricesByOperator({ currency: caller.currency, ...wanted })
  const serving = (id: number) => prices.filter((price) => price.operatorId === id)
  return (
    named.find((id) => serving(id).some((price) => price.stock > 0)) ??
    named.find((id) => serving(id).length > 0) ??
    null
  )
}
