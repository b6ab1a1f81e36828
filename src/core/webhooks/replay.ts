// Sending again: a test, one delivery, or what was missed in a range of time.
import type { Database, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { claimKey, noteSubject, type Once, type Repeated } from '../idempotency/idempotency.ts'
import { type Delivery, type DeliveryTarget, readDelivery } from './deliveries.ts'
import type { DeliveryEvent } from './delivery.ts'
import { type Endpoint, eventNamesOf, testType, wantsEvent } from './endpoint.ts'
import { webhookNotFound } from './endpoint-rows.ts'
import { type EndpointTarget, readEndpoint } from './endpoints.ts'
import { insertDeliveries } from './queue.ts'

/** The maximum in one call. */
const maxReplayed = 1_000

export type OnceTarget = EndpointTarget & { readonly once: Once | null }

/** Queues a test event. @throws webhook_not_found, invalid_request */
export function testEndpoint(
  db: Database,
  now: Date,
  target: OnceTarget,
): Promise<Delivery | Repeated> {
  return queueing(db, now, target, async (tx, endpoint) => {
    const event: DeliveryEvent = {
      epoch: 0,
      xid: null,
      id: null,
      accountId: target.accountId,
      type: testType,
      orderId: null,
      data: { endpoint_id: target.id },
      createdAt: now,
    }
    return insertDeliveries(tx, now, 'test', [{ endpoint, event }])
  })
}

/** Queues a delivery again, whatever its state. @throws webhook_not_found, invalid_request */
export function replayDelivery(
  db: Database,
  now: Date,
  target: OnceTarget & DeliveryTarget,
): Promise<Delivery | Repeated> {
  return queueing(db, now, target, async (tx, endpoint) => {
    const { event, cause } = await readDelivery(tx, target)
    const newCause = cause === 'test' ? 'test' : 'replay'
    return insertDeliveries(tx, now, newCause, [{ endpoint, event }])
  })
}

export type Range = {
  readonly from: Date
  /** Exclusive. */
  readonly to: Date
  /** Includes events that were delivered. */
  readonly isAll: boolean
}

export type Replayed = { readonly queued: number; readonly isMore: boolean }

/**
 * Queues the events of a period again, including those from while the endpoint was disabled: events that were
 * neither delivered nor are pending, or all of them.
 * @returns the number queued, 1,000 at most; `isMore` if some are left for the next call
 * @throws webhook_not_found, invalid_request
 */
export function replayRange(
  db: Database,
  now: Date,
  target: OnceTarget,
  range: Range,
): Promise<Replayed | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const endpoint = await lockActive(tx, target)
    const events = await missedEvents(tx, endpoint, range)
    const rows = events.slice(0, maxReplayed).map((event) => ({ endpoint, event }))
    await insertDeliveries(tx, now, 'replay', rows)
    return { queued: rows.length, isMore: events.length > maxReplayed }
  })
}

async function missedEvents(tx: Tx, endpoint: Endpoint, range: Range): Promise<DeliveryEvent[]> {
  const types = eventNamesOf(endpoint.format).filter((type) => wantsEvent(endpoint, type))
  return tx.query<DeliveryEvent>(
    `select e.epoch, e.xid::text as xid, e.id, e.account_id as "accountId", e.type, e.order_id as "orderId",
            e.data, e.created_at as "createdAt"
       from events e
      where e.account_id = $1 and e.type = any($2) and e.created_at >= $3 and e.created_at < $4
        and ($7::bigint is null or e.order_id = $7)
        and ($5 or not exists (
          select from webhook_deliveries d
           where d.endpoint_id = $6 and d.event_epoch = e.epoch and d.event_xid = e.xid
             and d.event_id = e.id and d.cause = 'event'
             and d.state in ('delivered', 'pending')
          union all
          select from webhook_deliveries d
           where d.endpoint_id = $6 and d.event_epoch = e.epoch and d.event_xid = e.xid
             and d.event_id = e.id and d.cause = 'replay'
             and d.state in ('delivered', 'pending')))
      order by e.epoch, e.xid, e.id limit ${maxReplayed + 1}`,
    [
      ...[endpoint.accountId, types, range.from, range.to, range.isAll, endpoint.id],
      endpoint.orderId,
    ],
  )
}

async function queueing(
  db: Database,
  now: Date,
  target: OnceTarget,
  queue: (tx: Tx, endpoint: Endpoint) => Promise<bigint[]>,
): Promise<Delivery | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const endpoint = await lockActive(tx, target)
    const [deliveryId] = await queue(tx, endpoint)
    await noteSubject(tx, target.accountId, target.once, {
      kind: 'delivery',
      ids: [deliveryId as bigint],
    })
    return readDelivery(tx, { ...target, deliveryId: deliveryId as bigint })
  })
}

/** @NOTE locked, so that nothing is queued for an endpoint that is being disabled at the same time */
async function lockActive(tx: Tx, target: EndpointTarget): Promise<Endpoint> {
  const rows = await tx.query(
    'select 1 as yes from webhook_endpoints where account_id = $1 and id = $2 for share',
    [target.accountId, target.id],
  )
  if (rows.length === 0) throw webhookNotFound()
  const endpoint = await readEndpoint(tx, target)
  if (!endpoint.isActive)
    throw new DomainError('invalid_request', 'The endpoint is disabled. Enable it first.')
  return endpoint
}
