// Decimals that suppliers write, as exact amounts.
import { type Amount, maxAmount } from '../core/money.ts'

const scale = 4
const decimal = /^(-?)(\d{1,9})(?:\.(\d{0,30}))?$/

type Decimal = {
  readonly isNegative: boolean
  /** In 1/10,000, without what is smaller. */
  readonly amount: Amount
  readonly hasRest: boolean
  readonly decimals: number
}

function decimalOf(text: string): Decimal | null {
  const [, sign, whole, fraction = ''] = decimal.exec(text.trim()) ?? []
  if (whole === undefined) return null
  const amount = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
  if (amount > maxAmount) return null
  const hasRest = /[1-9]/.test(fraction.slice(scale))
  return { isNegative: sign === '-', amount, hasRest, decimals: fraction.length }
}

/** A cost. What is smaller than 1/10,000 is rounded up: we never reckon with less than we pay.
 * @returns null if it is not a decimal, or negative */
export function costOf(text: string | null): Amount | null {
  const found = text === null ? null : decimalOf(text)
  if (found === null || (found.isNegative && (found.amount > 0n || found.hasRest))) return null
  return found.hasRest ? found.amount + 1n : found.amount
}

/** A balance, which may be negative, rounded towards less, and how many decimals were written. */
export function balanceOf(text: string | null): { amount: Amount; decimals: number } | null {
  const found = text === null ? null : decimalOf(text)
  if (found === null) return null
  const { isNegative, amount, hasRest, decimals } = found
  if (!isNegative) return { amount, decimals }
  return { amount: -(hasRest ? amount + 1n : amount), decimals }
}

/** A number of things that are left; 0 if it is none. */
export function stockOf(text: string | null): number {
  const digits = /^(\d{1,15})(?:\.\d*)?$/.exec(text ?? '')?.[1]
  return digits === undefined ? 0 : Math.min(Number(digits), maxStock)
}

/** More than anybody has of one product; larger figures are no stock. */
const maxStock = 10_000_000
