// Formats a phone number for people.
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** `+14155550123` -> `+1 415 555 0123`: the international format with groups. A number that is in no
 * numbering plan is returned unchanged. */
export function internationalForm(phone: string): string {
  const known = forms.get(phone)
  if (known !== undefined) return known
  const form = parsePhoneNumberFromString(phone)?.formatInternational() ?? phone
  // @NOTE orders are polled, so the same numbers come again and again, and parsing one is not cheap
  if (forms.size >= maxForms) forms.clear()
  forms.set(phone, form)
  return form
}

const forms = new Map<string, string>()
const maxForms = 10_000
