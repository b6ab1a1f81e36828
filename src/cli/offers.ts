// `numlet offers`: offers and their prices.
import type { Command } from 'commander'
import { type Catalog, readCatalog } from '../core/catalog/catalog.ts'
import { listOffers, type Offer } from '../core/catalog/offers.ts'
import { baseCurrency } from '../core/catalog/rates.ts'
import type { Amount } from '../core/money.ts'
import * as operating from '../core/operating/offers.ts'
import type { Database } from '../db/database.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { findCountry, findOperator, findPool, findService } from './places.ts'
import { addPriceFiles } from './price-files.ts'
import { withSession } from './session.ts'

export function addOffers(noun: Command): void {
  verb(noun, 'list', 'List what can be bought, with prices and stock')
    .option('--service <slug>', 'Only of this service')
    .option('--country <code>', 'Only of this country (ISO 3166)', read.countryCode)
    .option('--withdrawn', 'Only offers that were withdrawn')
    .action(list)
  act(noun, 'set', 'Create an offer of activations or change its price')
    .requiredOption('--service <slug>', 'Service that the codes are for')
    .requiredOption('--country <code>', 'Country of the numbers (ISO 3166)', read.countryCode)
    .requiredOption('--operator <slug>', 'Mobile network of the numbers')
    .requiredOption('--pool <id>', 'Pool of the numbers')
    .requiredOption('--price <usd>', 'Price in US dollars', read.amount)
    .action(set)
  addPriceFiles(noun)
  act(noun, 'withdraw', 'Stop selling an offer; orders that were made go on')
    .argument('<offer>', 'Number of the offer', read.count)
    .action((id: number, wanted: Reasoned) => setSold(id, false, wanted))
  act(noun, 'restore', 'Sell a withdrawn offer again')
    .argument('<offer>', 'Number of the offer', read.count)
    .action((id: number, wanted: Reasoned) => setSold(id, true, wanted))
}

const offersAPage = 1_000

function list(wanted: Shown & { service?: string; country?: string; withdrawn?: true }) {
  return withSession(async ({ db }) => {
    const catalog = await readCatalog(db)
    const service = wanted.service === undefined ? undefined : findService(catalog, wanted.service)
    if (wanted.withdrawn) {
      const place = { service: service?.slug, country: wanted.country, withdrawn: true }
      printList(wanted, (await operating.allOffers(db, place)).map(shownOffer))
      return
    }
    const filter = { serviceId: service?.id, country: wanted.country }
    printList(
      wanted,
      (await openOffers(db, filter)).map((offer) => shownOpen(catalog, offer)),
    )
  })
}

async function openOffers(
  db: Database,
  filter: { readonly serviceId: number | undefined; readonly country: string | undefined },
): Promise<Offer[]> {
  const offers: Offer[] = []
  for (let page: Offer[] = [], after = 0; ; after = page.at(-1)?.id ?? 0) {
    const query = { ...filter, currency: baseCurrency, after, limit: offersAPage }
    page = await listOffers(db, query)
    offers.push(...page)
    if (page.length < offersAPage) return offers
  }
}

const shownOpen = (catalog: Catalog, offer: Offer) => ({
  offer_id: offer.id,
  kind: offer.kind,
  service: catalog.service(offer.serviceId)?.slug,
  country: offer.country,
  operator: catalog.operator(offer.operatorId)?.slug,
  pool: offer.pool,
  duration: read.shownDuration(offer.durationS),
  price: operating.priceOf(offer.price),
  currency: baseCurrency,
  stock: offer.stock,
  success_rate: offer.successRate,
})

/** An offer as every command shows it. */
export const shownOffer = (offer: operating.OperatedOffer) => ({
  offer_id: offer.id,
  kind: offer.kind,
  service: offer.service,
  country: offer.country,
  operator: offer.operator,
  pool: offer.pool,
  duration: read.shownDuration(offer.durationS),
  price: operating.priceOf(offer.price),
  currency: baseCurrency,
  state: stateOf(offer),
})

function stateOf({ active, closed }: operating.OperatedOffer) {
  if (!active) return 'withdrawn'
  return closed ? 'closed' : 'active'
}

type Wanted = Reasoned & {
  service: string
  country: string
  operator: string
  pool: string
  price: Amount
}

function set(wanted: Wanted) {
  return withSession(async ({ db, by }) => {
    const catalog = await readCatalog(db)
    const { after } = await operating.set(db, by(wanted.reason), {
      kind: 'activation',
      ...placeIn(catalog, wanted),
      price: wanted.price,
    })
    printThing(wanted, shownOffer(after))
  })
}

/** The rows of the named place. */
export function placeIn(catalog: Catalog, wanted: Omit<Wanted, 'price'>) {
  const country = findCountry(catalog, wanted.country).code
  return {
    serviceId: findService(catalog, wanted.service).id,
    country,
    operatorId: findOperator(catalog, country, wanted.operator).id,
    pool: findPool(catalog, wanted.pool).id,
  }
}

/** Withdraws or restores an offer and shows it. */
export function setSold(id: number, sold: boolean, wanted: Reasoned, kind?: 'rental') {
  return withSession(async ({ db, by }) => {
    if (kind) await operating.requireKind(db, id, kind)
    const { offer } = await operating.setSold(db, by(wanted.reason), id, sold)
    printThing(wanted, shownOffer(offer))
  })
}
