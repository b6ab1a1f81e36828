// Converts gateways' amounts, as exact text, to and from Numlet's.
import { type Amount, maxAmount, parseAmount } from '../core/money.ts'

/** One whole unit of any currency. */
export const unit: Amount = 10_000n

/** The range of a deposit if the gateway sets no limits. */
export const anyAmount = { minimum: 1n, maximum: maxAmount, step: 1n } as const

/** QRIS: whole rupiah, ten million at most (Bank Indonesia). */
export const qrisAmounts = { minimum: unit, maximum: 10_000_000n * unit, step: unit } as const

/** Parses a gateway's amount, text or number, such as `275000.00`; null if it is not valid. */
export function amountOf(value: string | number): Amount | null {
  const text = typeof value === 'number' ? String(value) : value.trim()
  const [whole = '', fraction = ''] = text.split('.')
  return parseAmount(fraction === '' ? whole : `${whole}.${fraction.slice(0, 4)}`)
}

const decimal = /^(\d{1,20})(?:\.(\d{1,30}))?$/

/** The product of two decimals, such as a coin's amount and its rate, rounded down to 1/10,000; null if
 * one of them is not a decimal. */
export function product(a: string, b: string): Amount | null {
  const [first, second] = [exact(a), exact(b)]
  if (!first || !second) return null
  const digits = first.digits * second.digits * unit
  return digits / 10n ** BigInt(first.scale + second.scale)
}

function exact(text: string): { digits: bigint; scale: number } | null {
  const [, whole, fraction = ''] = decimal.exec(text.trim()) ?? []
  return whole === undefined ? null : { digits: BigInt(whole + fraction), scale: fraction.length }
}
