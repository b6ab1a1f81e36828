// `numlet rates`: what one US dollar, in which offers are priced, costs in other currencies.
import type { Command } from 'commander'
import { logged } from '../core/audit/log.ts'
import { listRates, setRate } from '../core/catalog/rates.ts'
import { actor } from './actor.ts'
import { currencyCode } from './arguments.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addRates(noun: Command): void {
  verb(noun, 'list', 'all rates').action(list)
  verb(noun, 'set', 'set what one US dollar costs; orders that were made keep their prices')
    .argument('<currency>', 'its three letters', currencyCode)
    .argument('<rate>', 'a decimal above 0')
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

function set(currency: string, rate: string, shown: Shown) {
  return withSession(async ({ db }) => {
    await logged(
      db,
      (tx) => setRate(tx, currency, rate),
      () => ({ actor, action: 'rate.set', detail: { currency, rate } }),
    )
    printThing(shown, { currency, rate })
  })
}
