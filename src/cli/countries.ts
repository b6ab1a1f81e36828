// `numlet countries`: countries of numbers. Nothing of a closed country is sold.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { closeCountry } from '../core/catalog/deny-list.ts'
import { countryCode } from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addCountries(noun: Command): void {
  verb(noun, 'list', 'List all countries').action(list)
  act(noun, 'close', 'Stop selling numbers of a country; open orders go on')
    .argument('<code>', 'Two-letter code of the country (ISO 3166)', countryCode)
    .action((code: string, wanted: Reasoned) => setClosed(code, true, wanted))
  act(noun, 'open', 'Sell numbers of a country again')
    .argument('<code>', 'Two-letter code of the country (ISO 3166)', countryCode)
    .action((code: string, wanted: Reasoned) => setClosed(code, false, wanted))
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

function setClosed(code: string, closed: boolean, wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    await closeCountry(db, by(wanted.reason), code, closed)
    printThing(wanted, { country: code, closed })
  })
}
