// Reading the log of deliveries.
import type { Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import {
  type DeliveryCause,
  type DeliveryEvent,
  type DeliveryEventRow,
  type DeliveryState,
  toDeliveryEvent,
} from './delivery.ts'
import { type EndpointTarget, readEndpoint } from './endpoints.ts'

export type LoggedAttempt = {
  readonly number: number
  readonly at: Date
  readonly durationMs: number
  readonly status: number | null
  readonly error: string | null
  readonly response: string | null
}

export type Delivery = {
  readonly id: bigint
  readonly endpointId: number
  readonly cause: DeliveryCause
  readonly event: DeliveryEvent
  readonly state: DeliveryState
  readonly attempts: readonly LoggedAttempt[]
  /** When it is tried next; null once it has ended. */
  readonly dueAt: Date | null
  readonly createdAt: Date
}

/** Lists an endpoint's deliveries, newest first. @throws webhook_not_found */
export async function listDeliveries(
  db: Queryable,
  wanted: EndpointTarget & {
    readonly state: DeliveryState | null
    readonly before: bigint | null
    readonly limit: number
  },
): Promise<Delivery[]> {
  await readEndpoint(db, wanted)
  const rows = await db.query<DeliveryRow>(
    `select ${columns} from webhook_deliveries d
      where d.endpoint_id = $1 and ($2::text is null or d.state = $2)
        and ($3::bigint is null or d.id < $3)
      order by d.id desc limit $4`,
    [wanted.id, wanted.state, wanted.before, wanted.limit],
  )
  return withAttempts(db, rows)
}

export type DeliveryTarget = EndpointTarget & { readonly deliveryId: bigint }

/** @throws webhook_not_found */
export async function readDelivery(db: Queryable, target: DeliveryTarget): Promise<Delivery> {
  const [row] = await db.query<DeliveryRow>(
    `select ${columns} from webhook_deliveries d
      where d.id = $1 and d.endpoint_id = $2 and d.account_id = $3`,
    [target.deliveryId, target.id, target.accountId],
  )
  if (!row) throw new DomainError('webhook_not_found', 'There is no such delivery.')
  const [delivery] = await withAttempts(db, [row])
  return delivery as Delivery
}

async function withAttempts(db: Queryable, rows: readonly DeliveryRow[]): Promise<Delivery[]> {
  const attempts = await db.query<AttemptRow>(
    `select delivery_id, number, at, duration_ms, status, error, response from webhook_attempts
      where delivery_id = any($1) order by delivery_id, number`,
    [rows.map(({ id }) => id)],
  )
  const byDelivery = Map.groupBy(attempts, (one) => one.delivery_id)
  return rows.map((row) => ({
    id: row.id,
    endpointId: row.endpoint_id,
    cause: row.cause,
    event: toDeliveryEvent(row),
    state: row.state,
    attempts: (byDelivery.get(row.id) ?? []).map((one) => ({
      number: one.number,
      at: one.at,
      durationMs: one.duration_ms,
      status: one.status,
      error: one.error,
      response: one.response,
    })),
    dueAt: row.state === 'pending' ? row.due_at : null,
    createdAt: row.created_at,
  }))
}

type AttemptRow = {
  delivery_id: bigint
  number: number
  at: Date
  duration_ms: number
  status: number | null
  error: string | null
  response: string | null
}

type DeliveryRow = DeliveryEventRow & {
  id: bigint
  endpoint_id: number
  cause: DeliveryCause
  state: DeliveryState
  due_at: Date
  created_at: Date
}

const columns = `d.id, d.endpoint_id, d.account_id, d.cause, d.type, d.event_epoch, d.event_xid::text as xid,
  d.event_id, d.order_id, d.data, d.happened_at, d.state, d.due_at, d.created_at`
