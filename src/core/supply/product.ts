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
}

/** One line of a price list. */
export type PriceLine = {
  readonly product: Product
  /** In the supplier's currency. */
  readonly cost: Amount
  readonly stock: number
}

const maxTextLength = 200

/** A product as text: `wa/16//`. Names may have any characters.
 * @returns null if it is too long to be kept */
export function productText({ service, country, operator, pool }: Product): string | null {
  const parts = [service, country, operator ?? '', pool ?? '']
  const text = parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/')
  return text.length <= maxTextLength && service !== '' && country !== '' ? text : null
}

/** The product of a text of `productText`. */
export function productOf(text: string): Product {
  const [service = '', country = '', operator = '', pool = ''] = text
    .split('/')
    .map(decodeURIComponent)
  return { service, country, operator: operator || null, pool: pool || null }
}
