// The price list and the balance of a 5sim platform.
import { done, exactJsonOf, jsonIn, reading, unknown } from '../answers.ts'
import { objectOf, textOf } from '../bodies.ts'
import { balanceOf, costOf, stockOf } from '../decimals.ts'
import type { Settings } from '../supplier.ts'
import type { BalanceReading, HttpAnswer, PriceLine, PriceListReading, Talk } from '../upstream.ts'
import { requestFor } from './request.ts'
import { refusalOfAny, saidIn } from './words.ts'

export const balance = (settings: Settings): Talk<BalanceReading> => ({
  request: requestFor(settings, ['user', 'profile']),
  read: reading((answer) => done(readBalance(answer))),
})

export function readBalance(answer: HttpAnswer): BalanceReading {
  const told = balanceOf(textOf(objectOf(exactJsonOf(answer.body)).balance))
  if (told !== null) return { kind: 'balance', ...told, currency: null }
  return refusalOfAny(answer, saidIn(answer)) ?? unknown('an answer that is no balance')
}

export const priceList = (settings: Settings): Talk<PriceListReading> => ({
  request: requestFor(settings, ['guest', 'prices']),
  read: reading((answer) => done(readPrices(answer))),
})

/** More than 5sim has. */
const maxLines = 500_000

/** By country, then by product, then by operator. */
export function readPrices(answer: HttpAnswer): PriceListReading {
  const json = /^\s*\{/.test(answer.body) ? jsonIn(answer.body) : undefined
  if (json === undefined)
    return refusalOfAny(answer, saidIn(answer)) ?? unknown('an answer that is no price list')
  const lines: PriceLine[] = []
  let unreadable = 0
  for (const [country, products] of Object.entries(objectOf(json)))
    for (const [service, operators] of Object.entries(objectOf(products)))
      for (const [operator, cell] of Object.entries(objectOf(operators))) {
        const { cost, count } = objectOf(cell)
        const amount = lines.length < maxLines ? costOf(textOf(cost)) : null
        if (amount === null) unreadable++
        else {
          const product = { service, country, operator, pool: null }
          lines.push({ product, cost: amount, stock: stockOf(textOf(count)) })
        }
      }
  return { kind: 'prices', lines, currency: null, unreadable }
}
