// Reading messages: a customer reads those of an order; an operator those that reached no order.
import type { Database, Queryable } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'

export type OrderMessage = {
  readonly id: bigint
  /** The service of the order that it is for. */
  readonly serviceId: number | null
  readonly sender: string
  /** Null after its retention time. */
  readonly text: string | null
  readonly code: string | null
  readonly receivedAt: Date
  /** Null for text messages, like the next two fields. */
  readonly subject: string | null
  /** Sanitised markup: it runs and loads nothing. Null if the email had none, or is purged. */
  readonly html: string | null
  /** One line for people. */
  readonly headline: string | null
}

/** The messages of an order, oldest first; concurrent reads are combined into one query. */
export function messageReader(db: Database): (orderId: bigint) => Promise<OrderMessage[]> {
  return gather<bigint, OrderMessage[]>({
    maxBatch: 500,
    maxRunning: 2,
    run: async (orderIds) => {
      const byOrder = await messagesOf(db, orderIds)
      return orderIds.map((id) => byOrder.get(id) ?? [])
    },
  })
}

export async function messagesOf(
  db: Queryable,
  orderIds: readonly bigint[],
): Promise<Map<bigint, OrderMessage[]>> {
  const rows = await db.query<{
    id: bigint
    order_id: bigint
    service_id: number | null
    sender: string
    text: string | null
    code: string | null
    received_at: Date
    subject: string | null
    html: string | null
    headline: string | null
  }>(
    `select id, order_id, service_id, sender, text, code, received_at, subject, html, headline
       from messages
      where order_id = any($1) and state = 'delivered' order by id`,
    [orderIds],
  )
  const byOrder = new Map<bigint, OrderMessage[]>()
  for (const row of rows) {
    const list = byOrder.get(row.order_id) ?? []
    byOrder.set(row.order_id, list)
    list.push({
      id: row.id,
      serviceId: row.service_id,
      sender: row.sender,
      text: row.text,
      code: row.code,
      receivedAt: row.received_at,
      subject: row.subject,
      html: row.html,
      headline: row.headline,
    })
  }
  return byOrder
}

/** A message that reached no order, without its text: reading that requires a reason (`readMessage`). */
export type AstrayMessage = {
  readonly id: bigint
  readonly state: 'late' | 'unmatched' | 'repeat'
  /** The recipient: a phone number or an email address. */
  readonly phone: string | null
  readonly address: string | null
  readonly sender: string
  readonly orderId: bigint | null
  readonly receivedAt: Date
}

export async function listAstray(db: Queryable, limit: number): Promise<AstrayMessage[]> {
  const rows = await db.query<{
    id: bigint
    state: AstrayMessage['state']
    phone: string | null
    address: string | null
    sender: string
    order_id: bigint | null
    received_at: Date
  }>(
    `select id, state, phone, address, sender, order_id, received_at from messages
      where state <> 'delivered' order by id desc limit $1`,
    [limit],
  )
  return rows.map((row) => ({
    id: row.id,
    state: row.state,
    phone: row.phone,
    address: row.address,
    sender: row.sender,
    orderId: row.order_id,
    receivedAt: row.received_at,
  }))
}
