// `numlet suppliers rule`: what the numbers of other platforms are sold for, by their costs.
import type { Command } from 'commander'
import { type Catalog, readCatalog } from '../core/catalog/catalog.ts'
import { getSupplier, listSuppliers } from '../core/inventory/suppliers.ts'
import type { Amount } from '../core/money.ts'
import {
  deleteMarginRule,
  type RuledPlace,
  setMarginRule,
  shownMargin,
} from '../core/operating/margin-rules.ts'
import { type MarginRule, type Rounding, roundings } from '../core/supply/margin.ts'
import { listMarginRules } from '../core/supply/margin-rules.ts'
import type { Database } from '../db/database.ts'
import * as read from './arguments.ts'
import { act, printReport, printThing, type Reasoned } from './output.ts'
import { findCountry, findService } from './places.ts'
import { withSession } from './session.ts'

export function addMargins(noun: Command): void {
  act(
    noun,
    'rule',
    'Set how prices are made of a supplier’s costs; without a margin, list the rules',
  )
    .argument('[name]', 'Name of the supplier; without it, the rule is for all suppliers')
    .option('--service <slug>', 'Only for this service')
    .option('--country <code>', 'Only for this country (ISO 3166)', read.countryCode)
    .option('--percent <percent>', 'Percentage that is added to the cost', read.amount)
    .option('--fixed <usd>', 'Amount that is added after that, in US dollars', read.amount)
    .option('--floor <usd>', 'The lowest price, in US dollars', read.amount)
    .option('--cap <usd>', 'The highest price, in US dollars', read.amount)
    .option(
      '--round <step>',
      'Round up: 0.01 to whole cents, .99 to a price that ends in .99',
      step,
    )
    .option('--remove', 'Delete the rule')
    .action(rule)
}

/** `0.99` is meant as `.99`. */
function step(text: string): Rounding {
  const found = roundings.find((one) => one === text || `0${one}` === text)
  if (!found) throw read.unfit(`It must be one of ${roundings.join(', ')}.`)
  return found
}

type Wanted = Reasoned & {
  service?: string
  country?: string
  percent?: Amount
  fixed?: Amount
  floor?: Amount
  cap?: Amount
  round?: Rounding
  remove?: true
}

function rule(name: string | undefined, wanted: Wanted, command: Command) {
  const { percent, fixed, floor, cap, round } = wanted
  const isSet = [percent, fixed, floor, cap, round].some((one) => one !== undefined)
  if (isSet && wanted.remove)
    command.error('error: give a margin or --remove, not both', { exitCode: 2 })
  return withSession(async ({ db, by }) => {
    const catalog = await readCatalog(db)
    const place = placeIn(catalog, name, wanted)
    if (wanted.remove) await deleteMarginRule(db, by(wanted.reason), place)
    else if (isSet) {
      const margin = {
        ...{ percent: percent ?? 0n, fixed: fixed ?? 0n, floor: floor ?? null, cap: cap ?? null },
        rounding: round ?? null,
      }
      await setMarginRule(db, by(wanted.reason), place, margin)
      printThing(wanted, { ...shownPlace(place), ...shownMargin(margin) })
      return
    }
    printReport(wanted, { rules: await rulesOf(db, catalog, place) })
  })
}

function placeIn(catalog: Catalog, name: string | undefined, { service, country }: Wanted) {
  return {
    supplier: name ?? null,
    service: service === undefined ? null : findService(catalog, service),
    country: country === undefined ? null : findCountry(catalog, country).code,
  }
}

const shownPlace = ({ supplier, service, country }: RuledPlace) => ({
  supplier,
  service: service?.slug ?? null,
  country,
})

/** The rules that the products of a supplier, and of a place, may fall under. */
async function rulesOf(db: Database, catalog: Catalog, place: RuledPlace) {
  const { supplier, service, country } = place
  const supplierId = supplier === null ? null : (await getSupplier(db, supplier)).id
  const names = new Map((await listSuppliers(db, maxSuppliers)).map((one) => [one.id, one.name]))
  const isWanted = (one: MarginRule) =>
    (service === null || one.serviceId === null || one.serviceId === service.id) &&
    (country === null || one.country === null || one.country === country)
  return (await listMarginRules(db, supplierId)).filter(isWanted).map((one) => ({
    supplier: one.supplierId === null ? null : (names.get(one.supplierId) ?? null),
    service: one.serviceId === null ? null : (catalog.service(one.serviceId)?.slug ?? null),
    country: one.country,
    ...shownMargin(one),
  }))
}

const maxSuppliers = 100_000
