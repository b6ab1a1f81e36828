// Room for new inboxes: on which domains they are opened, and at which price.
import type { Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { Amount } from '../money.ts'
import { alternativesTo } from '../nearest.ts'
import type { Customer } from '../orders/buying/purchase.ts'
import { refusal } from '../orders/buying/refusal.ts'

/** What decides on which domains inboxes are opened. */
export type WantedPlaces = {
  readonly quantity: number
  /** Of these domains only; none: of any. */
  readonly domains: readonly string[]
  readonly offerId: number | null
  readonly maxPrice: Amount | null
}

/** An inbox of a domain, at its price for the customer. */
export type InboxOffer = {
  readonly offerId: number
  readonly domain: string
  readonly price: Amount
  readonly cancelFee: Amount
  readonly sessionS: number
}

/** Reserves a place for each inbox, the cheapest first. */
export async function takePlaces(
  tx: Tx,
  customer: Customer,
  wanted: WantedPlaces,
): Promise<InboxOffer[]> {
  const offers = await offersFor(tx, customer, wanted)
  const { maxPrice } = wanted
  const affordable = offers.filter((offer) => !(maxPrice !== null && offer.price > maxPrice))
  const places: InboxOffer[] = []
  for (const offer of affordable) {
    const missing = wanted.quantity - places.length
    if (missing === 0) break
    const taken = await takeSome(tx, offer.offerId, missing)
    places.push(...Array.from({ length: taken }, () => offer))
  }
  if (places.length === wanted.quantity) return places
  const isTooDear = affordable.length < offers.length
  throw isTooDear
    ? refusal('price_above_maximum', {
        price: (offers[0] as InboxOffer).price,
        currency: customer.currency,
      })
    : refusal('out_of_stock')
}

async function offersFor(tx: Tx, customer: Customer, wanted: WantedPlaces): Promise<InboxOffer[]> {
  const { domains, offerId } = wanted
  const offers = await tx.query<InboxOffer>(
    `select d.offer_id as "offerId", d.domain, p.price, d.session as "sessionS",
            least(p.price, price_in(d.cancellation_fee, $2, $3)) as "cancelFee"
       from email_domains d
       join offers o on o.id = d.offer_id and o.active
       cross join lateral (select price_in(o.price, $2, $3) as price) p
      where (cardinality($1::text[]) = 0 or d.domain = any($1))
        and ($4::int is null or d.offer_id = $4)
      order by p.price, d.domain limit $5`,
    [domains, customer.rate, customer.decimals, offerId, maxDomains],
  )
  if (offers.length === 0 && offerId !== null) throw refusal('offer_not_found')
  if (offers.length === 0 && domains.length > 0) throw await domainNotFound(tx, domains)
  return offers
}

/** More domains than a platform has. Of more, the cheapest are sold. */
const maxDomains = 1_000

async function domainNotFound(tx: Tx, domains: readonly string[]): Promise<DomainError> {
  const known = await tx.query<{ domain: string }>(
    `select d.domain from email_domains d join offers o on o.id = d.offer_id and o.active
      order by 1 limit $1`,
    [maxDomains],
  )
  const { alternatives, hint } = alternativesTo(
    domains[0] as string,
    known.map((one) => one.domain),
  )
  const names = domains.slice(0, 3).join(', ')
  return new DomainError('domain_not_found', `There is no mail domain ${names}.${hint}`, {
    alternatives,
  })
}

/** @returns the number of inboxes that the domain had room for */
async function takeSome(tx: Tx, offerId: number, wanted: number): Promise<number> {
  const [row] = await tx.query<{ room: number }>(
    `select capacity - open_inboxes as room from email_domains where offer_id = $1 for no key update`,
    [offerId],
  )
  const taken = Math.max(0, Math.min(wanted, row?.room ?? 0))
  if (taken > 0)
    await tx.query(
      'update email_domains set open_inboxes = open_inboxes + $2 where offer_id = $1',
      [offerId, taken],
    )
  return taken
}
