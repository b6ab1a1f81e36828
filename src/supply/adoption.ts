// Which orders of a supplier's list are those of our lost asks, on wires that do not show our keys.
//
// A list says what was bought, not by which ask. But our asks of one product are alike, so that it does not
// matter which order belongs to which: the oldest unknown order goes to the first lost ask.
import { mapped, unknown } from './answers.ts'
import type { ListReading, LookUpVerdict, Product, Talk, UpstreamOrder } from './upstream.ts'

/** A look-up by the list of open orders, for wires without keys. A list that was not read says nothing. */
export const lookUpIn = (list: Talk<ListReading>): Talk<LookUpVerdict> =>
  mapped(list, (found) => {
    if (found.kind === 'list') return { kind: 'listed', list: found.list }
    return found.kind === 'unknown'
      ? found
      : unknown('the list could not be read', found.retryAfterS)
  })

export type LostAsk<Id> = {
  readonly id: Id
  /** The highest reference that we knew before the ask; null: there was none. */
  readonly highestBefore: string | null
}

export type Adoption<Id> =
  | {
      readonly kind: 'adopted'
      readonly pairs: readonly { readonly id: Id; readonly order: UpstreamOrder }[]
    }
  /** Another ask of the product is under way: its order could be among these. */
  | { readonly kind: 'later' }
  /** More orders than lost asks: someone else buys with this key. None is adopted. */
  | { readonly kind: 'foreign'; readonly orders: readonly UpstreamOrder[] }

export type Lost<Id> = {
  readonly product: Pick<Product, 'service' | 'country'>
  /** The lost asks of this product: those that are still waited for first. */
  readonly asks: readonly LostAsk<Id>[]
  /** Whether another ask of this product has no answer yet. */
  readonly isAskUnderWay: boolean
}

/**
 * Finds the orders of lost asks in a list.
 * @param orders the whole list
 * @param isKnown whether a reference belongs to an order that we know
 */
export function adopt<Id>(
  { product, asks, isAskUnderWay }: Lost<Id>,
  orders: readonly UpstreamOrder[],
  isKnown: (ref: string) => boolean,
): Adoption<Id> {
  if (asks.length === 0) return { kind: 'adopted', pairs: [] }
  const isLater = (one: UpstreamOrder) => asks.some((ask) => isAfter(one, ask))
  const strangers = [...new Map(orders.map((one) => [one.ref, one])).values()]
    .filter((one) => isOf(one.product, product) && !isKnown(one.ref) && isLater(one))
    .sort((a, b) => (placeOf(a.ref) < placeOf(b.ref) ? -1 : 1))
  if (isAskUnderWay) return { kind: 'later' }
  if (strangers.length > asks.length) return { kind: 'foreign', orders: strangers }
  const pairs: { id: Id; order: UpstreamOrder }[] = []
  const left = [...strangers]
  for (const ask of asks) {
    const at = left.findIndex((one) => isAfter(one, ask))
    const [order] = at === -1 ? [] : left.splice(at, 1)
    if (order) pairs.push({ id: ask.id, order })
  }
  return { kind: 'adopted', pairs }
}

const isOf = (shown: Partial<Product>, wanted: Pick<Product, 'service' | 'country'>) =>
  shown.service === wanted.service && shown.country === wanted.country

/** Suppliers count their orders upwards. A reference that is no number has no place, and is never adopted. */
const placeOf = (ref: string): bigint => (/^\d{1,64}$/.test(ref) ? BigInt(ref) : -1n)

const isAfter = ({ ref }: UpstreamOrder, { highestBefore }: LostAsk<unknown>) =>
  placeOf(ref) > (highestBefore === null ? -1n : placeOf(highestBefore))

/** The highest reference of a list, to be kept before an ask; null if the list has none. */
export function highestOf(orders: readonly Pick<UpstreamOrder, 'ref'>[]): string | null {
  const refs = orders.map(({ ref }) => ref).filter((ref) => placeOf(ref) >= 0n)
  if (refs.length === 0) return null
  return refs.reduce((a, b) => (placeOf(b) > placeOf(a) ? b : a))
}
