// The lists that are built once for all who ask for them at the same time.

export type SharedList = {
  readonly path: string
  /** Shows prices in the currency of the account. */
  readonly isPriced: boolean
  /** How many requests it counts as. */
  readonly weight: number
}

const list = (path: string, isPriced: boolean, weight = 1): SharedList => ({
  path,
  isPriced,
  weight,
})

const otpzap = '/otpzap/api/v1'
const sms = '/smsverificationservice/api/v1'
const zapotp = '/zapotp/account/api/v1'
const stubs = (action: string) => `/stubs/handler_api.php?action=${action}`

/** Lists that require a key. */
export const keyedLists: readonly SharedList[] = [
  list('/v1/offers?limit=100', true),
  list('/whichotp/api/v1/services', true, 4),
  list('/otpwall/v1/countries', false),
  list('/otpwall/v1/services', false, 4),
  list(`${zapotp}/services?country=US`, true),
  list(`${zapotp}/services.php?country=US&service=whatsapp`, true),
  list(`${otpzap}/countries`, false, 4),
  list(`${otpzap}/services`, false, 4),
  list(`${otpzap}/services?country_id=2`, false),
  list(`${otpzap}/products?limit=100`, true, 4),
  list(`${otpzap}/products?platform_id=1`, true),
  list(`${otpzap}/s2/countries`, false, 4),
  list(`${otpzap}/s2/services`, true, 4),
  list(`${otpzap}/s2/services?country_id=2`, true),
  list(`${otpzap}/s2/special`, true),
  list(`${sms}/services/temporary`, true),
  list(`${sms}/services/best-temp`, true),
  list(`${sms}/services/esim`, true),
  list(`${sms}/services/rental`, true),
  list(`${sms}/services/rent-1day`, true),
  list(`${sms}/services/rent-30days`, true),
  list(`${sms}/global/countries`, false),
  list(`${sms}/global/services?country_id=4`, true),
  list(stubs('getPrices'), true, 10),
  list(stubs('getPrices&country=187'), true),
  list(stubs('getPricesExtended&freePrice=1'), true, 10),
  list(stubs('getPricesV2'), true, 10),
  list(stubs('getPricesV3&service=wa'), true),
  list(stubs('getPricesVerification'), true, 10),
  list(stubs('getTopCountriesByService'), true, 10),
  list(stubs('getNumbersStatus'), false, 10),
  list(stubs('getRentServicesAndCountries&country=187'), true),
  list(stubs('serviceCountRent&service=wa'), true),
]
