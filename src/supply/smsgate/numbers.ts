// Which number is in which phone: `DEVICE/SIM=+NUMBER` or `DEVICE=+NUMBER`, separated by commas.
import { toE164 } from '../fields.ts'

/** @returns the number of each `DEVICE/SIM` and `DEVICE`; null if the text is not written like that */
export function numbersIn(text: string): ReadonlyMap<string, string> | null {
  const numbers = new Map<string, string>()
  for (const entry of text.split(',').map((one) => one.trim())) {
    if (entry === '') continue
    const [, place, number] = /^([\w.:-]+(?:\/\d{1,2})?) *= *(\+[\d ().-]+)$/.exec(entry) ?? []
    if (place === undefined || number === undefined) return null
    const phone = toE164(number)
    if (!/^\+\d{6,15}$/.test(phone) || numbers.has(place)) return null
    numbers.set(place, phone)
  }
  return numbers
}
