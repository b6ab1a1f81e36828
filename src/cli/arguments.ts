// Reading what is typed: each parser answers a value, or says what is wrong with the text (exit 2).
import { InvalidArgumentError } from 'commander'
import { type Amount, parseAmount } from '../core/money.ts'

/** What is wrong with a text, for parsers of other files. */
export const unfit = (message: string) => new InvalidArgumentError(message)

/** An amount of money such as 12.50. */
export function amount(text: string): Amount {
  const value = parseAmount(text)
  if (value === null)
    throw new InvalidArgumentError('It must be a decimal such as 12.50, at most 100000000.')
  return value
}

/** A whole number. */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

/** An amount of data, in gigabytes with up to three decimals. */
export function gigabytes(text: string): number {
  const value = Number(text)
  if (!/^\d{1,5}(?:\.\d{1,3})?$/.test(text) || value === 0)
    throw new InvalidArgumentError('It must be a number such as 5 or 0.5.')
  return value
}

// @NOTE a word and not null, which commander turns into an empty text
export type OrDefault = number | 'default'

/** A whole number, or the word `default`. */
export const countOrDefault = (text: string): OrDefault => (text === 'default' ? text : count(text))

/** A whole number from 0 to 100, or the word `default`. */
export function percentOrDefault(text: string): OrDefault {
  const value = countOrDefault(text)
  if (value !== 'default' && value > 100) throw new InvalidArgumentError('It must be at most 100.')
  return value
}

/** How many lines of a list. */
export function limit(text: string): number {
  const value = count(text)
  if (value < 1 || value > 100_000) throw new InvalidArgumentError('It must be 1 to 100000.')
  return value
}

/** An ISO 3166 alpha-2 code, in whatever case. */
export function countryCode(text: string): string {
  if (!/^[A-Za-z]{2}$/.test(text))
    throw new InvalidArgumentError('It must be a country’s two letters, such as US.')
  return text.toUpperCase()
}

/** An ISO 4217 code, in whatever case. */
export function currencyCode(text: string): string {
  if (!/^[A-Za-z]{3}$/.test(text))
    throw new InvalidArgumentError('It must be a currency’s three letters, such as USD.')
  return text.toUpperCase()
}

/** A time to come, in ISO 8601. */
export function futureTime(text: string): Date {
  const time = new Date(text)
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It must be a time such as 2030-12-31T23:59:59Z.')
  if (time.getTime() <= Date.now()) throw new InvalidArgumentError('It must be in the future.')
  return time
}

/** An id as it is shown (`acc_...`), or the row's number. */
export function idOf(prefix: string): (text: string) => string {
  const form = new RegExp(`^(?:${prefix}_[0-9a-z]{11}|[1-9]\\d{0,14})$`)
  return (text) => {
    if (!form.test(text))
      throw new InvalidArgumentError(`It must be an id such as ${prefix}_0123456789a, or a number.`)
    return text
  }
}

/** Words separated by commas, of one or several arguments. */
export const words = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean),
]
