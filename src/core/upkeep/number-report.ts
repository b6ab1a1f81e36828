// One number, as an operator sees it.
import type { Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { DisabledBy, NumberState } from '../inventory/sale.ts'

export type NumberReport = {
  readonly id: number
  readonly phone: string
  readonly supplier: string
  readonly country: string
  readonly operator: string
  readonly pool: string
  /** Null: imported before there were batches. */
  readonly batchId: number | null
  readonly state: NumberState
  readonly disabledBy: DisabledBy | null
  readonly disabledAt: Date | null
  /** Activations that ended. */
  readonly orders: number
  readonly withMessage: number
  readonly withCode: number
  readonly firstOrderAt: Date | null
  readonly lastOrderAt: Date | null
  readonly lastMessageAt: Date | null
  /** How many of its last orders waited in vain, one after the other, and since when. */
  readonly silentOrders: number
  readonly silentSince: Date | null
}

/** Gets a number with its results. @throws not_found */
export async function getNumber(db: Queryable, phone: string): Promise<NumberReport> {
  const [number] = await db.query<NumberReport>(
    `select n.id, n.phone, su.name as supplier, sh.country, op.slug as operator, sh.pool,
            n.batch_id as "batchId", n.state, n.disabled_by as "disabledBy", n.disabled_at as "disabledAt",
            coalesce(r.orders, 0)::float8 as orders, coalesce(r.with_message, 0)::float8 as "withMessage",
            coalesce(r.with_code, 0)::float8 as "withCode", r.first_order_at as "firstOrderAt",
            r.last_order_at as "lastOrderAt", r.last_message_at as "lastMessageAt",
            coalesce(r.silent_orders, 0) as "silentOrders", r.silent_since as "silentSince"
       from numbers n
       join suppliers su on su.id = n.supplier_id
       join shelves sh on sh.id = n.shelf_id
       join operators op on op.id = sh.operator_id
       left join number_results r on r.number_id = n.id
      where n.phone = $1`,
    [phone],
  )
  if (!number) throw new DomainError('not_found', `The number ${phone} is not in stock.`)
  return number
}
