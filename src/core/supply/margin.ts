// Prices from costs: what is added, and how it is rounded. All in exact decimals.
import type { Amount } from '../money.ts'

const unit = 10_000n
const cent = 100n
/** A percentage is an amount, too: 12.5 percent is 125,000. */
const hundredPercent = 100n * unit

/** Up to the next price that is whole cents, or that ends in .99. */
export const roundings = ['0.01', '.99'] as const
export type Rounding = (typeof roundings)[number]

/** Amounts are in the base currency. */
export type Margin = {
  readonly percent: Amount
  readonly fixed: Amount
  /** No price is lower, before it is rounded. */
  readonly floor: Amount | null
  /** No price is higher, not even to round it or for its floor. */
  readonly cap: Amount | null
  /** Null: to 1/10,000. */
  readonly rounding: Rounding | null
}

/** A margin, and what it is for; null: all of them. */
export type MarginRule = Margin & {
  readonly supplierId: number | null
  readonly serviceId: number | null
  readonly country: string | null
}

export type Place = {
  readonly supplierId: number
  readonly serviceId: number
  readonly country: string
}

/** A cost as a price, always rounded up. */
export function priceFor(cost: Amount, margin: Margin): Amount {
  const { percent, fixed, floor, cap, rounding } = margin
  const raised = ceilOf(cost * (hundredPercent + percent), hundredPercent) + fixed
  const price = rounded(floor !== null && raised < floor ? floor : raised, rounding)
  return cap !== null && price > cap ? cap : price
}

function rounded(price: Amount, rounding: Rounding | null): Amount {
  switch (rounding) {
    case '0.01':
      return ceilOf(price, cent) * cent
    case '.99': {
      const least = unit - cent
      return price <= least ? least : ceilOf(price - least, unit) * unit + least
    }
    case null:
      return price
  }
}

/** Of two amounts that are not negative, the second not 0. */
const ceilOf = (a: bigint, b: bigint) => (a + b - 1n) / b

/** The rule for a place: that which names most of it. If two name as many, a service outranks a country, and
 * a country a supplier.
 * @returns undefined if no rule is for it */
export function ruleFor(rules: readonly MarginRule[], place: Place): MarginRule | undefined {
  const fitting = rules.filter(
    ({ supplierId, serviceId, country }) =>
      (supplierId === null || supplierId === place.supplierId) &&
      (serviceId === null || serviceId === place.serviceId) &&
      (country === null || country === place.country),
  )
  return fitting.toSorted((a, b) => rankOf(b) - rankOf(a))[0]
}

function rankOf({ supplierId, serviceId, country }: MarginRule): number {
  const names = [serviceId, country, supplierId].map((one) => (one === null ? 0 : 1))
  const [service = 0, place = 0, supplier = 0] = names
  return (service + place + supplier) * 8 + service * 4 + place * 2 + supplier
}

/** A cost in the base currency, rounded up.
 * @param rate the value of one unit of the base currency, as `rates` has it: a decimal greater than 0 */
export function inBase(cost: Amount, rate: string): Amount {
  const { digits, scale } = decimalOf(rate)
  return ceilOf(cost * scale, digits)
}

/** The highest cost, in the currency of the rate, that leaves a percentage of a price. As the database has it
 * (`most_for`). */
export function mostFor(price: Amount, rate: string, leastMarginPercent: number): Amount {
  const { digits, scale } = decimalOf(rate)
  return (price * BigInt(100 - leastMarginPercent) * digits) / (100n * scale)
}

/** A rate as a fraction. */
function decimalOf(rate: string): { readonly digits: bigint; readonly scale: bigint } {
  const [, whole = '', fraction = ''] = /^(\d{1,20})(?:\.(\d{1,20}))?$/.exec(rate) ?? []
  const digits = BigInt(whole + fraction)
  if (digits === 0n) throw new RangeError('the rate is not greater than 0')
  return { digits, scale: 10n ** BigInt(fraction.length) }
}
