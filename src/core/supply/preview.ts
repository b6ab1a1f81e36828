// What a price list would change: which products come on sale, change, or go off sale.
import { type Amount, maxAmount } from '../money.ts'
import { inBase, type MarginRule, mostFor, type Place, priceFor, ruleFor } from './margin.ts'
import type { NamedLine } from './names.ts'

/** A product of the supplier as it is on sale. */
export type OnSale = {
  /** As a source keeps it. */
  readonly product: string
  /** In the supplier's currency. */
  readonly cost: Amount
  readonly stock: number
  /** Of its offer, in the base currency. */
  readonly price: Amount
}

/** What an offer is, whoever serves it. */
export type OfferPlace = Pick<NamedLine, 'serviceId' | 'country' | 'operator' | 'durationS'>

export type PriceListed = {
  readonly lines: readonly NamedLine[]
  readonly supplierId: number
  /** The value of one unit of the base currency in that of the supplier. */
  readonly rate: string
  readonly rules: readonly MarginRule[]
  /** What must be left of each price. */
  readonly leastMarginPercent: number
  /** The price of an offer that is not made of this supplier's costs: it stays.
   * Undefined: the rules make it. */
  readonly fixedPrice: (place: OfferPlace) => Amount | undefined
}

export const refusals = ['loses money', 'no rule', 'too expensive'] as const
export type Refusal = (typeof refusals)[number]

/** A product with the price that it gets. */
export type Priced = NamedLine & { readonly price: Amount }

export type Preview<Sale extends OnSale = OnSale> = {
  readonly added: readonly Priced[]
  readonly changed: readonly { readonly before: Sale; readonly after: Priced }[]
  /** With their stock of now. */
  readonly same: readonly Priced[]
  /** On sale so far, and no longer in the list. */
  readonly withdrawn: readonly Sale[]
  /** Not put on sale, or taken off sale. */
  readonly refused: readonly {
    readonly line: NamedLine
    readonly why: Refusal
    readonly before: Sale | null
  }[]
}

/**
 * Compares a price list with what is on sale.
 * Products of one offer have one price, made from the cheapest that is in stock. The others are refused if it
 * is too low for them.
 */
export function previewOf<Sale extends OnSale>(
  listed: PriceListed,
  onSale: readonly Sale[],
): Preview<Sale> {
  const before = new Map(onSale.map((one) => [one.product, one]))
  const lines = [...new Map(listed.lines.map((one) => [one.product, one])).values()]
  const preview = {
    added: [] as Priced[],
    changed: [] as { before: Sale; after: Priced }[],
    same: [] as Priced[],
    refused: [] as { line: NamedLine; why: Refusal; before: Sale | null }[],
  }
  const prices = pricesOf(listed, lines)
  for (const line of lines) {
    const old = before.get(line.product)
    const price = prices.get(keyOf(line))
    const why = refusalOf(listed, line, price)
    if (why !== null || price === undefined)
      preview.refused.push({ line, why: why ?? 'no rule', before: old ?? null })
    else {
      const after = { ...line, price }
      if (old === undefined) preview.added.push(after)
      else if (isSame(old, after)) preview.same.push(after)
      else preview.changed.push({ before: old, after })
    }
  }
  const inList = new Set(lines.map((one) => one.product))
  return { ...preview, withdrawn: onSale.filter((one) => !inList.has(one.product)) }
}

/** One text for each place. */
export const keyOf = ({ serviceId, country, operator, durationS }: OfferPlace) =>
  `${serviceId}/${country}/${operator}/${durationS}`

/** The price of each offer, by its key; an offer without a price or a rule has none. */
function pricesOf(
  { supplierId, rate, rules, fixedPrice }: PriceListed,
  lines: readonly NamedLine[],
): ReadonlyMap<string, Amount> {
  const cheapest = new Map<string, NamedLine>()
  for (const line of lines) {
    const known = cheapest.get(keyOf(line))
    if (known === undefined || isBetter(line, known)) cheapest.set(keyOf(line), line)
  }
  const prices = [...cheapest].flatMap(([key, line]): [string, Amount][] => {
    const place: Place = { supplierId, serviceId: line.serviceId, country: line.country }
    const rule = ruleFor(rules, place)
    const price = fixedPrice(line) ?? (rule && priceFor(inBase(line.cost, rate), rule))
    return price === undefined ? [] : [[key, price]]
  })
  return new Map(prices)
}

/** What can be bought decides about the price; else what could be. */
const isBetter = (one: NamedLine, other: NamedLine) =>
  one.stock > 0 === other.stock > 0 ? one.cost < other.cost : one.stock > 0

function refusalOf(
  { rate, leastMarginPercent }: PriceListed,
  { cost }: NamedLine,
  price: Amount | undefined,
): Refusal | null {
  if (price === undefined) return 'no rule'
  if (price > maxAmount) return 'too expensive'
  return cost > mostFor(price, rate, leastMarginPercent) ? 'loses money' : null
}

/** Stock changes with every sale, and is no change of a price list. */
const isSame = (before: OnSale, after: Priced) =>
  before.cost === after.cost && before.price === after.price
