// Parsers of arguments: each returns a value, or says what is wrong with the text (exit 2).
import { InvalidArgumentError } from 'commander'
import { type Amount, parseAmount } from '../core/money.ts'
import { maxReasonLength } from '../core/operator-log.ts'

/** The error for parsers of other files. */
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

const secondsAnHour = 3_600

/** A duration such as 3d or 12h, in seconds. */
export function duration(text: string): number {
  const [, digits, unit] = /^([1-9]\d{0,3})([dh])$/.exec(text) ?? []
  if (digits === undefined)
    throw new InvalidArgumentError('It must be days or hours, such as 3d or 12h.')
  return Number(digits) * (unit === 'd' ? 24 : 1) * secondsAnHour
}

/** The same for output; null if there is no duration. */
export function shownDuration(seconds: number): string | null {
  const hours = seconds / secondsAnHour
  if (hours === 0) return null
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`
}

// @NOTE a word and not null, because commander turns null into an empty text
export type OrDefault = number | 'default'

/** A whole number, or the word `default`. */
export const countOrDefault = (text: string): OrDefault => (text === 'default' ? text : count(text))

/** A whole number from 0 to 100, or the word `default`. */
export function percentOrDefault(text: string): OrDefault {
  const value = countOrDefault(text)
  if (value !== 'default' && value > 100) throw new InvalidArgumentError('It must be at most 100.')
  return value
}

/** The number of a row. */
export function row(text: string): number {
  const value = count(text)
  if (value < 1) throw new InvalidArgumentError('It must be a number from 1 on.')
  return value
}

/** The number of entries of a list. */
export function limit(text: string): number {
  const value = count(text)
  if (value < 1 || value > 100_000) throw new InvalidArgumentError('It must be 1 to 100000.')
  return value
}

/** An ISO 3166 alpha-2 code, in any case. */
export function countryCode(text: string): string {
  if (!/^[A-Za-z]{2}$/.test(text))
    throw new InvalidArgumentError('It must be a country’s two letters, such as US.')
  return text.toUpperCase()
}

/** An ISO 4217 code, in any case. */
export function currencyCode(text: string): string {
  if (!/^[A-Za-z]{3}$/.test(text))
    throw new InvalidArgumentError('It must be a currency’s three letters, such as USD.')
  return text.toUpperCase()
}

/** A time in ISO 8601; a date alone means its first moment in UTC. */
export function time(text: string): Date {
  const value = new Date(text)
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(value.getTime()))
    throw new InvalidArgumentError('It must be a time such as 2030-12-31T23:59:59Z.')
  return value
}

/** A time in the future, in ISO 8601. */
export function futureTime(text: string): Date {
  const value = time(text)
  if (value.getTime() <= Date.now()) throw new InvalidArgumentError('It must be in the future.')
  return value
}

/** An id as the API gives it (`ord_...`), or the number behind it. */
export function idOf(prefix: string): (text: string) => string {
  const form = idForm(prefix)
  return (text) => {
    if (!form.test(text))
      throw new InvalidArgumentError(`It must be an id such as ${prefix}_0123456789a, or a number.`)
    return text
  }
}

const idForm = (prefix: string) => new RegExp(`^(?:${prefix}_[0-9a-z]{11}|[1-9]\\d{0,16})$`)
const accountForm = idForm('acc')

/** An account's id, its number, or its e-mail address. */
export function account(text: string): string {
  if (!accountForm.test(text) && !/^[^\s@]{1,64}@[^\s@]{1,189}$/.test(text))
    throw new InvalidArgumentError(
      'It must be an id such as acc_0123456789a, a number, or an e-mail address.',
    )
  return text
}

/** One line of text, such as the reason for an action. */
export function oneLine(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > maxReasonLength || /\p{Cc}/u.test(trimmed))
    throw new InvalidArgumentError(`It must be one line of 1 to ${maxReasonLength} characters.`)
  return trimmed
}

export const reason = oneLine

/** Words separated by commas, of one or several arguments. */
export const words = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean),
]
