// Operators' verb that corrects the code of a message: it was missed, or it was wrong.
import type { Database, Tx } from '../../db/database.ts'
import { asSeen } from '../codes/direction.ts'
import { normalised } from '../codes/extract.ts'
import { foldText } from '../codes/fold.ts'
import { htmlToText } from '../codes/html.ts'
import { placesOf } from '../codes/places.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { newTransferId } from '../ledger/transfer-id.ts'
import { reviewLateCodes } from '../messages/late.ts'
import { type FoundCode, noCode } from '../messages/mail-codes.ts'
import { inShownState, isShown } from '../messages/shown.ts'
import { append, type By, needReason } from '../operator-log.ts'
import { isTaking, moves, type Order } from '../orders/order.ts'
import { lockOrder } from '../orders/orders.ts'
import { type OrderRow, orderColumns, toOrder } from '../orders/rows.ts'
import { corpusLine } from './corpus-line.ts'
import { lockMessage, type MessageRow } from './messages.ts'
import { orderById } from './orders.ts'
import { invalid } from './services.ts'

export type Corrected = {
  /** Null if the message reached no order. */
  readonly order: Order | null
  /** False if the message had this code before. */
  readonly changed: boolean
  readonly hasCode: boolean
  /** The line for the operator's own corpus, without its end; null if nothing changed. */
  readonly line: string | null
}

type Correction = {
  readonly messageId: bigint
  /** As written in the message or without separators; null: it has none. */
  readonly code: string | null
}

/**
 * Marks the right code of a message. An order that waits receives it as if it had been found at once: the
 * hold is posted, and an event tells of the code. Otherwise the order shows the code of its newest message
 * that has one; only the first code for a service of several moves money. Taking a code away moves none.
 * @throws not_found, invalid_request if the code is not in the message, the message repeats another one or
 * is purged, or no reason was given
 */
export async function correctMessage(
  db: Database,
  now: Date,
  by: By,
  correction: Correction,
): Promise<Corrected> {
  const stated = needReason(by)
  const code = correction.code === null ? null : wellFormed(correction.code)
  for (;;) {
    const done = await db.begin((tx) => correct(tx, now, stated, { ...correction, code }))
    // An order was given the message between the locks.
    if (done !== null) return done
  }
}

const codeForm = /^[A-Za-z0-9]{3,40}$/

/** As codes are stored. @throws invalid_request */
function wellFormed(text: string): string {
  const code = normalised(foldText(text))
  if (!codeForm.test(code))
    throw invalid(
      'The code must have 3 to 40 Latin letters and digits, with or without separators.',
    )
  return code
}

/** @returns null if the message's order changed meanwhile */
async function correct(
  tx: Tx,
  now: Date,
  by: By,
  { messageId, code }: Correction,
): Promise<Corrected | null> {
  // @NOTE lock orders before messages, as when messages are received
  const orderId = await orderOf(tx, messageId)
  const before = orderId === null ? null : await lockFor(tx, orderId)
  const message = await lockMessage(tx, messageId)
  if (ownerOf(message) !== orderId) return null
  assertCorrectable(message)
  const right = code === null ? null : whereIn(message, code)
  if (right?.code.toLowerCase() === message.code?.toLowerCase())
    return { ...unchanged, order: isShown(message.state) ? before : null, hasCode: code !== null }
  const found: FoundCode = right ?? noCode
  await tx.query(
    'update messages set code = $2, code_as_written = $3, corrected_at = $4 where id = $1',
    [messageId, found.code, found.asWritten, now],
  )
  const after = before === null ? null : await update(tx, now, before, { message, found })
  await append(tx, by, {
    action: 'message.correct',
    subject: { type: 'message', id: messageId },
    accountId: message.account_id,
    detail: {
      order_id: orderId,
      before: { has_code: message.code !== null, order_state: before?.state ?? null },
      after: { has_code: code !== null, order_state: after?.state ?? null },
    },
  })
  const { subject, sender, channel } = message
  const text = right?.source ?? textOf(message)
  const line = corpusLine({ text, subject, sender, channel, code: found.code })
  return {
    order: isShown(message.state) ? after : null,
    changed: true,
    hasCode: code !== null,
    line,
  }
}

type Owned = Pick<MessageRow, 'state' | 'claimable' | 'order_id'>

const unchanged = { changed: false, line: null } as const

/** The order that shows the message, or whose customer may claim it. */
const ownerOf = ({ state, claimable, order_id: orderId }: Owned) =>
  isShown(state) || claimable ? orderId : null

