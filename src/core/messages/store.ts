// Storing messages of all channels.
import type { Database } from '../../db/database.ts'
import type { Link } from '../codes/links.ts'
import { newTransferId } from '../ledger/transfer-id.ts'
import { moves, takingStates } from '../orders/order.ts'
import { repeatWindowS } from './fingerprint.ts'

export type Receipt = {
  readonly messageId: bigint
  /** A late message of an order whose late code was paid for is delivered. */
  readonly state: 'delivered' | 'late' | 'unmatched'
  /** The order that received it; null if it is late or unmatched. */
  readonly orderId: bigint | null
  readonly accountId: number | null
  /** True if the message was received before, with this id or as the same text seconds ago: nothing changed,
   * and the rest of the receipt is that of the first. */
  readonly duplicate: boolean
}

/** A message with everything that was determined about it. */
export type Routed = {
  readonly supplierId: number
  readonly supplierRef: string | null
  /** The receiving number; null for emails. */
  readonly phone: string | null
  readonly numberId: number | null
  readonly sender: string
  readonly text: string
  readonly code: string | null
  readonly asWritten: string | null
  readonly links: readonly Link[]
  readonly orderId: bigint | null
  readonly serviceId: number | null
  /** Whether it can be for no other order. */
  readonly isSure: boolean
  /** Equal for the same text to the same number; null for emails. */
  readonly fingerprint: bigint | null
  readonly mail: MailParts | null
}

/** The additional fields of an email. */
export type MailParts = {
  readonly address: string
  readonly subject: string
  readonly html: string | null
  readonly headline: string | null
  /** Seconds that its inbox stays open; null if the email does not end the wait. */
  readonly sessionS: number | null
}

/** Longer texts are cut: an SMS of ten parts has 1,530 characters, and the beginning of an email suffices. */
export const maxTextLength = 20_000
export const maxSenderLength = 100
export const maxHtmlLength = 400_000

/** PostgreSQL cannot store NUL, and unpaired surrogates are not valid text. */
export const clean = (text: string, maxLength: number) =>
  text.slice(0, maxLength).replaceAll('\u0000', '').toWellFormed()

/** What the column of links holds: null if there are none. */
export const storedLinks = (links: readonly Link[]) =>
  links.length === 0 ? null : JSON.stringify(links)

/** Stores messages and updates their orders in one transaction. @returns a receipt for each */
export async function storeMessages(
  db: Database,
  now: Date,
  routed: readonly Routed[],
): Promise<Receipt[]> {
  const rows = await db.once<{
    message_id: bigint
    state: Receipt['state'] | 'claimed'
    order_id: bigint | null
    account_id: number | null
    duplicate: boolean
  }>(
    `select message_id, state, order_id, account_id, duplicate
       from receive_messages(
         p_now => $1, p_from => $2, p_to => $3, p_supplier => $4, p_ref => $5, p_channel => $6,
         p_phone => $7, p_number => $8, p_sender => $9, p_text => $10, p_code => $11,
         p_as_written => $12, p_order => $13, p_service => $14, p_transfer => $15,
         p_address => $16, p_subject => $17, p_html => $18, p_headline => $19, p_session => $20,
         p_fingerprint => $21, p_within => make_interval(secs => $22), p_links => $23,
         p_sure => $24)`,
    [
      now,
      [...takingStates],
      moves.receive.to,
      routed.map((one) => one.supplierId),
      routed.map((one) => one.supplierRef),
      routed.map((one) => (one.mail ? 'email' : 'sms')),
      routed.map((one) => one.phone),
      routed.map((one) => one.numberId),
      routed.map((one) => one.sender),
      routed.map((one) => one.text),
      routed.map((one) => one.code),
      routed.map((one) => one.asWritten),
      routed.map((one) => one.orderId),
      routed.map((one) => one.serviceId),
      routed.map(() => newTransferId(now)),
      routed.map((one) => one.mail?.address ?? null),
      routed.map((one) => one.mail?.subject ?? null),
      routed.map((one) => one.mail?.html ?? null),
      routed.map((one) => one.mail?.headline ?? null),
      routed.map((one) => one.mail?.sessionS ?? null),
      routed.map((one) => one.fingerprint),
      repeatWindowS,
      routed.map((one) => storedLinks(one.links)),
      routed.map((one) => one.isSure),
    ],
  )
  return rows.map((row) => {
    const state = row.state === 'claimed' ? 'delivered' : row.state
    return {
      messageId: row.message_id,
      state,
      orderId: state === 'delivered' ? row.order_id : null,
      accountId: state === 'delivered' ? row.account_id : null,
      duplicate: row.duplicate,
    }
  })
}
