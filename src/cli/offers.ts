// `numlet offers`: what can be bought, and at which price.
import type { Command } from 'commander'
import { logged } from '../core/audit/log.ts'
import { type Catalog, readCatalog } from '../core/catalog/catalog.ts'
import { listOffers, type NewOffer, type Offer, putOffers } from '../core/catalog/offers.ts'
import { baseCurrency } from '../core/catalog/rates.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import type { Database } from '../db/database.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addOffers(noun: Command): void {
  verb(noun, 'list', 'what is open to buy, with its stock')
    .option('--service <slug>', 'only of this service')
    .option('--country <code>', 'only of this country', read.countryCode)
    .action(list)
  verb(noun, 'set', 'make an offer of activations, or change its price')
    .requiredOption('--service <slug>', 'what the codes are for')
    .requiredOption('--country <code>', 'where the numbers are from', read.countryCode)
    .requiredOption('--operator <slug>', 'their mobile network')
    .requiredOption('--pool <id>', 'their tier of supply')
    .requiredOption('--price <usd>', 'in US dollars', read.amount)
    .action(set)
}

const offersAPage = 1_000
const baseDecimals = 2

function list(wanted: Shown & { service?: string; country?: string }) {
  return withSession(async ({ db }) => {
    const catalog = await readCatalog(db)
    const filter = {
      serviceId: wanted.service === undefined ? undefined : serviceOf(catalog, wanted.service).id,
      country: wanted.country,
    }
    const offers: Offer[] = []
    for (let page: Offer[] = [], after = 0; ; after = page.at(-1)?.id ?? 0) {
      const query = { ...filter, currency: baseCurrency, after, limit: offersAPage }
      page = await listOffers(db, query)
      offers.push(...page)
      if (page.length < offersAPage) break
    }
    printList(
      wanted,
      offers.map((offer) => ({
        offer_id: offer.id,
        kind: offer.kind,
        service: catalog.service(offer.serviceId)?.slug,
        country: offer.country,
        operator: catalog.operator(offer.operatorId)?.slug,
        pool: offer.pool,
        price: formatAmount(offer.price, baseDecimals),
        currency: baseCurrency,
        stock: offer.stock,
        success_rate: offer.successRate,
      })),
    )
  })
}

type Wanted = Shown & {
  service: string
  country: string
  operator: string
  pool: string
  price: Amount
}

function set(wanted: Wanted) {
  return withSession(async ({ db }) => {
    const offer = await offerOf(db, wanted)
    const shown = {
      kind: offer.kind,
      service: wanted.service,
      country: wanted.country,
      operator: wanted.operator,
      pool: wanted.pool,
      price: formatAmount(wanted.price, baseDecimals),
      currency: baseCurrency,
    }
    await logged(
      db,
      (tx) => tx.begin((inner) => putOffers(inner, [offer])),
      () => ({ actor, action: 'offer.set', detail: shown }),
    )
    printThing(wanted, shown)
  })
}

async function offerOf(db: Database, wanted: Wanted): Promise<NewOffer> {
  const catalog = await readCatalog(db)
  const service = serviceOf(catalog, wanted.service)
  if (!catalog.country(wanted.country)) throw new Refusal(`There is no country ${wanted.country}.`)
  const operator = catalog.operatorBySlug(wanted.country, wanted.operator)
  if (!operator) throw new Refusal(`There is no operator ${wanted.operator} in ${wanted.country}.`)
  if (!catalog.pools.some((pool) => pool.id === wanted.pool))
    throw new Refusal(`There is no pool ${wanted.pool}.`)
  const place = {
    kind: 'activation' as const,
    serviceId: service.id,
    country: wanted.country,
    operatorId: operator.id,
    pool: wanted.pool,
  }
  // A change of the price keeps the nominal success rate.
  const [before] = await listOffers(db, { ...place, currency: baseCurrency, limit: 1 })
  return { ...place, price: wanted.price, successRate: before?.successRate ?? null }
}

function serviceOf(catalog: Catalog, slug: string) {
  const service = catalog.service(slug)
  if (!service) throw new Refusal(`There is no service ${slug}.`)
  return service
}
