// The rentals of a handler_api platform: one request for each length and country.
import { done, reading, unknown } from '../answers.ts'
import { type Json, objectOf, textOf } from '../bodies.ts'
import { costOf, stockOf } from '../decimals.ts'
import type { Settings } from '../supplier.ts'
import type { HttpAnswer, PriceLine, PriceListReading, Step, Talk } from '../upstream.ts'
import { profileOf } from './profile.ts'
import { requestFor } from './request.ts'
import { refusalOfAny, saidIn } from './words.ts'

const hourS = 3_600
const maxLengths = 10
/** More than there are. */
const maxCountries = 300
const maxHours = 24 * 366

/** The lengths, in hours, that an operator wants to sell. */
export function rentHoursOf({ rent_hours = '' }: Settings): readonly number[] {
  return [...new Set(rent_hours.split(',').map(Number))].filter((hours) => hours > 0)
}

export const canRent = (settings: Settings): boolean =>
  profileOf(settings).hasRent && rentHoursOf(settings).length > 0

/** @returns what is wrong with the setting, as the end of a sentence; null: nothing */
export function problemOfHours(text: string): string | null {
  const hours = text.split(',')
  const isSound = hours.every((one) => /^[1-9]\d{0,3}$/.test(one) && Number(one) <= maxHours)
  if (isSound && hours.length <= maxLengths) return null
  return `must be at most ${maxLengths} numbers of hours up to ${maxHours}: 72,720`
}

type Prices = Extract<PriceListReading, { kind: 'prices' }>
/** A length, and a country; null: the request that names the countries. */
type Place = { readonly hours: number; readonly country: string | null }

/** What was read so far, place by place: a list that is copied with each of a thousand requests takes
 * long. */
type Progress = {
  readonly before: Prices
  readonly parts: readonly (readonly PriceLine[])[]
  readonly unreadable: number
}

/** Adds the rentals to a price list. */
export function withRentals(settings: Settings, prices: Prices): Step<PriceListReading> {
  const places = canRent(settings)
    ? rentHoursOf(settings).map((hours) => ({ hours, country: null }))
    : []
  return nextOf(settings, { before: prices, parts: [], unreadable: 0 }, places)
}

function nextOf(
  settings: Settings,
  progress: Progress,
  [place, ...later]: readonly Place[],
): Step<PriceListReading> {
  if (place !== undefined) return { next: ofPlace(settings, progress, place, later) }
  const { before, parts, unreadable } = progress
  const lines = [...before.lines, ...parts.flat()]
  return done({ ...before, lines, unreadable: before.unreadable + unreadable })
}

function ofPlace(
  settings: Settings,
  progress: Progress,
  { hours, country }: Place,
  later: readonly Place[],
): Talk<PriceListReading> {
  const parameters = { rent_time: String(hours), country }
  return {
    request: requestFor(settings, 'getRentServicesAndCountries', parameters),
    read: reading((answer): Step<PriceListReading> => {
      const found = readPlace(answer)
      if ('kind' in found) return done(found)
      if (country !== null) {
        const { lines, unreadable } = linesOf(found.services, country, hours * hourS)
        const parts = [...progress.parts, lines]
        const all = { ...progress, parts, unreadable: progress.unreadable + unreadable }
        return nextOf(settings, all, later)
      }
      const places = found.countries.map((one) => ({ hours, country: one }))
      return nextOf(settings, progress, [...places, ...later])
    }),
  }
}

function readPlace(
  answer: HttpAnswer,
): { readonly countries: readonly string[]; readonly services: Json } | PriceListReading {
  const said = saidIn(answer)
  if (said.word === 'OUT_OF_STOCK') return { countries: [], services: {} }
  const { countries, services } = objectOf(said.json)
  if (services === undefined)
    return refusalOfAny(answer, said) ?? unknown('an answer that is no list of rentals')
  const names = Object.values(objectOf(countries)).flatMap((one) => textOf(one) ?? [])
  return { countries: [...new Set(names)].slice(0, maxCountries), services: objectOf(services) }
}

function linesOf(services: Json, country: string, durationS: number) {
  const lines = Object.entries(services).flatMap(([service, cell]): PriceLine[] => {
    const { cost: told, quant } = objectOf(cell)
    const cost = costOf(textOf(told))
    if (cost === null) return []
    const product = { service, country, operator: null, pool: null, durationS }
    return [{ product, cost, stock: stockOf(textOf(quant)) }]
  })
  return { lines, unreadable: Object.keys(services).length - lines.length }
}
