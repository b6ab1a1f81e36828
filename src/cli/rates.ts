// `numlet rates`: exchange rates from the US dollar, the currency of offers.
import type { Command } from 'commander'
import { listRates } from '../core/catalog/rates.ts'
import { changeRate } from '../core/operating/rates.ts'
import { currencyCode } from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addRates(noun: Command): void {
  verb(noun, 'list', 'List all exchange rates').action(list)
  act(noun, 'set', 'Set how much of a currency one US dollar buys; past orders keep their prices')
    .argument('<currency>', 'Three-letter code of the currency (ISO 4217)', currencyCode)
    .argument('<rate>', 'Units of the currency per US dollar, a decimal above 0')
    .action(set)
}

function list(shown: Shown) {
  return withSession(async ({ db }) => {
    const rates = await listRates(db)
    printList(
      shown,
      rates.map(({ currency, rate, updatedAt }) => ({ currency, rate, updated_at: updatedAt })),
    )
  })
}

function set(currency: string, rate: string, wanted: Reasoned) {
  return withSession(async ({ db, by, now }) => {
    await changeRate(db, now(), by(wanted.reason), currency, rate)
    printThing(wanted, { currency, rate })
  })
}
