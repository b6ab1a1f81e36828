// Reading orders: one by one (gathered), and lists.
import type { Database, Queryable } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import { DomainError } from '../error.ts'
import type { Order, OrderKind, OrderState } from './order.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'

/**
 * Reads single orders; those asked for at the same time come with one statement, which serves twice as
 * many. The returned function throws order_not_found also for an order of another account.
 */
export function orderReader(db: Database): (accountId: number, id: bigint) => Promise<Order> {
  const find = gather<bigint, Order | undefined>({
    maxBatch: 500,
    maxRunning: 2,
    run: async (ids) => {
      const orders = new Map((await ordersById(db, ids)).map((order) => [order.id, order]))
      return ids.map((id) => orders.get(id))
    },
  })
  return async (accountId, id) => {
    const order = await find(id)
    if (order?.accountId !== accountId) throw notFound()
    return order
  }
}

/** What a poll asks: as little as a dialect's status call shows, for it is asked more than all else. */
export type OrderStatus = Pick<
  Order,
  'id' | 'accountId' | 'state' | 'phone' | 'code' | 'codeAsWritten' | 'price'
>

/** Like `orderReader`, for the status alone. */
export function statusReader(
  db: Database,
): (accountId: number, id: bigint) => Promise<OrderStatus> {
  const find = gather<bigint, OrderStatus | undefined>({
    maxBatch: 500,
    maxRunning: 2,
    run: async (ids) => {
      const rows = await db.query<OrderStatus>(
        `select id, account_id as "accountId", state, phone, code, code_as_written as "codeAsWritten",
                price from orders where id = any($1)`,
        [ids],
      )
      const byId = new Map(rows.map((row) => [row.id, row]))
      return ids.map((id) => byId.get(id))
    },
  })
  return async (accountId, id) => {
    const status = await find(id)
    if (status?.accountId !== accountId) throw notFound()
    return status
  }
}

/** One order, read by itself. @throws order_not_found */
export async function orderOf(db: Queryable, accountId: number, id: bigint): Promise<Order> {
  const [order] = await ordersById(db, [id])
  if (order?.accountId !== accountId) throw notFound()
  return order
}

export async function ordersById(db: Queryable, ids: readonly bigint[]): Promise<Order[]> {
  const rows = await db.query<OrderRow>(
    `select ${orderColumns} from orders o where o.id = any($1)`,
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
  /** Only orders older than this one: where the page before ended. */
  readonly before?: bigint
  /** Only orders made at this time or later, and before that one. */
  readonly since?: Date
  readonly until?: Date
  /** How many are passed over, for dialects whose pages are counted. */
  readonly offset?: number
  readonly limit: number
}

/** An account's orders, newest first. */
export async function listOrders(db: Queryable, filter: OrderFilter): Promise<Order[]> {
  const rows = await db.query<OrderRow>(
    `select ${orderColumns} from orders o
      where o.account_id = $1
        and ($2::text[] is null or o.state = any($2))
        and ($3::text is null or o.kind = $3)
        and ($4::int is null or o.service_id = $4)
        and ($5::text is null or o.country = $5)
        and ($6::text is null or o.phone = $6)
        and ($7::bigint is null or o.id < $7)
        and ($9::timestamptz is null or o.created_at >= $9)
        and ($10::timestamptz is null or o.created_at < $10)
      order by o.id desc limit $8 offset $11`,
    [
      filter.accountId,
      filter.states ?? null,
      filter.kind ?? null,
      filter.serviceId ?? null,
      filter.country ?? null,
      filter.phone ?? null,
      filter.before ?? null,
      filter.limit,
      filter.since ?? null,
      filter.until ?? null,
      filter.offset ?? 0,
    ],
  )
  return rows.map(toOrder)
}

export const notFound = () => new DomainError('order_not_found', 'There is no such order.')
