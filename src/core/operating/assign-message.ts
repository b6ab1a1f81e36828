// Operators' verb for a message that reached no order: it is assigned to one.
import type { Database, Tx } from '../../db/database.ts'
import { type Catalog, readCatalog } from '../catalog/catalog.ts'
import { extractCode } from '../codes/extract.ts'
import { DomainError } from '../error.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { inboxDirectory } from '../inboxes/inboxes.ts'
import { newTransferId } from '../ledger/transfer-id.ts'
import { hintsOf, prepareSearch } from '../messages/hints.ts'
import { identifier, type Sign } from '../messages/identify.ts'
import { reviewLateCodes } from '../messages/late.ts'
import { linksIn } from '../messages/links.ts'
import { type FoundCode, findCodes } from '../messages/mail-codes.ts'
import { isShown } from '../messages/shown.ts'
import { storedLinks } from '../messages/store.ts'
import { append, type By, needReason, within } from '../operator-log.ts'
import { isTaking, moves, type Order } from '../orders/order.ts'
import { lockOrder } from '../orders/orders.ts'
import { type OrderRow, orderColumns, toOrder } from '../orders/rows.ts'
import { lockMessage, type MessageRow } from './messages.ts'
import { orderById } from './orders.ts'

export type Assigned = {
  readonly order: Order
  /** False if it was assigned to this order before. */
  readonly changed: boolean
  readonly hasCode: boolean
}

/**
 * Assigns a message that reached no order to an order, as if it had been matched: an open order receives its
 * code, and a first code pays for it. A closed order shows the message and its code, and no money moves.
 * @throws order_not_found, not_found, invalid_request if the message is not for this order's number, may
 * belong to another customer, or no reason was given
 */
export function assignMessage(
  db: Database,
  now: Date,
  by: By,
  wanted: { readonly messageId: bigint; readonly orderId: bigint },
): Promise<Assigned> {
  const stated = needReason(by)
  // @NOTE before the order is locked: it takes a moment in a process that has looked for no code yet
  prepareSearch()
  return db.begin(async (tx) => {
    // @NOTE lock orders before messages, as when messages are received
    const { accountId } = await orderById(tx, wanted.orderId)
    const order = await lockOrder(tx, { accountId, id: wanted.orderId })
    const message = await lockMessage(tx, wanted.messageId)
    if (isShown(message.state) && message.order_id === order.id)
      return { order, changed: false, hasCode: false }
    const catalog = await readCatalog(tx)
    const signs = identifier(catalog.services)({ text: message.text ?? '', sender: message.sender })
    await assertItsOwn(tx, order, message, signs)
    const serviceId = serviceOf(order, signs)
    const found = await codeOf(tx, catalog, message, { serviceId, signs })
    await markDelivered(tx, order, message, { ...found, serviceId, now })
    if (message.claimable) await reviewLateCodes(tx, now, [message.order_id])
    const after = isTaking(order, now)
      ? await deliverToOpen(tx, now, order, message)
      : await showInClosed(tx, now, order, message, found)
    await append(tx, stated, {
      action: 'message.assign',
      subject: { type: 'message', id: message.id },
      accountId,
      detail: {
        order_id: order.id,
        has_code: found.code !== null,
        before: { state: message.state, order_state: order.state },
        after: { state: 'delivered', order_state: after.state },
      },
    })
    return { order: after, changed: true, hasCode: found.code !== null }
  })
}

const refusal = (message: string) => new DomainError('invalid_request', message)

/** The maximum transit time of a text for an order that had just ended. */
const onItsWay = `interval '10 minutes'`

/** @throws invalid_request unless the message can only be for this order's customer */
async function assertItsOwn(
  tx: Tx,
  order: Order,
  message: MessageRow,
  signs: readonly Sign[],
): Promise<void> {
  if (isShown(message.state)) throw refusal('The message was delivered to another order.')
  if (message.state === 'repeat')
    throw refusal('The message repeats another one: assign that one to the order.')
  if (message.text === null) throw refusal('The text of the message has been purged.')
  const isThere =
    message.channel === 'email' ? message.address === order.email : message.phone === order.phone
  if (!isThere) throw refusal('The message was not sent to the number or inbox of this order.')
  if (message.received_at < order.createdAt)
    throw refusal('The message is older than the order: it was for another customer.')
  if (message.account_id !== null && message.account_id !== order.accountId)
    throw refusal('The message was late for an order of another customer.')
  if (order.numberId === null) return
  const rivals = await tx.query<{ service_ids: number[] }>(
    `select coalesce(o.services, array[o.service_id]) as service_ids from orders o
      where o.number_id = $1 and o.account_id <> $2 and o.created_at <= $3
        and coalesce(o.closed_at, 'infinity') > $3::timestamptz - ${onItsWay}`,
    [order.numberId, order.accountId, message.received_at],
  )
  if (rivals.length === 0) return
  const weightOf = (ids: readonly (number | null)[]) =>
    Math.max(0, ...signs.filter((sign) => ids.includes(sign.serviceId)).map((sign) => sign.weight))
  const own = weightOf(servicesOf(order))
  if (own <= Math.max(...rivals.map((rival) => weightOf(rival.service_ids))))
    throw refusal(
      'Another customer had the number at that time, and nothing in the message shows that it is for this ' +
        'order: it may be theirs.',
    )
}

