// Operators' verbs on offers: setting prices, withdrawing and restoring.
import type { Database, Queryable } from '../../db/database.ts'
import { baseCurrency } from '../catalog/rates.ts'
import { type NewOffer, notePricing, putOffers, setOffersActive } from '../catalog/set-offers.ts'
import { DomainError } from '../error.ts'
import { type Amount, formatAmount } from '../money.ts'
import { type By, logged } from '../operator-log.ts'

/** An offer as operators see it, including those that cannot be bought. */
export type OperatedOffer = {
  readonly id: number
  readonly kind: string
  readonly serviceId: number | null
  readonly service: string | null
  readonly country: string | null
  readonly operatorId: number | null
  readonly operator: string | null
  readonly pool: string | null
  readonly durationS: number
  /** In the base currency. */
  readonly price: Amount
  /** False if it was withdrawn. */
  readonly active: boolean
  /** Whether its service or its country is closed. */
  readonly closed: boolean
}

export type OfferPlace = {
  readonly id?: number | undefined
  readonly kinds?: readonly string[] | undefined
  readonly service?: string | undefined
  readonly country?: string | undefined
  /** Only withdrawn offers (false), or only the others (true). */
  readonly withdrawn?: boolean | undefined
}

/** Lists all offers, or those of a place, by kind and place. */
export function allOffers(db: Queryable, place: OfferPlace): Promise<OperatedOffer[]> {
  return db.query<OperatedOffer>(
    `select o.id, o.kind, o.service_id as "serviceId", s.slug as service, o.country,
            o.operator_id as "operatorId", p.slug as operator, o.pool,
            extract(epoch from o.duration)::int as "durationS", o.price, o.active,
            coalesce(s.closed, false) or coalesce(c.closed, false) as closed
       from offers o
       left join services s on s.id = o.service_id
       left join countries c on c.code = o.country
       left join operators p on p.id = o.operator_id
      where ($1::int is null or o.id = $1)
        and ($2::text[] is null or o.kind = any($2))
        and ($3::text is null or s.slug = $3)
        and ($4::text is null or o.country = $4)
        and ($5::boolean is null or o.active <> $5)
      order by o.kind, s.slug, o.country, p.slug, o.pool, o.duration, o.id`,
    [
      place.id ?? null,
      place.kinds ?? null,
      place.service ?? null,
      place.country ?? null,
      place.withdrawn ?? null,
    ],
  )
}

/** @throws offer_not_found */
async function offerById(db: Queryable, id: number): Promise<OperatedOffer> {
  const [offer] = await allOffers(db, { id })
  if (!offer) throw new DomainError('offer_not_found', `There is no offer ${id}.`)
  return offer
}

/** @throws invalid_request if the offer is of another kind, offer_not_found */
export async function requireKind(db: Queryable, id: number, kind: OperatedOffer['kind']) {
  const offer = await offerById(db, id)
  if (offer.kind !== kind)
    throw new DomainError(
      'invalid_request',
      `Offer ${id} is of the kind ${offer.kind}, not ${kind}.`,
    )
}

/** The log's details of an offer. */
export const shownOffer = (offer: OperatedOffer) => ({
  kind: offer.kind,
  service: offer.service,
  country: offer.country,
  operator: offer.operator,
  pool: offer.pool,
  duration_s: offer.durationS,
})

const shownTerms = (offer: OperatedOffer | undefined) =>
  offer ? { price: priceOf(offer.price), active: offer.active } : null

const baseDecimals = 2
/** A price of an offer as text for people. */
export const priceOf = (price: Amount) => formatAmount(price, baseDecimals)

/** Creates an offer of activations or rentals, or changes its price. Whether it is for sale does not change.
 * @returns the resulting offer, and the previous one */
export function set(
  db: Database,
  by: By,
  wanted: NewOffer,
): Promise<{ before: OperatedOffer | undefined; after: OperatedOffer }> {
  return logged(
    db,
    by,
    async (within, tx) => {
      const before = await offerAt(within, wanted)
      await putOffers(tx, [wanted])
      await notePricing(tx, null, [wanted])
      const after = await offerAt(within, wanted)
      if (!after) throw new Error('an offer that was just put is not there')
      return { before, after }
    },
    ({ before, after }) => ({
      action: 'offer.set',
      subject: { type: 'offer', id: after.id },
      detail: {
        ...shownOffer(after),
        price: priceOf(after.price),
        currency: baseCurrency,
        before: shownTerms(before),
        after: shownTerms(after),
      },
    }),
  )
}

/** Changes the price of an offer of activations or rentals. @throws offer_not_found, invalid_request */
export async function reprice(
  db: Database,
  by: By,
  id: number,
  price: Amount,
): Promise<OperatedOffer> {
  const { kind, serviceId, country, operatorId, pool, durationS } = await offerById(db, id)
  if (kind !== 'activation' && kind !== 'rental')
    throw new DomainError(
      'invalid_request',
      `Offer ${id} is of the kind ${kind}. Set its price on its plan or mail domain.`,
    )
  if (serviceId === null || country === null || operatorId === null || pool === null)
    throw new Error('an offer of numbers has a place')
  const wanted = { kind, serviceId, country, operatorId, pool, durationS, price } as const
  return (await set(db, by, wanted)).after
}

async function offerAt(db: Queryable, wanted: NewOffer): Promise<OperatedOffer | undefined> {
  const [row] = await db.query<{ id: number }>(
    `select id from offers
      where kind = $1 and service_id = $2 and country = $3 and operator_id = $4 and pool = $5
        and duration = make_interval(secs => $6)`,
    [
      wanted.kind,
      wanted.serviceId,
      wanted.country,
      wanted.operatorId,
      wanted.pool,
      wanted.durationS ?? 0,
    ],
  )
  return row && offerById(db, row.id)
}

/** Withdraws or restores an offer. Existing orders continue. Safe to repeat.
 * @throws offer_not_found */
export function setSold(
  db: Database,
  by: By,
  id: number,
  sold: boolean,
): Promise<{ offer: OperatedOffer; changed: boolean }> {
  return logged(
    db,
    by,
    async (within, tx) => {
      const before = await offerById(within, id)
      const changed = await setOffersActive(tx, [id], sold)
      return { offer: { ...before, active: sold }, changed: changed.length > 0 }
    },
    ({ offer, changed }) =>
      changed
        ? {
            action: sold ? 'offer.restore' : 'offer.withdraw',
            subject: { type: 'offer', id },
            detail: shownOffer(offer),
          }
        : null,
  )
}
