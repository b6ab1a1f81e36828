// Reading single orders, in batches. Lists: list.ts.
import type { Database, Queryable } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import { DomainError } from '../error.ts'
import { inNewestCell, noteOrder } from '../months/cells.ts'
import type { Order } from './order.ts'
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

export const notFound = () => new DomainError('order_not_found', 'There is no such order.')
