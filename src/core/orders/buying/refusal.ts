// Why a purchase is refused: the error for each outcome, and what the customer is told.
import type { Database } from '../../../db/database.ts'
import { cappedKey } from '../../accounts/acting-key.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import type { Catalog, CatalogSource } from '../../catalog/catalog.ts'
import { DomainError, type ErrorCode, type ErrorDetail } from '../../error.ts'
import { type Amount, formatAmount } from '../../money.ts'
import type { OrderKind } from '../order.ts'

const refusals = {
  account_suspended: 'The account is suspended.',
  service_not_found: 'There is no such service.',
  country_not_found: 'There is no such country.',
  service_closed: 'This service is closed on this platform.',
  country_closed: 'This country is closed on this platform.',
  offer_not_found: 'There is no such offer.',
  out_of_stock: 'The requested offer is out of stock.',
  price_above_maximum: 'The price is above the maximum.',
  insufficient_balance: 'The balance is lower than the price.',
  key_limit_reached: 'The key has reached what may be spent with it on a day.',
  too_many_open_orders: 'The account has too many open orders.',
  daily_limit_reached: 'The account has reached its daily order limit.',
  too_many_cancelled: 'The account has cancelled too many of its orders today.',
} as const satisfies Partial<Record<ErrorCode, string>>

type RefusalCode = keyof typeof refusals

/** The amounts of a refusal, in one currency. */
export type RefusedMoney = {
  /** The price of one; for `insufficient_balance` the total, as far as it was added up. */
  readonly price: Amount
  readonly balance?: Amount
  readonly currency: string
}

/** The error for an outcome of a purchase. @param outcome one of the codes of `refusals` */
export function refusal(outcome: string, money?: RefusedMoney): DomainError {
  if (!(outcome in refusals)) throw new Error(`a purchase ended with ${outcome}`)
  return new DomainError(
    outcome as RefusalCode,
    refusals[outcome as RefusalCode],
    money ? { money } : {},
  )
}

/** The parts of a request that an explanation needs. */
export type PurchaseRequest = {
  readonly accountId: number
  readonly kind: OrderKind
  readonly serviceIds?: readonly (number | null)[]
  readonly country?: string | null
  readonly pool?: string | null
  readonly area?: string | null
  readonly offerId?: number | null
  readonly durationS?: number | null
  readonly maxPrice?: Amount | null
  readonly quantity?: number
}

export type Explain = <T>(now: Date, request: PurchaseRequest, work: Promise<T>) => Promise<T>

type Surroundings = {
  readonly db: Database
  readonly catalog: CatalogSource
  readonly decimals: (currency: string) => number
  readonly limits: () => DefaultLimits
}

/**
 * Adds details to the refusals of a purchase: the value, the amounts, the limits and the alternatives. It
 * reads only after a purchase was refused, so that successful purchases do not pay for it.
 */
export function refusalExplainer(around: Surroundings): Explain {
  return async (now, request, work) => {
    try {
      return await work
    } catch (error) {
      if (!(error instanceof DomainError) || !(error.code in explanations)) throw error
      const explain = explanations[error.code as keyof typeof explanations]
      const { message, detail }: Explanation = await explain({ around, now, request, error })
      throw new DomainError(error.code, message, { ...error.detail, ...detail })
    }
  }
}

type Case = {
  readonly around: Surroundings
  readonly now: Date
  readonly request: PurchaseRequest
  readonly error: DomainError
}
type Explanation = { readonly message: string; readonly detail?: ErrorDetail }

const explanations = {
  country_not_found: ({ request }) => ({ message: `There is no country ${request.country}.` }),
  service_closed: named((thing) => `${thing} is closed on this platform.`),
  country_closed: named((thing) => `${thing} is closed on this platform.`),
  out_of_stock: named((thing) => `${thing} is out of stock.`),
  offer_not_found: explainOffer,
  price_above_maximum: explainMaximum,
  insufficient_balance: explainBalance,
  key_limit_reached: explainCap,
  too_many_open_orders: explainLimit,
  daily_limit_reached: explainLimit,
  too_many_cancelled: explainLimit,
} as const satisfies Partial<
  Record<ErrorCode, (refused: Case) => Explanation | Promise<Explanation>>
>

function named(sentence: (thing: string) => string) {
  return async ({ around, request }: Case): Promise<Explanation> => {
    const thing = nameOf(await around.catalog.current(), request)
    return { message: sentence(thing) }
  }
}

