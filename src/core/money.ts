// Money: integers of 1/10,000 of a currency's unit, for every currency.

/** An amount in 1/10,000 of the currency's unit. */
export type Amount = bigint

const scale = 4
const unit = 10_000n
/** The maximum amount: 100 million units. It keeps sums far within int8. */
export const maxAmount: Amount = 100_000_000n * unit

const decimalText = /^(\d{1,9})(?:\.(\d{1,4}))?$/

/** Parses a decimal such as `12`, `0.4` or `12.3456`; null if it is not valid or too large. */
export function parseAmount(text: string): Amount | null {
  const match = decimalText.exec(text)
  if (!match) return null
  const amount = BigInt(match[1] as string) * unit + BigInt((match[2] ?? '').padEnd(scale, '0'))
  return amount <= maxAmount ? amount : null
}

/** Formats an amount with the currency's decimals, or with more if it has more: `0.4000` in a currency of two
 * decimals is `0.40`, and `0.4050` is `0.405`. */
export function formatAmount(amount: Amount, decimals: number): string {
  const sign = amount < 0n ? '-' : ''
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, -scale)
  let fraction = digits.slice(-scale)
  while (fraction.length > decimals && fraction.endsWith('0')) fraction = fraction.slice(0, -1)
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`
}

/** The amount as a JSON number, for metrics and for dialects whose documents require one. */
export function amountAsNumber(amount: Amount): number {
  // @NOTE exact: the text is the shortest decimal, and a double holds 15 digits
  return Number.parseFloat(formatAmount(amount, 0))
}
