// The country, currency and operator tables, held against ISO lists that others keep.
import { type CountryCode, getCountries, getCountryCallingCode } from 'libphonenumber-js'
import { expect, test } from 'vitest'
import { countries, currencies, operators } from '../../src/core/catalog/data/load.ts'
import { expectUnique } from './unique.ts'

const byIso2 = new Map(countries.map((country) => [country.iso2, country]))

/** Region codes that CLDR names and ISO 3166-1 does not assign: reserved, withdrawn, or groups. */
const notAssigned =
  'AC AN BU CP CQ CS CT DD DG DY EA EU EZ FQ FX HV IC JT MI NH NQ NT PC PU PZ QO QU RH SU TA TP UK UN VD WK XA XB YD YU ZR ZZ'

/** Where the name that customers look for is not the one of CLDR. */
const ownNames: Readonly<Record<string, string>> = {
  BL: 'Saint Barthélemy',
  CD: 'DR Congo',
  CG: 'Republic of the Congo',
  CI: 'Ivory Coast',
  GS: 'South Georgia and the South Sandwich Islands',
  HK: 'Hong Kong',
  HM: 'Heard Island and McDonald Islands',
  MM: 'Myanmar',
  MO: 'Macau',
  PS: 'Palestine',
  TR: 'Turkey',
  VC: 'Saint Vincent and the Grenadines',
}

test('every country of ISO 3166-1 is there, and Kosovo, and nothing else', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  const known = letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => names.of(code) !== undefined && !notAssigned.split(' ').includes(code))
  expect(countries.map((country) => country.iso2).sort()).toEqual(known)
  expect(countries).toHaveLength(250)
})

test('a country is called what it is called in English', () => {
  const names = new Intl.DisplayNames('en', { type: 'region' })
  for (const { iso2, name } of countries) {
    const usual = names.of(iso2)?.replace('&', 'and').replace('St.', 'Saint')
    expect(name, iso2).toBe(ownNames[iso2] ?? usual)
  }
})

test('calling codes are those of libphonenumber', () => {
  const withoutIso = ['AC', 'TA']
  for (const code of getCountries().filter((each) => !withoutIso.includes(each))) {
    expect(byIso2.get(code)?.callingCode, code).toBe(getCountryCallingCode(code))
  }
  for (const { iso2, callingCode } of countries) {
    expect(callingCode, iso2).toMatch(/^[1-9]\d{0,2}$/)
    expect(callingCode, iso2).toBe(codeKnownFor(iso2) ?? callingCode)
  }
})

test('every id of a country is its alone and has its form', () => {
  for (const key of ['iso2', 'iso3', 'isoNumeric', 'name', 'number'] as const) {
    expectUnique(
      countries.map((country) => country[key]),
      key,
    )
  }
  for (const dialect of ['handler-api', 'fivesim'])
    expectUnique(
      countries.map((country) => country.ids[dialect] ?? null),
      dialect,
    )
  for (const country of countries) {
    expect(country.iso2).toMatch(/^[A-Z]{2}$/)
    expect(country.iso3).toMatch(/^[A-Z]{3}$/)
    expect(country.isoNumeric).toMatch(/^\d{3}$/)
    expect(country.number).toBeGreaterThan(0)
  }
})

test('country numbers are the ones that the documents show', () => {
  const numberOf = (iso2: string) => byIso2.get(iso2)?.number
  expect(numberOf('GB')).toBe(4)
  expect(numberOf('DE')).toBe(17)
  expect(numberOf('IN')).toBe(9)
  expect(numberOf('ID')).toBe(7)
  expect(countries.find((country) => country.number === 1)?.iso2).not.toBe('US')
})

test('every country has a currency of the table', () => {
  const codes = new Set(currencies.map((currency) => currency.code))
  for (const { iso2, currency } of countries) {
    expect(codes.has(currency), `${iso2}: ${currency}`).toBe(true)
  }
})

test('a currency that one dialect takes for a country belongs to one country alone', () => {
  expect(
    countries.filter((country) => country.currency === 'PKR').map((each) => each.iso2),
  ).toEqual(['PK'])
})

test('currencies have unique codes and the decimals of ISO 4217', () => {
  expectUnique(
    currencies.map((currency) => currency.code),
    'code',
  )
  expectUnique(
    currencies.map((currency) => currency.numeric),
    'numeric',
  )
  const decimalsOf = (code: string) => currencies.find((each) => each.code === code)?.decimals
  expect(['USD', 'EUR', 'NGN', 'IDR'].map(decimalsOf)).toEqual([2, 2, 2, 2])
  expect(['JPY', 'KRW', 'VND', 'KWD', 'CLF'].map(decimalsOf)).toEqual([0, 0, 0, 3, 4])
  for (const { code, numeric, decimals, name } of currencies) {
    expect(code).toMatch(/^[A-Z]{3}$/)
    expect(numeric, code).toMatch(/^\d{3}$/)
    expect(decimals, code).toBeLessThanOrEqual(4)
    expect(name, code).not.toBe('')
  }
})

test('operators belong to a country and have ids of their own', () => {
  expectUnique(
    operators.map((operator) => operator.number),
    'number',
  )
  expectUnique(
    operators.map((operator) => `${operator.country} ${operator.slug}`),
    'slug',
  )
  for (const operator of operators) {
    expect(byIso2.has(operator.country), operator.country).toBe(true)
    expect(operator.slug).toMatch(/^[a-z0-9]+$/)
    expect(operator.slug).not.toBe('any')
    expect(operator.number).toBeGreaterThan(0)
  }
})

test('a country with operators has at least two', () => {
  for (const [country, own] of Map.groupBy(operators, (operator) => operator.country)) {
    expect(own.length, country).toBeGreaterThanOrEqual(2)
  }
})

function codeKnownFor(iso2: string): string | null {
  return getCountries().includes(iso2 as CountryCode)
    ? getCountryCallingCode(iso2 as CountryCode)
    : null
}
