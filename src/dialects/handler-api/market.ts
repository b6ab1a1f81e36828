// What is for sale: offers, gathered by country and service.
import { listOffers, type Offer } from '../../core/catalog/offers.ts'
import type { Amount } from '../../core/money.ts'
import type { Call } from './call.ts'
import { listed } from './names.ts'

/** Offers that are read with one statement. */
const offersAPage = 5_000

export type Place = {
  readonly kind: 'activation' | 'rental'
  readonly serviceId?: number
  readonly country?: string
  readonly operatorId?: number
  readonly inStock?: boolean
}

/** All offers of a kind that may be bought without naming their pool. */
export async function offersAt({ app, caller }: Call, place: Place): Promise<Offer[]> {
  const offers: Offer[] = []
  for (;;) {
    const page = await listOffers(app.db, {
      currency: caller.currency,
      reserved: false,
      ...place,
      after: offers.at(-1)?.id,
      limit: offersAPage,
    })
    offers.push(...page)
    if (page.length < offersAPage) return offers
  }
}

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

/** One lot for each country and service. */
export function lotsOf(offers: readonly Offer[]): Lot[] {
  const groups = new Map<string, Offer[]>()
  for (const offer of offers) {
    const name = `${offer.country} ${offer.serviceId}`
    const group = groups.get(name)
    if (group) group.push(offer)
    else groups.set(name, [offer])
  }
  return [...groups.values()].flatMap((group) => {
    const { serviceId, country } = group[0] as Offer
    return serviceId === null || country === null ? [] : [{ serviceId, country, ...sumOf(group) }]
  })
}

/** What several offers come to: the price of the cheapest, and how many numbers there are. */
export function sumOf(offers: readonly Offer[]): Pick<Lot, 'price' | 'stock' | 'tiers'> {
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

const byPrice = (a: Offer, b: Offer) => (a.price < b.price ? -1 : a.price > b.price ? 1 : 0)

/**
 * The operator that a list of names comes to: the first that has the service there in stock, else the first
 * that has it at all; where none of them does, any will do.
 */
export async function operatorFor(
  call: Call,
  wanted: Omit<Place, 'operatorId'> & { readonly country: string },
): Promise<number | null> {
  const catalog = await call.app.catalog.current()
  const named = listed(call.ask.get('operator')).flatMap((name) => {
    const operator = catalog.operatorBySlug(wanted.country, name)
    return operator ? [operator.id] : []
  })
  if (named.length === 0) return null
  const offers = await offersAt(call, wanted)
  const serving = (id: number) => offers.filter((offer) => offer.operatorId === id)
  return (
    named.find((id) => serving(id).some((offer) => offer.stock > 0)) ??
    named.find((id) => serving(id).length > 0) ??
    null
  )
}
