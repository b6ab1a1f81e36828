// `numlet suppliers sync`: applies the price list of another platform, or shows what it would change.
import type { Command } from 'commander'
import type { Catalog } from '../core/catalog/catalog.ts'
import { readCatalog } from '../core/catalog/catalog.ts'
import type { Amount } from '../core/money.ts'
import { priceOf } from '../core/operating/offers.ts'
import { acceptSupplierRate, countsOf, syncSupplier } from '../core/operating/supplier-prices.ts'
import type { ProductOnSale } from '../core/supply/catalogue.ts'
import type { OfferPlace } from '../core/supply/preview.ts'
import type { PriceList, Synced } from '../core/supply/sync.ts'
import { readPriceList } from '../supply/upstream-readings.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned } from './output.ts'
import { type Session, withSession } from './session.ts'
import { whichSupplier } from './supplier-arguments.ts'
import { assertCurrency, platformNamed, refuse } from './supplier-upstream.ts'

export function addSync(noun: Command): void {
  act(noun, 'sync', 'Read the price list of another platform, and offer its numbers')
    .argument('<name>', whichSupplier)
    .option('--preview', 'Only show what would change')
    .option(
      '--pool <id>',
      'Pool of its numbers, which customers see; at first that of its name',
      pool,
    )
    .action(sync)
  act(
    noun,
    'accept-rate',
    'Sell the numbers of another platform at their prices, although its currency has moved',
  )
    .argument('<name>', whichSupplier)
    .action(accept)
}

function accept(name: string, wanted: Reasoned) {
  return withSession(async ({ db, now, by }) => {
    const { currency, after } = await acceptSupplierRate(db, now(), by(wanted.reason), name)
    printThing(wanted, { name, currency, rate: after })
  })
}

function pool(text: string): string {
  if (/^[a-z0-9_-]{1,20}$/.test(text)) return text
  throw read.unfit('It must have 1 to 20 characters: lower-case letters, digits, - and _.')
}

type Wanted = Reasoned & { preview?: true; pool?: string }

function sync(name: string, wanted: Wanted) {
  return withSession(async (session) => {
    const { db, now, by } = session
    const { list, unreadable } = await listOf(session, name)
    const preview = wanted.preview === true
    const asked = { supplier: name, pool: wanted.pool ?? null, list, preview }
    const synced = await syncSupplier(db, now(), by(wanted.reason), asked)
    print(wanted, await readCatalog(db), synced, { preview, unreadable })
  })
}

/** The network is asked before any transaction. */
async function listOf(session: Session, name: string) {
  const platform = await platformNamed(session, name)
  const { upstream, settings, currency } = platform
  const readAt = session.now()
  const reading = await readPriceList(upstream, settings)
  if (reading.kind !== 'prices') refuse('the price list', reading)
  assertCurrency(platform, reading.currency)
  const { names } = upstream.features(settings)
  const list: PriceList = { lines: reading.lines, names, currency, readAt }
  return { list, unreadable: reading.unreadable }
}

function print(
  wanted: Wanted,
  catalog: Catalog,
  synced: Synced,
  { preview, unreadable }: { readonly preview: boolean; readonly unreadable: number },
) {
  const { services, countries, operators } = synced.unknown
  const { added, changed, hidden, same } = countsOf(synced)
  const unknown = services.length + countries.length + operators.length
  const counts = {
    ...{ name: synced.supplier, pool: synced.pool, applied: !preview },
    ...{ added, changed, hidden, unknown, same, unreadable, unknown_names: synced.unknown },
  }
  const lines = linesOf(catalog, synced)
  if (wanted.json) printThing(wanted, { ...counts, lines })
  else {
    if (preview) printList(wanted, lines)
    printThing(wanted, counts)
  }
}

/** A line for each product that comes on sale, changes, or is not on sale, with the reason for that. */
function linesOf(catalog: Catalog, { added, changed, refused, withdrawn }: Synced) {
  const line = (
    what: 'added' | 'changed' | 'hidden',
    place: OfferPlace & { readonly product: string },
    now: { readonly cost: Amount; readonly stock: number; readonly price?: Amount } | null,
    { before = null, why = null }: { before?: ProductOnSale | null; why?: string | null },
  ) => ({
    ...{ what, why, product: place.product },
    service: catalog.service(place.serviceId)?.slug ?? null,
    ...{ country: place.country, operator: place.operator, duration_s: place.durationS || null },
    cost_before: before && priceOf(before.cost),
    cost: now && priceOf(now.cost),
    price_before: before && priceOf(before.price),
    price: now?.price === undefined ? null : priceOf(now.price),
    stock: now?.stock ?? null,
  })
  return [
    ...added.map((one) => line('added', one, one, {})),
    ...changed.map(({ before, after }) => line('changed', after, after, { before })),
    ...refused.map((one) => line('hidden', one.line, one.line, one)),
    ...withdrawn.map((one) => line('hidden', one, null, { before: one, why: 'withdrawn' })),
  ]
}
