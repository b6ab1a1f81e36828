// `numlet suppliers sources` and `trust`: what a platform's stock looks like, and how much of it is shown.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { formatAmount } from '../core/money.ts'
import { trustSupplier } from '../core/operating/source-trust.ts'
import { listSources, type SourceRow } from '../core/supply/source-trust.ts'
import type { Database } from '../db/database.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { findCountry, findService } from './places.ts'
import { withSession } from './session.ts'
import { whichSupplier } from './supplier-arguments.ts'

export function addSources(noun: Command): void {
  placed(verb(noun, 'sources', 'List the products of a platform that serve offers'))
    .option('--limit <count>', 'Number of products to list', read.limit, 1_000)
    .action(sources)
  placed(
    act(noun, 'trust', 'Set how much of the stock that a platform shows is shown to customers'),
  )
    .argument('<percent>', 'From 0 (none) to 100, the default', read.count)
    .action(trust)
}

const placed = (command: Command): Command =>
  command
    .argument('<name>', whichSupplier)
    .option('--service <slug>', 'Only for this service')
    .option('--country <code>', 'Only for this country (ISO 3166)', read.countryCode)

type Place = { readonly service?: string; readonly country?: string }

async function placeIn(db: Database, { service, country }: Place) {
  const catalog = await readCatalog(db)
  return {
    service: service === undefined ? null : findService(catalog, service),
    country: country === undefined ? null : findCountry(catalog, country).code,
  }
}

function sources(name: string, wanted: Shown & Place & { readonly limit: number }) {
  return withSession(async ({ db }) => {
    const { service, country } = await placeIn(db, wanted)
    const { id: supplierId } = await getSupplier(db, name)
    const place = { supplierId, serviceId: service?.id ?? null, country }
    printList(wanted, (await listSources(db, place, wanted.limit)).map(shownSource))
  })
}

const shownSource = ({ cost, seenAt, emptyStreak, hiddenUntil, ...source }: SourceRow) => ({
  ...{ service: source.service, country: source.country, operator: source.operator },
  ...{ pool: source.pool, duration: read.shownDuration(source.durationS) },
  ...{ product: source.product, state: source.state },
  ...{ cost: formatAmount(cost, 2), currency: source.currency },
  ...{ stock: source.stock, seen_at: seenAt, trust_percent: source.trust },
  ...{ empty_streak: emptyStreak, hidden_until: hiddenUntil },
})

function trust(name: string, percent: number, wanted: Reasoned & Place) {
  return withSession(async ({ db, by, now }) => {
    const { service, country } = await placeIn(db, wanted)
    const place = { supplier: name, service, country }
    const products = await trustSupplier(db, by(wanted.reason), now(), place, percent)
    printThing(wanted, {
      ...{ name, service: service?.slug ?? null, country, trust_percent: percent, products },
    })
  })
}
