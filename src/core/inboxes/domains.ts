// Mail domains: their inboxes' prices and capacity.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError, type FieldError } from '../error.ts'
import type { Amount } from '../money.ts'
import { toDomain } from './inbox.ts'
import { siteOf } from './site.ts'

/** The price of a domain's inbox, for a customer who may buy it. */
export type DomainOffer = {
  readonly offerId: number
  readonly domain: string
  /** The number of inboxes that can still be opened. */
  readonly stock: number
  /** In the requested currency. */
  readonly price: Amount
  /** The percentage of inboxes that received an email; null if there are too few orders. */
  readonly activationRate: number | null
  /** The fee for cancelling before an email arrives; at most the price. */
  readonly cancellationFee: Amount
}

/** More domains than a platform has. */
const maxDomains = 1_000

/**
 * Lists the domains for sale, the cheapest first.
 * @param wanted.site only validated: inboxes of every domain accept emails of every site; null: none given
 * @param wanted.offerIds only the domains of these offers
 * @throws invalid_request for a site that is not a domain name, service_closed
 */
export async function listDomains(
  db: Queryable,
  wanted: {
    readonly currency: string
    readonly site: string | null
    readonly offerIds?: readonly number[]
  },
): Promise<DomainOffer[]> {
  if (wanted.site !== null) await siteOf(db, wanted.site)
  return db.query<DomainOffer>(
    `select d.offer_id as "offerId", d.domain, greatest(d.capacity - d.open_inboxes, 0) as stock,
            p.price, coalesce(o.measured_rate, o.success_rate) as "activationRate",
            least(p.price, price_in(d.cancellation_fee, r.rate, cu.decimals)) as "cancellationFee"
       from email_domains d
       join offers o on o.id = d.offer_id and o.active
       join rates r on r.currency = $1
       join currencies cu on cu.code = $1
       cross join lateral (select price_in(o.price, r.rate, cu.decimals) as price) p
      where $2::int[] is null or d.offer_id = any($2)
      order by p.price, d.domain limit $3`,
    [wanted.currency, wanted.offerIds ?? null, maxDomains],
  )
}

/** A domain as its operator sets it; money in the base currency. */
export type MailDomain = {
  readonly domain: string
  readonly price: Amount
  readonly cancellationFee: Amount
  /** Seconds that an inbox stays open after an email. */
  readonly sessionS: number
  /** The maximum number of open inboxes. */
  readonly capacity: number
  readonly openInboxes: number
  readonly active: boolean
  readonly simulated: boolean
}

const columns = `d.domain, o.price, d.cancellation_fee as "cancellationFee", d.session as "sessionS",
  d.capacity, d.open_inboxes as "openInboxes", o.active, d.simulated`

/** Lists domains by name, including withdrawn ones. */
export function readDomains(db: Queryable, limit: number): Promise<MailDomain[]> {
  return db.query<MailDomain>(
    `select ${columns} from email_domains d join offers o on o.id = d.offer_id
      order by d.domain limit $1`,
    [limit],
  )
}

export type NewDomain = Pick<MailDomain, 'domain' | 'price' | 'capacity'> &
  Partial<Pick<MailDomain, 'cancellationFee' | 'sessionS' | 'simulated'>> & {
    /** Used until there are enough outcomes. */
    readonly successRate?: number
  }

export const defaultSessionS = 1_200

/** Adds a domain for sale. @throws invalid_request, also if it exists already */
export async function addDomain(tx: Tx, wanted: NewDomain): Promise<MailDomain> {
  const domain = toDomain(wanted.domain)
  if (domain === null) throw invalid('domain', 'must be a domain name, such as mail.example.com')
  assertTerms(wanted)
  const [known] = await tx.query('select 1 as yes from email_domains where domain = $1', [domain])
  if (known) throw invalid('domain', 'already exists')
  await tx.query(
    `with offer as (
       insert into offers (kind, price, success_rate) values ('email', $2, $6) returning id)
     insert into email_domains (offer_id, domain, cancellation_fee, session, capacity, simulated)
     select offer.id, $1, $3, $4, $5, $7 from offer`,
    [
      domain,
      wanted.price,
      wanted.cancellationFee ?? 0n,
      wanted.sessionS ?? defaultSessionS,
      wanted.capacity,
      wanted.successRate ?? null,
      wanted.simulated ?? false,
    ],
  )
  return findDomain(tx, domain)
}

export type DomainChange = Partial<
  Pick<MailDomain, 'price' | 'cancellationFee' | 'sessionS' | 'capacity' | 'active'>
>

/** Updates a domain's terms; open inboxes keep theirs. @throws domain_not_found, invalid_request */
export async function setDomain(
  db: Database,
  domain: string,
  change: DomainChange,
): Promise<MailDomain> {
  assertTerms(change)
  return db.begin(async (tx) => {
    const { domain: name } = await findDomain(tx, toDomain(domain) ?? domain)
    await tx.query(
      `update email_domains set cancellation_fee = coalesce($2, cancellation_fee),
         session = coalesce($3, session), capacity = coalesce($4, capacity)
        where domain = $1`,
      [name, change.cancellationFee ?? null, change.sessionS ?? null, change.capacity ?? null],
    )
    await tx.query(
      `update offers o set price = coalesce($2, o.price), active = coalesce($3, o.active)
         from email_domains d where d.domain = $1 and o.id = d.offer_id`,
      [name, change.price ?? null, change.active ?? null],
    )
    return findDomain(tx, name)
  })
}

/** @throws domain_not_found */
export async function findDomain(tx: Queryable, domain: string): Promise<MailDomain> {
  const [row] = await tx.query<MailDomain>(
    `select ${columns} from email_domains d join offers o on o.id = d.offer_id where d.domain = $1`,
    [domain],
  )
  if (!row) throw new DomainError('domain_not_found', `There is no mail domain ${domain}.`)
  return row
}

function assertTerms({ sessionS, capacity }: DomainChange): void {
  if (sessionS !== undefined && (sessionS < 60 || sessionS > 2_592_000))
    throw invalid('session', 'must be 60 to 2592000 seconds')
  if (capacity !== undefined && capacity > 10_000_000)
    throw invalid('capacity', 'must be at most 10000000')
}

function invalid(name: string, detail: string): DomainError {
  const field: FieldError = { pointer: `/${name}`, detail }
  return new DomainError('invalid_request', `The ${name} ${detail}.`, { fields: [field] })
}
