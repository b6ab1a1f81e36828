// Reading orders: single ones (in batches), and lists.
import type { Database, Queryable } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import { DomainError } from '../error.ts'
import { inNewestCell, noteOrder } from '../months/cells.ts'
import { lastId } from '../months/months.ts'
import type { Order, OrderKind, OrderState } from './order.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'

/** The number of orders in a node's cache: the last thousands of those that are read most. */
const maxRemembered = 20_000

type Remembered = { readonly version: string; readonly order: Order }

/**
 * Reads single orders. Concurrent reads are combined into one statement, which serves twice as many. An order
 * is read far more often than it changes, so it is cached with the version of its row (`xmin`, which every
 * change of a row sets). The query sends the version, and the database returns only what has changed or is
 * gone. So no result is ever older than the statement.
 *
 * The returned function throws order_not_found also for an order of another account.
 */
export function orderReader(db: Database): (accountId: number, id: bigint) => Promise<Order> {
  const remembered = new Map<bigint, Remembered>()
  const find = gather<bigint, Order | undefined>({
    name: 'orders',
    maxBatch: 500,
    maxRunning: 2,
    // @NOTE the arrays are selected so that the planner does not see their length: otherwise it plans each
    // poll anew, which takes four times as long as the rest
    run: async (ids) => {
      const before = ids.map((id) => remembered.get(id))
      // Rows without a version: orders that were archived since, or never were.
      const rows = await db.query<OrderRow & { asked: bigint; version: string | null }>(
        `select k.id as asked, ${orderColumns}, o.xmin::text as version
           from unnest((select $1::bigint[]), (select $2::text[])) as k(id, version)
           left join orders o on o.id = k.id ${inNewestCell('o.id', ids)}
          where k.version is null or o.id is null or o.xmin <> k.version::xid`,
        [ids, before.map((one) => one?.version ?? null)],
      )
      const changed = new Map<bigint, Order | undefined>()
      for (const { asked, version, ...row } of rows) {
        changed.set(asked, version === null ? undefined : toOrder(row))
        remember(remembered, asked, version, changed.get(asked))
      }
      return ids.map((id, place) => (changed.has(id) ? changed.get(id) : before[place]?.order))
    },
  })
  return async (accountId, id) => {
    const order = await find(id)
    if (order?.accountId !== accountId) throw notFound()
    return order
  }
}

function remember(
  remembered: Map<bigint, Remembered>,
  id: bigint,
  version: string | null,
  order: Order | undefined,
) {
  remembered.delete(id)
  if (version === null || order === undefined) return
  noteOrder(id)
  remembered.set(id, { version, order })
  if (remembered.size <= maxRemembered) return
  const [oldest] = remembered.keys()
  if (oldest !== undefined) remembered.delete(oldest)
}

/** Reads one order with its own statement. @throws order_not_found */
export async function orderOf(db: Queryable, accountId: number, id: bigint): Promise<Order> {
  const [order] = await ordersById(db, [id])
  if (order?.accountId !== accountId) throw notFound()
  return order
}

export async function ordersById(db: Queryable, ids: readonly bigint[]): Promise<Order[]> {
  const rows = await db.query<OrderRow>(
    `select ${orderColumns} from orders o where o.id = any($1) ${inNewestCell('o.id', ids)}`,
    [ids],
  )
  return rows.map(toOrder)
}

export type OrderFilter = {
  readonly accountId: number
  readonly states?: readonly OrderState[]
  readonly kind?: OrderKind
  readonly serviceId?: number
  readonly country?: string
  readonly phone?: string
  /** The customer's reference, exact match. */
  readonly reference?: string
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

/** As `hasNumber`: for orders `o`. */
export const isNumbered = `(o.phone is not null or o.kind not in ('activation', 'rental'))`

/** Lists an account's orders, newest first. */
// @NOTE values are selected so that the planner does not see them: otherwise it plans each list anew, for all
// months, which takes longer than the rest
// @NOTE the reference has a separate condition: the plan of a prepared statement uses no index for a
// condition that may be null
export async function listOrders(db: Queryable, filter: OrderFilter): Promise<Order[]> {
  const rows = await db.query<OrderRow>(
    `select ${orderColumns} from orders o
      where o.account_id = $1
        and o.id < (select coalesce($2::bigint, ${lastId}))
        and ((select $3::text[]) is null or o.state = any((select $3::text[])::text[]))
        and ((select $4::text) is null or o.kind = (select $4::text))
        and ((select $5::int) is null or o.service_id = (select $5::int))
        and ((select $6::text) is null or o.country = (select $6::text))
        and ((select $7::text) is null or o.phone = (select $7::text))
        and ((select $8::timestamptz) is null or o.created_at >= (select $8::timestamptz))
        and ((select $9::timestamptz) is null or o.created_at < (select $9::timestamptz))
        ${filter.numbered ? `and ${isNumbered}` : ''}
        ${filter.reference === undefined ? '' : 'and o.reference = $12'}
      order by o.id desc limit (select $10::int) offset (select $11::int)`,
    [
      filter.accountId,
      filter.before ?? null,
      filter.states ?? null,
      filter.kind ?? null,
      filter.serviceId ?? null,
      filter.country ?? null,
      filter.phone ?? null,
      filter.since ?? null,
      filter.until ?? null,
      filter.limit,
      filter.offset ?? 0,
      ...(filter.reference === undefined ? [] : [filter.reference]),
    ],
  )
  return rows.map(toOrder)
}

export const notFound = () => new DomainError('order_not_found', 'There is no such order.')
