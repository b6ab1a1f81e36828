// How a phone number is written for people.
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** `+14155550123` -> `+1 415 555 0123`: the international form, its groups apart. A number that no numbering
 * plan knows stays as it is. */
export const internationalForm = (phone: string): string =>
  parsePhoneNumberFromString(phone)?.formatInternational() ?? phone
