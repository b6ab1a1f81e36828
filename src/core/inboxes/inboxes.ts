// Verbs on existing inboxes.
import type { Database, Queryable } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import { DomainError } from '../error.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { claimKey, noteOrders, type Once, type Repeated } from '../idempotency/idempotency.ts'
import type { Order } from '../orders/order.ts'
import { lockOrder, type Target } from '../orders/orders.ts'
import { type OrderRow, orderColumns, toOrder } from '../orders/rows.ts'
import { type Inbox, inboxWindowS } from './inbox.ts'

/** Reads the inboxes of orders; concurrent reads are combined into one query. Number orders have none. */
export function inboxReader(db: Database): (orderId: bigint) => Promise<Inbox> {
  const find = gather<bigint, Inbox | undefined>({
    maxBatch: 500,
    maxRunning: 2,
    run: async (orderIds) => {
      const rows = await db.query<Inbox>(
        `select i.order_id as "orderId", i.address, d.domain, i.site, i.subject, i.pattern,
                i.cancel_fee as "cancelFee", i.session as "sessionS"
           from inboxes i join email_domains d on d.offer_id = i.offer_id
          where i.order_id = any($1)`,
        [orderIds],
      )
      const byOrder = new Map(rows.map((row) => [row.orderId, row]))
      return orderIds.map((id) => byOrder.get(id))
    },
  })
  return async (orderId) => {
    const inbox = await find(orderId)
    if (!inbox) throw new DomainError('order_not_found', 'There is no inbox order with this id.')
    return inbox
  }
}

/** An inbox as needed to deliver emails. It never changes. */
export type InboxInForce = {
  readonly address: string
  readonly orderId: bigint
  readonly accountId: number
  readonly serviceId: number | null
  readonly subject: string | null
  readonly pattern: string | null
  readonly sessionS: number
}

/** Finds inboxes by address. Inboxes are cached after the first lookup; whether they are open is read each
 * time. */
export type InboxDirectory = {
  /** Called for every recipient, before an email is accepted. */
  isOpen(now: Date, address: string): Promise<boolean>
  /** Open or closed: an address belongs to one order for ever. */
  find(addresses: readonly string[]): Promise<ReadonlyMap<string, InboxInForce>>
}

const remembered = 10_000

export function inboxDirectory(db: Database): InboxDirectory {
  const known = new Map<string, InboxInForce>()
  const look = async (addresses: readonly string[]) => {
    const rows = await lookUp(db, addresses)
    for (const { expiresAt: _, ...inbox } of rows) known.set(inbox.address, inbox)
    for (const oldest of known.keys()) {
      if (known.size <= remembered) break
      known.delete(oldest)
    }
    return rows
  }
  const ask = gather<{ now: Date; address: string }, boolean>({
    maxBatch: 500,
    maxRunning: 1,
    run: async (asked) => {
      const rows = await look(asked.map((one) => one.address))
      const open = new Map(rows.map((row) => [row.address, row.expiresAt]))
      return asked.map(({ now, address }) => (open.get(address)?.getTime() ?? 0) > now.getTime())
    },
  })
  return {
    isOpen: (now, address) => ask({ now, address }),
    async find(addresses) {
      const found = new Map<string, InboxInForce>()
      const missing: string[] = []
      for (const address of addresses) {
        const inbox = known.get(address)
        if (inbox) found.set(address, inbox)
        else missing.push(address)
      }
      if (missing.length > 0) for (const row of await look(missing)) found.set(row.address, row)
      return found
    },
  }
}

/** With the time until which each is open; null for closed ones. */
function lookUp(db: Queryable, addresses: readonly string[]) {
  return db.query<InboxInForce & { readonly expiresAt: Date | null }>(
    `select i.address, i.order_id as "orderId", i.account_id as "accountId",
            o.service_id as "serviceId", i.subject, i.pattern, i.session as "sessionS",
            case when o.closed_at is null then o.expires_at end as "expiresAt"
       from inboxes i join orders o on o.id = i.order_id where i.address = any($1)`,
    [addresses],
  )
}

/**
 * Waits for one more email in the same inbox, free of charge: the window starts again. A reorder counts once
 * until an email arrives; further ones change nothing.
 * @throws order_not_found, no_message_yet, order_not_resendable
 */
export function reorderInbox(
  db: Database,
  now: Date,
  target: Target & { readonly once: Once | null },
): Promise<Order | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const order = await lockOrder(tx, target)
    if (order.kind !== 'email')
      throw new DomainError('order_not_resendable', 'Only an inbox can be reordered.')
    if (order.state === 'waiting')
      throw new DomainError('no_message_yet', 'This inbox has not received a message yet.')
    if (order.state !== 'received' || order.expiresAt <= now)
      throw new DomainError('order_not_resendable', 'The inbox is closed.')
    await noteOrders(tx, target.accountId, target.once, [order.id])
    if (order.resendPending) return order
    const until = new Date(now.getTime() + inboxWindowS * 1000)
    const [row] = await tx.query<OrderRow>(
      `update orders o set resend_count = o.resend_count + 1, resend_pending = true, expires_at = $2
        where o.id = $1 returning ${orderColumns}`,
      [order.id, until],
    )
    await tx.query('update inboxes set until = $2 where order_id = $1', [order.id, until])
    await emitMany(tx, now, [ofOrder('order.resend_requested', order)])
    return toOrder(row as OrderRow)
  })
}
