// The offers and the balance of another Numlet.
import { done, jsonIn, lineOf, reading, unknown } from '../answers.ts'
import { objectOf, textOf } from '../bodies.ts'
import { balanceOf, costOf, stockOf } from '../decimals.ts'
import type { Settings } from '../supplier.ts'
import type {
  BalanceReading,
  HttpAnswer,
  PriceLine,
  PriceListReading,
  Step,
  Talk,
} from '../upstream.ts'
import { refusalOfAny, requestFor } from './request.ts'

export const balance = (settings: Settings): Talk<BalanceReading> => ({
  request: requestFor(settings, 'GET', { path: ['balance'] }),
  read: reading((answer) => done(readBalance(answer))),
})

export function readBalance(answer: HttpAnswer): BalanceReading {
  const { balance: text, currency } = objectOf(jsonIn(answer.body))
  const told = answer.status === 200 ? balanceOf(textOf(text)) : null
  if (told !== null) return { kind: 'balance', ...told, currency: lineOf(currency, 3) }
  return refusalOfAny(answer) ?? unknown('an answer that is no balance')
}

/** A hundred thousand offers. */
const maxPages = 1_000

const kinds = ['activation', 'rental']

/** Activations, and then rentals. */
export const priceList = (settings: Settings): Talk<PriceListReading> =>
  pageOf(settings, { lines: [], currency: null, unreadable: 0 }, { kinds, cursor: null, pages: 0 })

type Read = {
  /** Page by page: a list that is copied with each of a thousand pages would take minutes. */
  readonly lines: readonly (readonly PriceLine[])[]
  readonly currency: string | null
  readonly unreadable: number
}

type Place = {
  readonly kinds: readonly string[]
  readonly cursor: string | null
  readonly pages: number
}

function pageOf(
  settings: Settings,
  before: Read,
  { kinds: [kind = '', ...later], cursor, pages }: Place,
): Talk<PriceListReading> {
  const query = { kind, limit: '100', ...(cursor === null ? {} : { cursor }) }
  return {
    request: requestFor(settings, 'GET', { path: ['offers'], query }),
    read: reading((answer): Step<PriceListReading> => {
      const { data, next_cursor } = objectOf(jsonIn(answer.body))
      if (answer.status !== 200 || !Array.isArray(data))
        return done(refusalOfAny(answer) ?? unknown('an answer that is no price list'))
      const read = withOffers(before, data)
      const next = lineOf(next_cursor, 100)
      const rest = next === null ? later : [kind, ...later]
      if (rest.length === 0) return done({ kind: 'prices', ...read, lines: read.lines.flat() })
      // A list without an end is none.
      if (pages + 1 >= maxPages) return done(unknown('the price list has no end'))
      return { next: pageOf(settings, read, { kinds: rest, cursor: next, pages: pages + 1 }) }
    }),
  }
}

function withOffers({ lines, currency, unreadable }: Read, offers: readonly unknown[]): Read {
  const found = offers.map((one) => lineIn(objectOf(one)))
  const read = found.flatMap((one) => (one === null ? [] : [one]))
  return {
    lines: [...lines, read],
    currency: currency ?? lineOf(objectOf(offers[0]).currency, 3),
    unreadable: unreadable + found.length - read.length,
  }
}

function lineIn(offer: Readonly<Record<string, unknown>>): PriceLine | null {
  const [service, country] = [lineOf(offer.service, 100), lineOf(offer.country, 2)]
  const cost = costOf(textOf(offer.price))
  if (service === null || country === null || cost === null) return null
  const operator = lineOf(offer.operator, 100)
  const pool = lineOf(offer.pool, 100)
  const durationS = Number(textOf(offer.duration))
  const isRental = offer.kind === 'rental'
  if (isRental && !(Number.isSafeInteger(durationS) && durationS > 0)) return null
  return {
    product: { service, country, operator, pool, ...(isRental ? { durationS } : {}) },
    cost,
    stock: stockOf(textOf(offer.stock)),
  }
}
