// The ids of two other protocols: complete, and in agreement with our own tables.
import { expect, test } from 'vitest'
import {
  countries,
  type ProtocolCountryRow,
  type ProtocolServiceRow,
  protocolCountries,
  protocolServices,
  services,
} from '../../src/core/catalog/data/load.ts'
import { expectUnique } from './unique.ts'

const handlerServices = protocolServices('handler-api')
const handlerCountries = protocolCountries('handler-api')
const fivesimServices = protocolServices('fivesim')
const fivesimCountries = protocolCountries('fivesim')

test('no row of the protocols is lost', () => {
  expect(handlerServices).toHaveLength(536)
  expect(fivesimServices).toHaveLength(292)
  expect(handlerCountries).toHaveLength(186)
  expect(fivesimCountries).toHaveLength(175)
})

test('the codes that are most used stand for the right things', () => {
  const serviceOf = (code: string) => handlerServices.find((row) => row.code === code)?.service
  expect(['wa', 'tg', 'go', 'ig', 'fb', 'tw', 'ds', 'oi', 'ts', 'dr', 'ot'].map(serviceOf)).toEqual(
    'whatsapp telegram google instagram facebook twitter discord tinder paypal openai other'.split(
      ' ',
    ),
  )
  const countryOf = (code: string) => handlerCountries.find((row) => row.code === code)?.country
  expect(['0', '6', '16', '19', '22', '43', '66', '187'].map(countryOf)).toEqual(
    'RU ID GB NG IN DE PK US'.split(' '),
  )
})

test('every service code of ours is in the protocol, under the row that carries our slug', () => {
  for (const service of services) {
    expectCarried(handlerServices, service.ids['handler-api'], service.slug)
    expectCarried(fivesimServices, service.ids.fivesim, service.slug)
  }
})

test('a code that stands twice means one service', () => {
  for (const rows of [handlerServices, fivesimServices]) {
    expectUnique(
      rows.map((row) => row.service),
      'service',
    )
    expectUnique(
      rows.map((row) => `${row.code} ${row.name}`),
      'code and name',
    )
  }
  expect(handlerServices.filter((row) => row.code === 'lf').map((row) => row.service)).toEqual([
    'tiktok',
    null,
  ])
})

test('country ids agree with the country table, aliases apart', () => {
  const ours = (dialect: string) =>
    countries
      .filter((country) => country.ids[dialect] !== undefined)
      .map((country) => `${country.ids[dialect]} ${country.iso2}`)
      .sort()
  expect(shown(handlerCountries)).toEqual(ours('handler-api'))
  expect(shown(fivesimCountries)).toEqual(ours('fivesim'))
  for (const rows of [handlerCountries, fivesimCountries]) {
    expectUnique(
      rows.map((row) => row.code),
      'code',
    )
  }
})

test('the virtual United States are an alias', () => {
  expect(handlerCountries.filter((row) => row.isAlias)).toEqual([
    { code: '12', country: 'US', isAlias: true },
  ])
})

function expectCarried(
  rows: readonly ProtocolServiceRow[],
  code: string | undefined,
  slug: string,
) {
  if (code === undefined) return
  expect(rows.find((row) => row.code === code)?.service, code).toBe(slug)
}

function shown(rows: readonly ProtocolCountryRow[]): string[] {
  return rows
    .filter((row) => !row.isAlias)
    .map((row) => `${row.code} ${row.country}`)
    .sort()
}
