// Webhooks as one object: every verb and read of customers, with the database, the clock, the allowed
// destinations and the secrets inside.
import type { Database, Tx } from '../../db/database.ts'
import type { Repeated } from '../idempotency/idempotency.ts'
import type { Order } from '../orders/order.ts'
import { type Delivery, type DeliveryTarget, listDeliveries, readDelivery } from './deliveries.ts'
import type { Endpoint } from './endpoint.ts'
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  type EndpointChange,
  type EndpointTarget,
  type EndpointTerms,
  findEndpoint,
  listEndpoints,
  type NewEndpoint,
  putEndpoint,
  readEndpoint,
  rotateSecret,
  type Surroundings,
  type WithSecret,
} from './endpoints.ts'
import { type OrderEndpoint, orderEndpoint } from './order-endpoint.ts'
import {
  type OnceTarget,
  type Range,
  type Replayed,
  replayDelivery,
  replayRange,
  testEndpoint,
} from './replay.ts'

export type WebhookVerbs = {
  create(wanted: NewEndpoint): Promise<WithSecret | Repeated>
  list(accountId: number): Promise<Endpoint[]>
  /** @throws webhook_not_found */
  read(target: EndpointTarget): Promise<Endpoint>
  change(target: EndpointTarget, change: EndpointChange): Promise<Endpoint>
  delete(target: EndpointTarget): Promise<Endpoint>
  /** Replaces the secret. */
  rotate(target: OnceTarget): Promise<WithSecret | Repeated>
  /** Creates or changes the only endpoint of a format. */
  put(terms: EndpointTerms): Promise<WithSecret>
  /** The only endpoint of a format. @throws webhook_not_found */
  ofFormat(wanted: Parameters<typeof findEndpoint>[1]): Promise<Endpoint>
  /** Prepares an endpoint for a single order. Call the result in the transaction of the purchase. */
  forOrder(wanted: OrderEndpoint): Promise<(tx: Tx, order: Order) => Promise<void>>
  /** An endpoint's deliveries, newest first. */
  deliveries(wanted: Parameters<typeof listDeliveries>[1]): Promise<Delivery[]>
  delivery(target: DeliveryTarget): Promise<Delivery>
  /** Queues a test event. */
  test(target: OnceTarget): Promise<Delivery | Repeated>
  /** Queues a delivery again. */
  replay(target: OnceTarget & DeliveryTarget): Promise<Delivery | Repeated>
  /** Queues the events of a period again. */
  replayRange(target: OnceTarget, range: Range): Promise<Replayed | Repeated>
}

/** Composes the verbs of this folder. */
export function webhookVerbs(
  parts: Surroundings & { readonly db: Database; readonly clock: () => Date },
): WebhookVerbs {
  const { db, clock } = parts
  return {
    create: (wanted) => createEndpoint(db, clock(), parts, wanted),
    list: (accountId) => listEndpoints(db, accountId),
    read: (target) => readEndpoint(db, target),
    change: (target, change) => changeEndpoint(db, clock(), parts, target, change),
    delete: (target) => deleteEndpoint(db, clock(), target),
    rotate: (target) => rotateSecret(db, clock(), parts, target),
    put: (terms) => putEndpoint(db, clock(), parts, terms),
    ofFormat: (wanted) => findEndpoint(db, wanted),
    forOrder: (wanted) => orderEndpoint(clock(), parts, wanted),
    deliveries: (wanted) => listDeliveries(db, wanted),
    delivery: (target) => readDelivery(db, target),
    test: (target) => testEndpoint(db, clock(), target),
    replay: (target) => replayDelivery(db, clock(), target),
    replayRange: (target, range) => replayRange(db, clock(), target, range),
  }
}
