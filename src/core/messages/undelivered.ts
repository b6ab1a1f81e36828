// Messages that reached no order, for operators.
import type { Queryable } from '../../db/database.ts'

/** A message that reached no order, without its text: reading that requires a reason (`readMessage`). */
export type UndeliveredMessage = {
  readonly id: bigint
  readonly state: 'late' | 'unmatched' | 'repeat'
  /** The recipient: a phone number or an email address. */
  readonly phone: string | null
  readonly address: string | null
  readonly sender: string
  readonly orderId: bigint | null
  readonly receivedAt: Date
}

/** Lists them, newest first. */
export async function listUndelivered(db: Queryable, limit: number): Promise<UndeliveredMessage[]> {
  const rows = await db.query<{
    id: bigint
    state: UndeliveredMessage['state']
    phone: string | null
    address: string | null
    sender: string
    order_id: bigint | null
    received_at: Date
  }>(
    `select id, state, phone, address, sender, order_id, received_at from messages
      where state <> 'delivered' and state <> 'claimed' order by id desc limit $1`,
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
