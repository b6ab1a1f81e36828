// Operators' verbs on messages: read one, purge texts early.
import type { Database, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { forgetTexts } from '../messages/retention.ts'
import { append, type By, needReason } from '../operator-log.ts'
import { orderById } from './orders.ts'

export type ReadMessage = {
  readonly text: string | null
  /** Of an email; null for text messages. */
  readonly subject: string | null
}

/** Shows a message to an operator. @throws not_found, invalid_request without a reason */
export function readMessage(db: Database, by: By, id: bigint): Promise<ReadMessage> {
  const stated = needReason(by)
  return db.begin(async (tx) => {
    const message = await lockMessage(tx, id)
    await append(tx, stated, {
      action: 'message.read',
      subject: { type: 'message', id },
      accountId: message.account_id,
    })
    return { text: message.text, subject: message.subject }
  })
}

export type MessageRow = {
  id: bigint
  state: string
  channel: 'sms' | 'email'
  phone: string | null
  address: string | null
  sender: string
  text: string | null
  subject: string | null
  html: string | null
  code: string | null
  code_as_written: string | null
  /** When an operator marked its code right; null: never. */
  corrected_at: Date | null
  order_id: bigint | null
  account_id: number | null
  /** Whether it is late and its order's customer may pay for it; null: no. */
  claimable: boolean | null
  received_at: Date
}

/** @throws not_found */
export async function lockMessage(tx: Tx, id: bigint): Promise<MessageRow> {
  const [row] = await tx.query<MessageRow>(
    `select id, state, channel, phone, address, sender, text, subject, html, code,
            code_as_written, corrected_at, order_id, account_id, claimable, received_at
       from messages where id = $1 for no key update`,
    [id],
  )
  if (!row) throw new DomainError('not_found', 'There is no such message.')
  return row
}

/** What to purge: one message, or all of an order or an account. */
export type PurgeTarget =
  | { readonly messageId: bigint }
  | { readonly orderId: bigint }
  | { readonly accountId: number }

const messagesARound = 2_000

/**
 * Purges texts and codes early. Messages of open orders are kept, because their customers wait for them.
 * @returns the numbers of purged and of kept messages
 * @throws not_found, order_not_found, invalid_request without a reason
 */
export async function purgeMessages(
  db: Database,
  now: Date,
  by: By,
  target: PurgeTarget,
): Promise<{ purged: number; kept: number }> {
  const stated = needReason(by)
  let purged = 0
  for (;;) {
    const round = await db.begin(async (tx) => {
      const subject = await subjectOf(tx, target)
      const { ids, kept } = await purgeable(tx, target)
      if (ids.length > 0) {
        await forgetTexts(tx, now, ids)
        await append(tx, stated, {
          action: 'message.purge',
          ...subject,
          detail: { messages: ids.length },
        })
      }
      return { count: ids.length, kept }
    })
    purged += round.count
    if (round.count < messagesARound) return { purged, kept: round.kept }
  }
}

async function subjectOf(tx: Tx, target: PurgeTarget) {
  if ('messageId' in target) {
    const { account_id: accountId } = await lockMessage(tx, target.messageId)
    return { subject: { type: 'message', id: target.messageId }, accountId } as const
  }
  if ('orderId' in target) {
    const { accountId } = await orderById(tx, target.orderId)
    return { subject: { type: 'order', id: target.orderId }, accountId } as const
  }
  const { accountId } = target
  return { subject: { type: 'account', id: accountId }, accountId } as const
}

async function purgeable(tx: Tx, target: PurgeTarget): Promise<{ ids: bigint[]; kept: number }> {
  const rows = await tx.query<{ id: bigint; is_open: boolean }>(
    `select m.id, o.id is not null and o.closed_at is null as is_open
       from messages m left join orders o on o.id = m.order_id and m.state = 'delivered'
      where m.purged_at is null
        and ($1::bigint is null or m.id = $1) and ($2::bigint is null or m.order_id = $2)
        and ($3::int is null or m.account_id = $3)
      order by is_open, m.id limit ${messagesARound} for update of m`,
    [
      'messageId' in target ? target.messageId : null,
      'orderId' in target ? target.orderId : null,
      'accountId' in target ? target.accountId : null,
    ],
  )
  const ids = rows.filter((row) => !row.is_open).map((row) => row.id)
  return { ids, kept: rows.length - ids.length }
}
