// The products of upstream suppliers: their names, their prices, and the text by which a source keeps one.
import type { Amount } from '../money.ts'

/** A product by the supplier's own names. */
export type Product = {
  readonly service: string
  readonly country: string
  /** Null: any. */
  readonly operator: string | null
  /** A pool of a Numlet; null: any. */
  readonly pool: string | null
  /** The length of a rental in seconds; absent: an activation. */
  readonly durationS?: number
}

/** One line of a price list. */
export type PriceLine = {
  readonly product: Product
  /** In the supplier's currency. */
  readonly cost: Amount
  readonly stock: number
}

const maxTextLength = 200

/** A product as text: `wa/16//`, and `wa/16///86400` for a rental. Names may have any characters.
 * @returns null if it is too long to be kept */
export function productText(product: Product): string | null {
  const { service, country, operator, pool, durationS } = product
  const length = durationS === undefined ? [] : [String(durationS)]
  const parts = [service, country, operator ?? '', pool ?? '', ...length]
  const text = parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/')
  return text.length <= maxTextLength && service !== '' && country !== '' ? text : null
}

/** The product of a text of `productText`. */
export function productOf(text: string): Product {
  const [service = '', country = '', operator = '', pool = '', length = ''] = text
    .split('/')
    .map(decodeURIComponent)
  const rented = length === '' ? {} : { durationS: Number(length) }
  return { service, country, operator: operator || null, pool: pool || null, ...rented }
}
