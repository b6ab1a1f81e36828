// Languages: which there are, the catalogue that is loaded, and how numbers, money and times are written.
import { i18n } from '@lingui/core'

export const locales = { en: 'English', id: 'Bahasa Indonesia', pseudo: 'Ƥşḗŭḓǿ' } as const
export type Locale = keyof typeof locales

/** The pseudo-language is for looking at pages: longer, and right to left. */
export const shownLocales: readonly Locale[] = ['en', 'id']

const key = 'numlet-locale'
/** Whether it was chosen, or only the browser's. */
const chosenKey = 'numlet-locale-chosen'

export const isLocale = (name: unknown): name is Locale =>
  typeof name === 'string' && Object.hasOwn(locales, name)

export const hasChosenLocale = (): boolean => localStorage.getItem(chosenKey) !== null

/** Shows a language from now on. */
export async function chooseLocale(locale: Locale): Promise<void> {
  localStorage.setItem(chosenKey, locale)
  await showLocale(locale)
}

/** The language that was chosen here, else the browser's, else English. */
export function firstLocale(): Locale {
  const stored = localStorage.getItem(key)
  if (isLocale(stored)) return stored
  const wished = navigator.languages.map((one) => one.split('-')[0])
  return wished.find((one) => one === 'en' || one === 'id') ?? 'en'
}

/** Loads a language and shows it. */
export async function showLocale(locale: Locale): Promise<void> {
  const { messages } = await import(`./locales/${locale}.po`)
  i18n.load(locale, messages)
  i18n.activate(locale)
  localStorage.setItem(key, locale)
  document.documentElement.lang = locale === 'pseudo' ? 'en' : locale
  document.documentElement.dir = locale === 'pseudo' ? 'rtl' : 'ltr'
}

const tag = () => (i18n.locale === 'pseudo' ? 'en' : i18n.locale)

/** A decimal of the API as money. It is never a number: digits are grouped as text. */
export function money(amount: string, currency: string): string {
  const [, sign = '', whole = '0', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? []
  const parts = new Intl.NumberFormat(tag(), {
    style: 'currency',
    currency,
    minimumFractionDigits: part.length,
    maximumFractionDigits: part.length,
  }).formatToParts(BigInt(whole))
  const written = parts.map(({ type, value }) => (type === 'fraction' ? part : value)).join('')
  return sign === '' ? written : `−${written}`
}

export const count = (value: number) => new Intl.NumberFormat(tag()).format(value)

/** A percentage as the server gives it, such as `2.90`. */
export const percentage = (percent: string) =>
  new Intl.NumberFormat(tag(), { style: 'percent', maximumFractionDigits: 2 }).format(
    Number(percent) / 100,
  )

export const time = (iso: string) =>
  new Intl.DateTimeFormat(tag(), { timeStyle: 'medium' }).format(new Date(iso))

export const dateTime = (iso: string) =>
  new Intl.DateTimeFormat(tag(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** How long ago, in words. */
export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1_000)
  const format = new Intl.RelativeTimeFormat(tag(), { numeric: 'auto', style: 'short' })
  for (const [unit, size] of units)
    if (seconds >= size) return format.format(-Math.floor(seconds / size), unit)
  return format.format(-Math.floor(seconds), 'second')
}

/** A duration in its largest whole unit: 25 minutes, 7 days. */
export function lasting(seconds: number): string {
  const [unit, size] = units.find(([, each]) => seconds % each === 0) ?? (['second', 1] as const)
  return new Intl.NumberFormat(tag(), { style: 'unit', unit, unitDisplay: 'long' }).format(
    seconds / size,
  )
}

export const date = (iso: string) =>
  new Intl.DateTimeFormat(tag(), { dateStyle: 'medium' }).format(new Date(iso))

/** A duration as a clock: 18:42, or 1:02:03. */
export function clock(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const [h, m, s] = [Math.floor(left / 3_600), Math.floor(left / 60) % 60, left % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