const servicesOf = ({ services, serviceId }: Order) => services ?? [serviceId]

/** The service of the order that the message is for; null if it cannot be determined. */
function serviceOf(order: Order, signs: readonly Sign[]): number | null {
  if (order.services === null) return order.serviceId
  return signs.find((sign) => order.services?.includes(sign.serviceId))?.serviceId ?? null
}

/** What an operator has marked right stays. */
async function codeOf(
  tx: Tx,
  catalog: Catalog,
  message: MessageRow,
  { serviceId, signs }: { readonly serviceId: number | null; readonly signs: readonly Sign[] },
): Promise<FoundCode> {
  if (message.corrected_at !== null)
    return { code: message.code, asWritten: message.code_as_written }
  if (message.channel === 'email') return codeOfMail(tx, catalog, message)
  return codeOfText(catalog, message, serviceId, signs)
}

function codeOfText(
  catalog: Catalog,
  { text, sender }: MessageRow,
  serviceId: number | null,
  signs: readonly Sign[],
): FoundCode {
  const service = catalog.service(serviceId)
  const named = service === undefined || service.takesAny ? signs[0]?.serviceId : serviceId
  const hints = hintsOf(catalog, catalog.service(named ?? null))
  return extractCode({ text: text ?? '', sender, channel: 'sms', ...hints })
}

async function codeOfMail(tx: Tx, catalog: Catalog, message: MessageRow): Promise<FoundCode> {
  const address = message.address ?? ''
  const inbox = (await inboxDirectory(within(tx)).find([address])).get(address)
  const { accountId = 0, pattern = null, serviceId = null } = inbox ?? {}
  const rules = catalog.service(serviceId)?.rules ?? []
  const { subject, text, html, sender } = message
  const mail = { subject: subject ?? '', text: text ?? '', html, sender }
  const [found] = findCodes(mail, [{ accountId, pattern, rules }]).found
  return found ?? { code: null, asWritten: null }
}

function markDelivered(
  tx: Tx,
  order: Order,
  message: MessageRow,
  found: FoundCode & { readonly serviceId: number | null; readonly now: Date },
) {
  return tx.query(
    `update messages set state = 'delivered', order_id = $2, account_id = $3, service_id = $4, number_id = $5,
       code = $6, code_as_written = $7, assigned_at = $8, links = $9, claimable = null
      where id = $1`,
    [
      message.id,
      order.id,
      order.accountId,
      found.serviceId,
      message.channel === 'email' ? null : order.numberId,
      found.code,
      found.asWritten,
      found.now,
      storedLinks(linksIn({ text: message.text ?? '', html: message.html })),
    ],
  )
}

/** An open order takes the message as if it had just been received. */
async function deliverToOpen(tx: Tx, now: Date, order: Order, message: MessageRow): Promise<Order> {
  const transfers = [newTransferId(now)]
  if (order.holdId === null)
    await tx.query('select pay_services($1, $2, $3)', [now, [message.id], transfers])
  await tx.query(
    `select deliver_messages(p_now => $1, p_to => $2, p_message => $3, p_transfer => $4,
       p_session => array[(select session from inboxes where order_id = $5)])`,
    [now, moves.receive.to, [message.id], transfers, order.id],
  )
  return lockOrder(tx, order)
}

/** A closed order shows the message; nothing else about it changes. */
async function showInClosed(
  tx: Tx,
  now: Date,
  order: Order,
  message: MessageRow,
  found: FoundCode,
): Promise<Order> {
  const [row] = await tx.query<OrderRow>(
    `update orders o set message_count = o.message_count + 1, code = coalesce($2, o.code),
       code_as_written = case when $2 is null then o.code_as_written else $3 end
      where o.id = $1 returning ${orderColumns}`,
    [order.id, found.code, found.asWritten],
  )
  await tell(tx, now, order, message, found)
  return toOrder(row as OrderRow)
}

function tell(tx: Tx, now: Date, order: Order, message: MessageRow, found: FoundCode) {
  const received = ofOrder('message.received', order)
  return emitMany(tx, now, [
    { ...received, data: { message_id: Number(message.id) } },
    ...(found.code === null ? [] : [ofOrder('order.code_received', order)]),
  ])
}