/** Such as "WhatsApp in United States (US)", "offer 17" or "a rental of Telegram for 3d". */
function nameOf(catalog: Catalog, request: PurchaseRequest): string {
  const { offerId, country, pool, area, durationS, kind } = request
  if (offerId) return `Offer ${offerId}`
  const services = (request.serviceIds ?? []).flatMap((id) => catalog.service(id)?.name ?? [])
  const place = country ? catalog.country(country) : undefined
  const what = services.length > 0 ? services.join(' with ') : kindNames[kind]
  return [
    what,
    kind === 'rental' && durationS ? `for ${durationText(durationS)}` : '',
    place ? `in ${place.name} (${place.code})` : '',
    pool ? `from pool ${pool}` : '',
    area ? `with area code ${area}` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

const kindNames = {
  activation: 'This number',
  rental: 'This rental',
  email: 'This inbox',
  esim: 'This eSIM plan',
} as const satisfies Record<OrderKind, string>

/** As the API accepts it: whole days as `3d`, whole hours as `12h`, otherwise seconds. */
function durationText(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`
  return seconds % 3_600 === 0 ? `${seconds / 3_600}h` : String(seconds)
}

const maxAlternatives = 10

/** The condition that no offer fulfils: the length of a rental, the pool, or else the country. */
async function explainOffer({ around, request }: Case): Promise<Explanation> {
  const thing = nameOf(await around.catalog.current(), request)
  if (request.offerId) return { message: `${thing} does not exist or is no longer on sale.` }
  const rows = await around.db.query<{
    country: string | null
    pool: string | null
    duration: number | null
  }>(
    `select distinct o.country, o.pool, extract(epoch from o.duration)::int as duration
       from offers o
      where o.kind = $1 and o.active and ($2::int is null or o.service_id = $2)
      order by 3, 1, 2 limit 2000`,
    [request.kind, request.serviceIds?.[0] ?? null],
  )
  const here = rows.filter(({ country }) => !request.country || country === request.country)
  const durations = new Set(here.flatMap(({ duration }) => duration ?? []))
  if (request.durationS && durations.size > 0 && !durations.has(request.durationS)) {
    const alternatives = [...durations].map(durationText)
    const list = alternatives.join(', ')
    return {
      message: `${thing} is not offered. Choose a duration of ${list}.`,
      detail: { alternatives },
    }
  }
  const pools = new Set(here.flatMap(({ pool }) => pool ?? []))
  const isPool = request.pool && pools.size > 0 && !pools.has(request.pool)
  const names = isPool ? pools : new Set(rows.flatMap(({ country }) => country ?? []))
  const alternatives = [...names].slice(0, maxAlternatives)
  if (alternatives.length === 0) return { message: `${thing} is not offered.` }
  const list = `${alternatives.join(', ')}${names.size > alternatives.length ? ', and more' : ''}`
  return {
    message:
      `${thing} is not offered. It is offered in ${isPool ? 'the pools' : ''} ${list}.`.replace(
        '  ',
        ' ',
      ),
    detail: { alternatives },
  }
}

async function explainMaximum({ around, request, error }: Case): Promise<Explanation> {
  const money = error.detail.money as RefusedMoney | undefined
  const thing = nameOf(await around.catalog.current(), request)
  if (!money || request.maxPrice == null)
    return { message: `${thing} costs more than the maximum price.` }
  const { currency } = money
  const lowestPrice = formatAmount(money.price, around.decimals(currency))
  const maxPrice = formatAmount(request.maxPrice, around.decimals(currency))
  return {
    message:
      `${thing} costs at least ${lowestPrice} ${currency}, ` +
      `which is above the maximum price of ${maxPrice} ${currency}.`,
    detail: { lowestPrice, maxPrice, currency },
  }
}

function explainBalance({ around, request, error }: Case): Explanation {
  const money = error.detail.money as RefusedMoney | undefined
  if (money?.balance === undefined) return { message: error.message }
  const { currency } = money
  const price = formatAmount(money.price, around.decimals(currency))
  const balance = formatAmount(money.balance, around.decimals(currency))
  const least = (request.quantity ?? 1) > 1 ? 'at least ' : ''
  return {
    message: `The price is ${least}${price} ${currency}, and the balance is ${balance} ${currency}.`,
    detail: { price, balance, currency },
  }
}

/** @NOTE the key is still that of the request: explanations run in its context */
async function explainCap({ around, now, error }: Case): Promise<Explanation> {
  const [row] = await around.db.query<{ cap: Amount; spent: Amount; currency: string }>(
    `select k.max_spend_a_day as cap, coalesce(s.spent, 0) as spent, a.currency
       from api_keys k join accounts a on a.id = k.account_id
       left join key_spending s on s.key_id = k.id and s.day = ($2::timestamptz at time zone 'utc')::date
      where k.id = $1 and k.max_spend_a_day is not null`,
    [cappedKey(), now],
  )
  if (!row) return { message: error.message }
  const { currency } = row
  const limit = formatAmount(row.cap, around.decimals(currency))
  const spent = formatAmount(row.spent, around.decimals(currency))
  return {
    message: `The key may spend ${limit} ${currency} a day, and has spent ${spent} ${currency} today.`,
    detail: { maxSpendADay: limit, spentToday: spent, currency },
  }
}

type Limits = {
  readonly open: number | null
  readonly day: number | null
  readonly share: number | null
}

async function explainLimit({ around, now, request, error }: Case): Promise<Explanation> {
  const { maxOpenOrders, maxOrdersADay, maxCancelledPercent } = around.limits()
  const [row] = await around.db.query<Limits>(
    `select coalesce(max_open_orders, $2) as open, coalesce(max_orders_a_day, $3) as day,
            coalesce(max_cancelled_percent, $4) as share
       from accounts where id = $1`,
    [request.accountId, maxOpenOrders, maxOrdersADay, maxCancelledPercent],
  )
  const { open = null, day = null, share = null } = row ?? {}
  if (error.code === 'too_many_open_orders')
    return {
      message: `The account can have ${open} open orders at once. Finish or cancel some first.`,
      detail: limitDetail(open),
    }
  const retryAfterS = secondsToMidnight(now)
  if (error.code === 'daily_limit_reached')
    return {
      message: `The account can buy ${day} orders a day. The next day begins at 00:00 UTC.`,
      detail: { ...limitDetail(day), retryAfterS },
    }
  return {
    message: `More than ${share} percent of today's orders were cancelled. Try again after 00:00 UTC.`,
    detail: { ...limitDetail(share), retryAfterS },
  }
}

const limitDetail = (limit: number | null): ErrorDetail => (limit === null ? {} : { limit })

/** Days are UTC days. */
const secondsToMidnight = (now: Date) =>
  Math.ceil(
    (Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime()) /
      1000,
  )
