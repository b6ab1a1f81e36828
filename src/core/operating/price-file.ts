// Price files: offers of activations and rentals exported as a table for spreadsheets, and imported again
// with a preview of the changes. A file is imported completely or not at all.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { readCatalog } from '../catalog/catalog.ts'
import { type NewOffer, notePricing, putOffers, setOffersActive } from '../catalog/set-offers.ts'
import type { Amount } from '../money.ts'
import { appendMany, type By, statedReason } from '../operator-log.ts'
import { allOffers, type OperatedOffer, priceOf, shownOffer } from './offers.ts'
import {
  type Column,
  hourS,
  keyOf,
  type LineProblem,
  type PriceLine,
  readLines,
  type Wanted,
} from './price-lines.ts'

/** The change that a line makes. */
export type PriceChange = {
  readonly at: number
  readonly what: 'added' | 'changed' | 'withdrawn' | 'restored'
  readonly offer: Omit<OperatedOffer, 'id' | 'closed'>
  readonly before: { readonly price: Amount; readonly active: boolean } | null
}

export type PriceFileResult = {
  /** If there are any, nothing was changed. */
  readonly problems: readonly LineProblem[]
  readonly changes: readonly PriceChange[]
  readonly unchanged: number
  readonly applied: boolean
}

/** The kinds of offers in price files: plans and mail domains have their own commands. */
const kinds = ['activation', 'rental'] as const

/** All offers as lines of a price file. */
export async function exportPrices(
  db: Queryable,
  place: { readonly service?: string | undefined; readonly country?: string | undefined },
): Promise<Record<Column, string>[]> {
  const offers = await allOffers(db, { ...place, kinds })
  return offers.map((offer) => ({
    kind: offer.kind,
    service: offer.service ?? '',
    country: offer.country ?? '',
    operator: offer.operator ?? '',
    pool: offer.pool ?? '',
    duration: durationText(offer.durationS),
    price: priceOf(offer.price),
    state: offer.active ? 'active' : 'withdrawn',
  }))
}

/**
 * Imports a price file: adds missing offers, and changes prices and states of existing ones. Offers that are
 * not in the file do not change. An empty price or state leaves that field unchanged.
 * @param preview only reports the changes
 */
export async function importPrices(
  db: Database,
  by: By,
  lines: readonly PriceLine[],
  preview: boolean,
): Promise<PriceFileResult> {
  statedReason(by.reason)
  return db.begin(async (tx) => {
    // One import at a time, so that each reports consistent states before and after.
    if (!preview) await tx.query('lock table offers in share row exclusive mode')
    const catalog = await readCatalog(tx)
    const known = new Map((await allOffers(tx, { kinds })).map((offer) => [keyOf(offer), offer]))
    const read = readLines(catalog, lines, known)
    const changes = read.wanted.flatMap((wanted) => changeOf(wanted, known.get(keyOf(wanted))))
    const unchanged = read.wanted.length - new Set(changes.map((one) => one.at)).size
    const applied = !preview && read.problems.length === 0
    if (applied) await apply(tx, by, changes)
    return { problems: read.problems, changes, unchanged, applied }
  })
}

/** The changes that a line makes: price, state, both or none. */
function changeOf(wanted: Wanted, before: OperatedOffer | undefined): PriceChange[] {
  const { at, price, active, ...place } = wanted
  const offer = {
    ...place,
    price: price ?? before?.price ?? 0n,
    active: active ?? before?.active ?? true,
  }
  if (!before) return [{ at, what: 'added', offer, before: null }]
  const was = { price: before.price, active: before.active }
  const changes: PriceChange[] = []
  if (offer.price !== was.price) changes.push({ at, what: 'changed', offer, before: was })
  if (offer.active !== was.active)
    changes.push({ at, what: offer.active ? 'restored' : 'withdrawn', offer, before: was })
  return changes
}

/** Applies the changes, with a log entry for each. */
async function apply(tx: Tx, by: By, changes: readonly PriceChange[]) {
  if (changes.length === 0) return
  const priced = changes.filter(({ what }) => what === 'added' || what === 'changed')
  const offers = priced.map(({ offer }) => newOfferOf(offer))
  await putOffers(tx, offers)
  await notePricing(tx, null, offers)
  const ids = new Map((await allOffers(tx, { kinds })).map((offer) => [keyOf(offer), offer.id]))
  const idOf = ({ offer }: PriceChange) => ids.get(keyOf(offer)) as number
  const toWithdraw = changes.filter(
    ({ offer, before }) => !offer.active && (before?.active ?? true),
  )
  const toRestore = changes.filter(({ offer, before }) => offer.active && before?.active === false)
  if (toWithdraw.length > 0) await setOffersActive(tx, toWithdraw.map(idOf), false)
  if (toRestore.length > 0) await setOffersActive(tx, toRestore.map(idOf), true)
  await appendMany(
    tx,
    by,
    changes.map((change) => ({
      action: actionOf[change.what],
      subject: { type: 'offer', id: idOf(change) } as const,
      detail: {
        ...shownOffer({ ...change.offer, id: idOf(change), closed: false }),
        before: change.before && {
          price: priceOf(change.before.price),
          active: change.before.active,
        },
        after: { price: priceOf(change.offer.price), active: change.offer.active },
        by_file: true,
      },
    })),
  )
}

const actionOf = {
  added: 'offer.set',
  changed: 'offer.set',
  withdrawn: 'offer.withdraw',
  restored: 'offer.restore',
} as const satisfies Record<PriceChange['what'], string>

function newOfferOf(offer: PriceChange['offer']): NewOffer {
  const { serviceId, country, operatorId, pool } = offer
  if (serviceId === null || country === null || operatorId === null || pool === null)
    throw new Error('an offer of a price file has a place')
  const kind = offer.kind as (typeof kinds)[number]
  return {
    kind,
    serviceId,
    country,
    operatorId,
    pool,
    price: offer.price,
    durationS: offer.durationS,
  }
}

const durationText = (seconds: number) => {
  if (seconds === 0) return ''
  return seconds % (24 * hourS) === 0 ? `${seconds / (24 * hourS)}d` : `${seconds / hourS}h`
}