async function orderOf(tx: Tx, messageId: bigint): Promise<bigint | null> {
  const [row] = await tx.query<Owned>(
    'select state, claimable, order_id from messages where id = $1',
    [messageId],
  )
  return row ? ownerOf(row) : null
}

async function lockFor(tx: Tx, id: bigint): Promise<Order> {
  const { accountId } = await orderById(tx, id)
  return lockOrder(tx, { accountId, id })
}

function assertCorrectable({ state, text }: MessageRow): void {
  if (state === 'repeat') throw invalid('The message repeats another one: correct that one.')
  if (text === null) throw invalid('The text of the message has been purged.')
}

/** What a reader sees of a message: a mail's text may be only a stub beside its markup. */
function textOf({ text, html }: MessageRow): string {
  if (html === null) return text ?? ''
  return text?.trim() ? text : htmlToText(html)
}

type Right = FoundCode & { readonly code: string; readonly source: string }

/** The code as the message shows it, with the text that has it. @throws invalid_request */
function whereIn({ text, subject, html }: MessageRow, code: string): Right {
  const shown = html === null ? null : htmlToText(html)
  const inSubject = asShown(subject ?? '', code)
  for (const source of [text, shown]) {
    const asWritten = source === null ? null : asShown(source, code)
    if (asWritten !== null && source !== null) return rightOf(asWritten, readable(source, code))
  }
  if (inSubject !== null) return rightOf(inSubject, text ?? shown ?? '')
  throw invalid('The code is not in the message: not in its text, subject or visible markup.')
}

const rightOf = (asWritten: string, source: string): Right => ({
  code: normalised(foldText(asWritten)),
  asWritten,
  source,
})

/** The text itself, or its plain form if only that has the code. */
const readable = (text: string, code: string) =>
  placesOf(text, code).length > 0 ? text : foldText(asSeen(text))

function asShown(text: string, code: string): string | null {
  const source = readable(text, code)
  const [place] = placesOf(source, code)
  return place ? source.slice(place.start, place.end) : null
}

type Shown = { readonly message: MessageRow; readonly found: FoundCode }

/** Of a late message the order shows nothing, but it may have a code to claim, or none. */
async function update(tx: Tx, now: Date, order: Order, shown: Shown): Promise<Order> {
  if (isShown(shown.message.state)) return show(tx, now, order, shown)
  await reviewLateCodes(tx, now, [order.id])
  return order
}

/** What the order makes of its message's other code. */
async function show(tx: Tx, now: Date, order: Order, { message, found }: Shown): Promise<Order> {
  const isOpen = isTaking(order, now)
  if (found.code !== null && isOpen) await payService(tx, now, order, message)
  if (found.code !== null && isOpen && order.state === 'waiting') {
    await tx.query(
      `select deliver_messages(p_now => $1, p_to => $2, p_message => $3, p_transfer => $4,
         p_session => array[(select session from inboxes where order_id = $5)], p_is_new => false)`,
      [now, moves.receive.to, [message.id], [newTransferId(now)], order.id],
    )
    return lockOrder(tx, order)
  }
  const receivedAt = found.code !== null && isOpen ? now : null
  const shown = await showNewest(tx, order, { message, found, receivedAt })
  if (found.code !== null) await emitMany(tx, now, [ofOrder('order.code_received', order)])
  return shown
}

/** In an order for several services the message pays for its service, unless it has paid before. */
async function payService(tx: Tx, now: Date, order: Order, message: MessageRow): Promise<void> {
  if (order.holdId !== null) return
  await tx.query(
    `select pay_services($1, $2, $3)
      where not exists (select from order_services where order_id = $4 and paid_by = any($2))`,
    [now, [message.id], [newTransferId(now)], order.id],
  )
}

/** The order shows the code of its newest message that has one. A code that answers a request for another one
 * ends that request. The first code of a rental that runs is received at `receivedAt`. */
async function showNewest(
  tx: Tx,
  order: Order,
  { message, found, receivedAt }: Shown & { readonly receivedAt: Date | null },
): Promise<Order> {
  const [row] = await tx.query<OrderRow>(
    `update orders o set code = n.code, code_as_written = n.code_as_written,
       received_at = coalesce(o.received_at, $4),
       resend_pending = o.resend_pending and ($3::boolean or exists (
         select from events e where e.order_id = o.id and e.type = 'order.resend_requested'
            and e.created_at > $2))
       from (select 1) one left join lateral (
         select m.code, m.code_as_written from messages m
          where m.order_id = $1 and ${inShownState('m.state')} and m.code is not null
          order by m.id desc limit 1) n on true
      where o.id = $1 returning ${orderColumns}`,
    [order.id, message.received_at, found.code === null, receivedAt],
  )
  return toOrder(row as OrderRow)
}
