// `numlet countries`: where numbers are from; nothing of a closed one is sold.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { closeCountry } from '../core/catalog/deny-list.ts'
import { actor } from './actor.ts'
import { countryCode } from './arguments.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addCountries(noun: Command): void {
  verb(noun, 'list', 'all countries').action(list)
  verb(noun, 'close', 'sell no number of a country from now on')
    .argument('<code>', 'its two letters', countryCode)
    .action((code: string, shown: Shown) => setClosed(code, true, shown))
  verb(noun, 'open', 'sell numbers of a country again')
    .argument('<code>', 'its two letters', countryCode)
    .action((code: string, shown: Shown) => setClosed(code, false, shown))
}

function list(shown: Shown) {
  return withSession(async ({ db }) => {
    const { countries } = await readCatalog(db)
    printList(
      shown,
      countries.map(({ code, number, name, callingCode, closed }) => ({
        country: code,
        number,
        name,
        calling_code: callingCode,
        closed,
      })),
    )
  })
}

function setClosed(code: string, closed: boolean, shown: Shown) {
  return withSession(async ({ db }) => {
    await closeCountry(db, actor, code, closed)
    printThing(shown, { country: code, closed })
  })
}
