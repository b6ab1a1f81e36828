// `numlet suppliers routing` and `weigh`: which platform is asked first.
import type { Command } from 'commander'
import { type Catalog, readCatalog } from '../core/catalog/catalog.ts'
import {
  deleteRoutingPolicy,
  type RoutedPlace,
  setRoutingPolicy,
  weighSupplier,
} from '../core/operating/routing-policies.ts'
import {
  listPolicies,
  maxWeight,
  type RoutingPolicy,
  routingPolicies,
} from '../core/supply/routing-policies.ts'
import type { Database } from '../db/database.ts'
import * as read from './arguments.ts'
import { act, printReport, printThing, type Reasoned } from './output.ts'
import { findCountry, findService } from './places.ts'
import { withSession } from './session.ts'
import { whichSupplier } from './supplier-arguments.ts'

export function addRouting(noun: Command): void {
  act(
    noun,
    'routing',
    'Set by what the platforms of an offer are ranked; without a policy, list the policies',
  )
    .argument('[policy]', `One of ${routingPolicies.join(', ')}`, policyNamed)
    .option('--service <slug>', 'Only for this service')
    .option('--country <code>', 'Only for this country (ISO 3166)', read.countryCode)
    .option('--remove', 'Delete the policy')
    .action(route)
  act(noun, 'weigh', 'Set how often a platform is asked first, beside the others (`weighted`)')
    .argument('<name>', whichSupplier)
    .argument('<weight>', `Weight, from 0 (last) to ${maxWeight}; 100 by default`, read.count)
    .action((name: string, weight: number, wanted: Reasoned) =>
      withSession(async ({ db, by }) => {
        await weighSupplier(db, by(wanted.reason), name, weight)
        printThing(wanted, { name, weight })
      }),
    )
}

function policyNamed(text: string): RoutingPolicy {
  const found = routingPolicies.find((one) => one === text)
  if (!found) throw read.unfit(`It must be one of ${routingPolicies.join(', ')}.`)
  return found
}

type Wanted = Reasoned & { service?: string; country?: string; remove?: true }

function route(policy: RoutingPolicy | undefined, wanted: Wanted, command: Command) {
  if (policy !== undefined && wanted.remove)
    command.error('error: give a policy or --remove, not both', { exitCode: 2 })
  return withSession(async ({ db, by }) => {
    const catalog = await readCatalog(db)
    const place = placeIn(catalog, wanted)
    const shownPlace = { service: place.service?.slug ?? null, country: place.country }
    if (policy !== undefined) {
      await setRoutingPolicy(db, by(wanted.reason), place, policy)
      printThing(wanted, { ...shownPlace, policy })
      return
    }
    if (wanted.remove) await deleteRoutingPolicy(db, by(wanted.reason), place)
    printReport(wanted, { policies: await policiesOf(db, catalog, place) })
  })
}

const placeIn = (catalog: Catalog, { service, country }: Wanted): RoutedPlace => ({
  service: service === undefined ? null : findService(catalog, service),
  country: country === undefined ? null : findCountry(catalog, country).code,
})

/** The policies that the offers of a place may fall under. */
async function policiesOf(db: Database, catalog: Catalog, { service, country }: RoutedPlace) {
  return (await listPolicies(db))
    .filter(
      (one) =>
        (service === null || one.serviceId === null || one.serviceId === service.id) &&
        (country === null || one.country === null || one.country === country),
    )
    .map(({ serviceId, ...one }) => ({
      service: serviceId === null ? null : (catalog.service(serviceId)?.slug ?? null),
      ...one,
    }))
}
