// Lists of an account's orders: by what they are of, and by a text that is searched for.
import type { Queryable } from '../../db/database.ts'
import { lastId } from '../months/months.ts'
import { type Order, type OrderKind, type OrderState, openStates, rentalStates } from './order.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'

export type OrderFilter = {
  readonly accountId: number
  readonly states?: readonly OrderState[]
  readonly kinds?: readonly OrderKind[]
  readonly serviceIds?: readonly number[]
  readonly countries?: readonly string[]
  readonly phone?: string
  /** The customer's reference, exact match. */
  readonly reference?: string
  readonly search?: OrderSearch
  /** Leaves out orders that have no number, or not yet. */
  readonly numbered?: boolean
  /** Only orders older than this one: the last of the previous page. */
  readonly before?: bigint
  /** Only orders created at or after the first time, and before the second. */
  readonly since?: Date
  readonly until?: Date
  /** The number of orders to skip, for dialects with numbered pages. */
  readonly offset?: number
  readonly limit: number
}

/** A text that a customer looks for: an order matches if one of these does. */
export type OrderSearch = {
  /** The whole reference, or a part of the note or of a value of the metadata, in any case. */
  readonly text: string
  /** An order, if the text may be its id. */
  readonly id: bigint | null
  /** The last digits of a number, or all of them; at least `minDigits`. */
  readonly digits: string | null
}

/** The fewest digits of a number that are searched for: as many as the indexes have. */
export const minDigits = 4

/** Notes and metadata are searched in so many orders that have any, the newest. */
const maxNoted = 20_000

/** As `hasNumber`: for orders `o`. */
export const isNumbered = `(o.phone is not null or o.kind not in ('activation', 'rental'))`

/** Lists an account's orders, newest first. */
// @NOTE values are selected so that the planner does not see them: otherwise it plans each list anew, for all
// months, which takes longer than the rest
// @NOTE a condition that is not asked for is left out: the plan of a prepared statement uses no index for one
// that may be null
export async function listOrders(db: Queryable, filter: OrderFilter): Promise<Order[]> {
  const values: unknown[] = []
  const value = (one: unknown) => `$${values.push(one)}`
  const conditions = [
    `o.account_id = ${value(filter.accountId)}`,
    `o.id < (select coalesce(${value(filter.before ?? null)}::bigint, ${lastId}))`,
    ...conditionsOf(filter, value),
  ]
  const limit = value(filter.limit)
  const search = filter.search && searched(filter.search, conditions, limit, value)
  const rows = await db.query<OrderRow>(
    `select ${orderColumns} from orders o where ${search ?? conditions.join(' and ')}
      order by o.id desc limit (select ${limit}::int)
     offset (select ${value(filter.offset ?? 0)}::int)`,
    values,
  )
  return rows.map(toOrder)
}

type Value = (one: unknown) => string

function conditionsOf(filter: OrderFilter, value: Value): string[] {
  const { states, kinds, serviceIds, countries, phone, reference, since, until } = filter
  const oneOf = (column: string, type: string, wanted: readonly unknown[] | undefined) =>
    wanted === undefined ? [] : [`${column} = any((select ${value(wanted)}::${type}[])::${type}[])`]
  return [
    ...oneOf('o.state', 'text', states),
    ...(states === undefined ? [] : shortcutsTo(states, () => value(filter.accountId))),
    ...oneOf('o.kind', 'text', kinds),
    ...oneOf('o.service_id', 'int', serviceIds),
    ...oneOf('o.country', 'text', countries),
    ...(phone === undefined ? [] : [`o.phone = (select ${value(phone)}::text)`]),
    ...(reference === undefined ? [] : [`o.reference = ${value(reference)}`]),
    ...(since === undefined ? [] : [`o.created_at >= (select ${value(since)}::timestamptz)`]),
    ...(until === undefined ? [] : [`o.created_at < (select ${value(until)}::timestamptz)`]),
    ...(filter.numbered ? [isNumbered] : []),
  ]
}

const openList = `array['${openStates.join("','")}']`

/**
 * What follows from states that are asked for, and is found faster: no index names a state, as it changes.
 * How many orders of an account are open is counted, so the newest orders are read until all of these are
 * found; rentals are in the index of kinds.
 */
function shortcutsTo(states: readonly OrderState[], accountValue: () => string): string[] {
  if (states.every((state) => (rentalStates as readonly string[]).includes(state)))
    return [`o.kind = any((select array['rental'])::text[])`]
  if (!states.every((state) => (openStates as readonly string[]).includes(state))) return []
  const account = accountValue()
  return [
    `o.id = any(array(select e.id from orders e
       where e.account_id = ${account} and e.state = any((select ${openList})::text[])
       order by e.id desc
       limit coalesce((select u.open_orders from account_usage u where u.account_id = ${account}), 0)))`,
  ]
}

/**
 * The orders that match a search. Each way to match has its own index and gives as many as are wanted, the
 * newest ones; the newest of all of them are the result.
 */
function searched(
  { text, id, digits }: OrderSearch,
  conditions: readonly string[],
  limit: string,
  value: Value,
): string {
  const sought = value(text)
  const ways = [
    `o.reference = ${sought}`,
    ...(id === null ? [] : [`o.id = ${value(id)}::bigint`]),
    ...(digits === null ? [] : [`o.id = any(array(${ordersOfDigits(value(digits))}))`]),
  ]
  const newest = ways.map((way) => newestOf('orders o', [...conditions, way], limit))
  const noted = `(select o.* from orders o
    where ${conditions.slice(0, 2).join(' and ')} and (o.note is not null or o.metadata is not null)
    order by o.id desc limit ${maxNoted}) o`
  newest.push(newestOf(noted, [...conditions, hasText(`lower(${sought}::text)`)], limit))
  return `o.id = any(array(select f.id from (${newest.join(' union ')}) f
    order by f.id desc limit (select ${limit}::int)))`
}

const newestOf = (from: string, conditions: readonly string[], limit: string) =>
  `(select o.id from ${from} where ${conditions.join(' and ')}
    order by o.id desc limit (select ${limit}::int))`

const hasText = (sought: string) => `(strpos(lower(o.note), ${sought}) > 0 or exists (
  select from jsonb_each_text(o.metadata) m where strpos(lower(m.value), ${sought}) > 0))`

/** Orders of any account whose number ends with some digits. Leases are forgotten a day after their end. */
const ordersOfDigits = (digits: string) => `
  with n as materialized (select id from numbers
    where right(phone, ${minDigits}) = right(${digits}, ${minDigits}) and phone like '%' || ${digits})
  select l.order_id from n join leases l on l.number_id = n.id
   union all select p.order_id from n join past_leases p on p.number_id = n.id
   union all select u.order_id from upstream_leases u
    where right(u.phone, ${minDigits}) = right(${digits}, ${minDigits}) and u.phone like '%' || ${digits}`
