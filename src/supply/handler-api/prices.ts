// The price lists and balances of handler_api platforms, in the shapes that the family has for them.
import { done, jsonIn, no, reading, unknown } from '../answers.ts'
import { type Json, objectOf, textOf } from '../bodies.ts'
import { balanceOf, costOf, stockOf } from '../decimals.ts'
import type { Settings } from '../supplier.ts'
import type { BalanceReading, HttpAnswer, PriceLine, PriceListReading, Talk } from '../upstream.ts'
import { currencyParameter } from './ask.ts'
import { profileOf } from './profile.ts'
import { withRentals } from './rental-prices.ts'
import { requestFor } from './request.ts'
import { refusalOfAny, saidIn } from './words.ts'

export const balance = (settings: Settings): Talk<BalanceReading> => ({
  request: requestFor(settings, 'getBalance', { currency: currencyParameter(settings) }),
  read: reading((answer) => done(readBalance(answer))),
})

export function readBalance(answer: HttpAnswer): BalanceReading {
  const said = saidIn(answer)
  const told = said.word === 'ACCESS_BALANCE' ? balanceOf(said.rest) : null
  if (told !== null) return { kind: 'balance', ...told, currency: null }
  return refusalOfAny(answer, said) ?? unknown('an answer that is no balance')
}

export const priceList = (settings: Settings): Talk<PriceListReading> => ({
  request: requestFor(settings, profileOf(settings).prices, {
    currency: currencyParameter(settings),
  }),
  read: reading((answer) => {
    const read = readPrices(answer, profileOf(settings).prices === 'getPricesVerification')
    return read.kind === 'prices' ? withRentals(settings, read) : done(read)
  }),
})

/** More than any platform has. */
const maxLines = 500_000

/** @param isByService whether the list is by service, then by country */
export function readPrices(answer: HttpAnswer, isByService = false): PriceListReading {
  // @NOTE numbers of prices are short: the shortest text of one is what was written, and a list of all prices
  // takes half the time to read
  const json = /^\s*[[{]/.test(answer.body) ? jsonIn(answer.body) : undefined
  if (json === undefined || isFailure(json)) {
    const refusal = refusalOfAny(answer, saidIn(answer))
    if (refusal !== null) return refusal.class === 'busy' ? refusal : no('key', refusal.retryAfterS)
    return unknown('an answer that is no price list')
  }
  const lines: PriceLine[] = []
  let unreadable = 0
  // One platform writes a list of such objects.
  for (const table of Array.isArray(json) ? json : [json])
    for (const [outer, row] of Object.entries(objectOf(table)))
      for (const [inner, cell] of Object.entries(objectOf(row))) {
        const [service, country] = isByService ? [outer, inner] : [inner, outer]
        const best = lines.length < maxLines ? bestIn(cell) : null
        if (best === null) unreadable++
        else lines.push({ product: { service, country, operator: null, pool: null }, ...best })
      }
  return { kind: 'prices', lines, currency: null, unreadable }
}

const isFailure = (json: unknown) => {
  const { title, status } = objectOf(json)
  return typeof title === 'string' || status === 'error'
}

type Tier = Pick<PriceLine, 'cost' | 'stock'>

/** The cheapest that is in stock, else the cheapest, of a cell: one price, a number left at each price, or a
 * price of each provider. */
function bestIn(cell: unknown): Tier | null {
  const fields = objectOf(cell)
  const single = tierOf(fields)
  if (single !== null) return single
  const tiers = Object.entries(fields).flatMap(([name, value]) => {
    const tier = typeof value === 'object' ? tierOf(objectOf(value)) : tierAt(name, value)
    return tier ?? []
  })
  const [best] = tiers.toSorted((a, b) =>
    a.stock > 0 === b.stock > 0 ? (a.cost < b.cost ? -1 : 1) : a.stock > 0 ? -1 : 1,
  )
  return best ?? null
}

function tierOf({ cost, price, count }: Json): Tier | null {
  const amount = costOf(textOf(cost ?? price))
  return amount === null ? null : { cost: amount, stock: stockOf(textOf(count)) }
}

function tierAt(price: string, count: unknown): Tier | null {
  const cost = costOf(price)
  return cost === null ? null : { cost, stock: stockOf(textOf(count)) }
}
