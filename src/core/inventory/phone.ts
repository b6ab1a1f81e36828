// How a phone number is written for people.
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** `+14155550123` -> `+1 415 555 0123`: the international form, its groups apart. A number that no numbering
 * plan knows stays as it is. */
export function internationalForm(phone: string): string {
  const known = forms.get(phone)
  if (known !== undefined) return known
  const form = parsePhoneNumberFromString(phone)?.formatInternational() ?? phone
  // @NOTE the numbers of orders that are polled come again and again; taking one apart is not cheap
  if (forms.size >= mostForms) forms.clear()
  forms.set(phone, form)
  return form
}

const forms = new Map<string, string>()
const mostForms = 10_000
