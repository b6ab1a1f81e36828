// The settings that all upstream kinds have: where the supplier is, and in which currency it counts.
import { X509Certificate } from 'node:crypto'
import { currencies } from '../core/catalog/data/load.ts'
import { baseCurrency } from '../core/catalog/rates.ts'
import { defaultLimits } from '../core/inventory/supplier-limits.ts'
import { parseAmount } from '../core/money.ts'
import type { Setting, Settings } from './supplier.ts'

/** @param where which URL it is, for the help */
const urlSetting = (where: string): Setting => ({
  key: 'url',
  label: 'URL',
  help: where,
  isSecret: false,
  isRequired: true,
  check: (value) => {
    const url = URL.canParse(value) ? new URL(value) : null
    if (url === null || !['http:', 'https:'].includes(url.protocol))
      return 'must be a URL that begins with https:// or http://'
    if (url.search !== '' || url.hash !== '') return 'must have no query'
    return url.username !== '' || url.password !== '' ? 'must have no password in it' : null
  },
})

/** @param where where the key is found, for the help */
const keySetting = (where: string): Setting => ({
  key: 'api_key',
  label: 'API key',
  help: where,
  isSecret: true,
  isRequired: true,
  check: (value) =>
    /^[\x21-\x7e]{1,2000}$/.test(value) ? null : 'must be visible ASCII characters without blanks',
})

const codes: ReadonlySet<string> = new Set(currencies.map((one) => one.code))

const currencySetting: Setting = {
  key: 'currency',
  label: 'Currency',
  help: `The currency of the account there, as a code of three letters. By default ${baseCurrency}.`,
  isSecret: false,
  isRequired: false,
  default: baseCurrency,
  check: (value) => (codes.has(value) ? null : 'must be the code of a currency, such as USD'),
}

const authoritySetting: Setting = {
  key: 'ca',
  label: 'Certificate authority',
  help: 'With https: the only authority to trust, as a certificate in PEM, if the platform has its own.',
  isSecret: false,
  isRequired: false,
  check: (value) => (isCertificate(value) ? null : 'must be a certificate in PEM'),
}

/** @param perS as many as the platform allows by default */
const rateSetting = (perS: string): Setting => ({
  key: 'rate_per_s',
  label: 'Requests a second',
  help: 'How many requests a second the platform allows, of all sorts. At most half of them read numbers.',
  isSecret: false,
  isRequired: false,
  default: perS,
  check: (value) =>
    /^\d{1,4}(?:\.\d{1,3})?$/.test(value) && Number(value) > 0
      ? null
      : 'must be a number above 0 and below 10000, such as 0.5',
})

const alarmSetting: Setting = {
  key: 'alarm_balance',
  label: 'Alarm of the balance',
  help: 'With less than this there, in its currency, nothing of it is for sale. No alarm by default.',
  isSecret: false,
  isRequired: false,
  check: (value) => (parseAmount(value) === null ? 'must be an amount such as 12.50' : null),
}

const wholeBetween = (least: number, most: number) => (value: string) =>
  /^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most
    ? null
    : `must be a whole number from ${least} to ${most}`

/** How far a platform may be asked (src/core/inventory/supplier-limits.ts). */
const limitSettings: readonly Setting[] = [
  {
    key: 'max_asking',
    label: 'Requests at once',
    help: 'How many orders may ask it for a number at the same time. One customer has at most half of it.',
    isSecret: false,
    isRequired: false,
    default: String(defaultLimits.maxAsking),
    check: wholeBetween(1, 10_000),
  },
  {
    key: 'daily_limit',
    label: 'Limit of a day',
    help: 'What its numbers of one day (UTC) may cost at most, in its currency. No limit by default.',
    isSecret: false,
    isRequired: false,
    check: (value) => (parseAmount(value) === null ? 'must be an amount such as 250.00' : null),
  },
  {
    key: 'ask_timeout_ms',
    label: 'Time for an answer',
    help: 'After how many milliseconds a request for a number has no answer: the next platform is asked.',
    isSecret: false,
    isRequired: false,
    default: String(defaultLimits.askTimeoutMs),
    check: wholeBetween(100, 30_000),
  },
]

type PlatformSettings = {
  /** Which URL it is, for the help. */
  readonly url: string
  /** Where the key is found, for the help. */
  readonly key: string
  /** As many requests as the platform allows by default. */
  readonly ratePerS: string
  /** Those that only this kind has. */
  readonly own?: readonly Setting[]
}

/** The settings of an upstream kind: those that all of them have, and its own. */
export const platformSettings = ({
  url,
  key,
  ratePerS,
  own = [],
}: PlatformSettings): readonly Setting[] => [
  urlSetting(url),
  keySetting(key),
  ...own,
  currencySetting,
  rateSetting(ratePerS),
  alarmSetting,
  ...limitSettings,
  authoritySetting,
]

/** How many requests a second the supplier allows. */
export const requestsPerS = (settings: Settings): number => Number(settings.rate_per_s ?? '1')

/** How many requests a second may read what has become of numbers. */
export const readingsPerS = (settings: Settings): number => requestsPerS(settings) / 2

function isCertificate(text: string): boolean {
  try {
    return text.includes('-----BEGIN CERTIFICATE-----') && new X509Certificate(text) !== null
  } catch {
    return false
  }
}

/** The URL without slashes at its end. */
export const urlOf = (settings: Settings): string => (settings.url ?? '').replace(/\/+$/, '')

export const apiKeyOf = (settings: Settings): string => settings.api_key ?? ''
