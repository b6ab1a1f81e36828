// The currencies that Stripe accepts, from its list (https://docs.stripe.com/currencies). Excluded are those
// whose smallest unit at Stripe differs from ISO 4217: ISK, MGA, UGX, and those with three decimals.

const zeroDecimal = 'BIF CLP DJF GNF JPY KMF KRW PYG RWF VND VUV XAF XOF XPF'.split(' ')

const twoDecimals = [
  'USD AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF',
  'CHF CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR',
  'ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN',
  'NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD',
  'STD SZL THB TJS TOP TRY TTD TWD TZS UAH UYU UZS WST XCD YER ZAR ZMW',
].flatMap((line) => line.split(' '))

export const currencies: readonly string[] = [...twoDecimals, ...zeroDecimal]

/** Whether Stripe's amounts are whole units. */
export const isZeroDecimal = (currency: string): boolean => zeroDecimal.includes(currency)
