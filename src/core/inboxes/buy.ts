// Buying inboxes: new addresses at one domain, or at the cheapest of several.
import type { Database, Tx } from '../../db/database.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import type { Annotations } from '../annotations.ts'
import { DomainError } from '../error.ts'
import { claimKey, noteOrders, type Once } from '../idempotency/idempotency.ts'
import type { Amount } from '../money.ts'
import type { Bought } from '../orders/buying/buy.ts'
import { type Draft, lockCustomer, placeOrders } from '../orders/buying/purchase.ts'
import { maxQuantity, type Order } from '../orders/order.ts'
import { isText } from '../text.ts'
import { inboxWindowS, newLocalPart, toDomain } from './inbox.ts'
import { assertPattern, type PatternFault, patternFault } from './pattern.ts'
import { type InboxOffer, takePlaces, type WantedPlaces } from './places.ts'
import { siteOf } from './site.ts'

export type InboxPurchase = {
  readonly accountId: number
  /** The site whose emails are expected: any domain name. */
  readonly site: string
  /** Acceptable domains, the cheapest in stock first; empty: all. */
  readonly domains: readonly string[]
  /** The domain of this offer only. */
  readonly offerId?: number | null
  /** The number of inboxes, all or none. */
  readonly quantity: number
  /** Only emails whose subject contains this text, ignoring case. */
  readonly subject: string | null
  /** A regular expression (RE2). Its first group, or else the whole match, is the code. */
  readonly pattern: string | null
  /** The maximum price of one inbox, in the account's currency. */
  readonly maxPrice?: Amount | null
  readonly annotations?: Annotations | undefined
  readonly once: Once | null
}

const maxDomains = 100
const maxSubjectLength = 200

/**
 * Buys inboxes. Each is an order; its address is never assigned again.
 * @param faultOf compiles a pattern where this blocks nobody
 * @throws invalid_request, domain_not_found, offer_not_found, service_closed, out_of_stock,
 * price_above_maximum, insufficient_balance, and the errors of `lockCustomer`
 */
export async function buyInboxes(
  db: Database,
  now: Date,
  limits: DefaultLimits,
  purchase: InboxPurchase,
  faultOf: PatternFault = async (pattern) => patternFault(pattern),
): Promise<Bought> {
  const wanted = checked(purchase)
  if (wanted.pattern !== null) await assertPattern(wanted.pattern, faultOf)
  const { accountId, once } = purchase
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, accountId, once))) return { repeated: true }
    const { site, serviceId } = await siteOf(tx, purchase.site)
    const customer = await lockCustomer(tx, now, accountId, limits, purchase.quantity)
    const places = await takePlaces(tx, customer, wanted)
    const addresses = await freshAddresses(tx, places)
    const drafts = places.map((place, i): Draft => {
      const expiresAt = new Date(now.getTime() + inboxWindowS * 1000)
      const { offerId, price } = place
      const email = addresses[i] as string
      return {
        kind: 'email',
        state: 'waiting',
        serviceId,
        offerId,
        email,
        price,
        cancelAfter: now,
        expiresAt,
        annotations: purchase.annotations,
      }
    })
    const orders = await placeOrders(tx, now, customer, drafts, { post: false })
    await openInboxes(tx, now, { ...wanted, site }, orders, places)
    await noteOrders(
      tx,
      accountId,
      once,
      orders.map((order) => order.id),
    )
    return { orders }
  })
}

type Wanted = WantedPlaces & Pick<InboxPurchase, 'subject' | 'pattern'>

function checked(purchase: InboxPurchase): Wanted {
  const { offerId, quantity, domains, pattern, maxPrice } = purchase
  if (!(quantity >= 1 && quantity <= maxQuantity))
    throw invalid('quantity', `must be 1 to ${maxQuantity}`)
  if (domains.length > maxDomains) throw invalid('domains', `must be at most ${maxDomains}`)
  const subject = purchase.subject?.trim() || null
  if (subject !== null && (subject.length > maxSubjectLength || !isText(subject)))
    throw invalid('subject', `must have at most ${maxSubjectLength} characters`)
  if (pattern !== null && !isText(pattern)) throw invalid('pattern', 'must be text')
  const names = domains.map((domain) => toDomain(domain) ?? '')
  return {
    offerId: offerId ?? null,
    quantity,
    subject,
    pattern,
    maxPrice: maxPrice ?? null,
    domains: names,
  }
}

/** Addresses that were never used. Duplicates are very unlikely; the table's key forbids them. */
async function freshAddresses(tx: Tx, places: readonly InboxOffer[]): Promise<string[]> {
  const wanted = places.map((place) => `${newLocalPart()}@${place.domain}`)
  const used = await tx.query('select 1 as yes from inboxes where address = any($1)', [wanted])
  const isFresh = used.length === 0 && new Set(wanted).size === wanted.length
  return isFresh ? wanted : freshAddresses(tx, places)
}

async function openInboxes(
  tx: Tx,
  now: Date,
  wanted: Pick<InboxPurchase, 'site' | 'subject' | 'pattern'>,
  orders: readonly Order[],
  places: readonly InboxOffer[],
) {
  await tx.query(
    `insert into inboxes (address, order_id, offer_id, cancel_fee, session, account_id, site, subject,
       pattern, opened_at, until)
     select t.*, o.account_id, $6, $7, $8, $9, o.expires_at
       from unnest($1::text[], $2::bigint[], $3::int[], $4::bigint[], $5::int[])
            as t(address, order_id, offer_id, cancel_fee, session)
       join orders o on o.id = t.order_id`,
    [
      orders.map((order) => order.email),
      orders.map((order) => order.id),
      places.map((place) => place.offerId),
      places.map((place) => place.cancelFee),
      places.map((place) => place.sessionS),
      wanted.site,
      wanted.subject,
      wanted.pattern,
      now,
    ],
  )
}

const invalid = (name: string, detail: string) =>
  new DomainError('invalid_request', `The ${name} ${detail}.`, {
    fields: [{ pointer: `/${name}`, detail }],
  })
