// Reading the messages of an order. Only those that it shows are in it.
import type { Database, Queryable } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import type { Link } from '../codes/links.ts'
import { inShownState } from './shown.ts'

export type OrderMessage = {
  readonly id: bigint
  /** The service of the order that it is for. */
  readonly serviceId: number | null
  readonly sender: string
  /** Null after its retention time. */
  readonly text: string | null
  readonly code: string | null
  /** What it wants followed, the likeliest first; none after its retention time. */
  readonly links: readonly Link[]
  readonly receivedAt: Date
  /** Null for text messages, like the next two fields. */
  readonly subject: string | null
  /** Sanitised markup: it runs and loads nothing. Null if the email had none, or is purged. */
  readonly html: string | null
  /** One line for people. */
  readonly headline: string | null
}

/** An order is read with its newest messages: so many at most, and only while those that are newer than a
 * message are smaller than this together. A rental can have any number of them. */
const maxMessages = 1_000
const maxMessageBytes = 2_000_000

/** The newest messages of an order, oldest first; concurrent reads are combined into one query. */
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

/** The same for several orders. An order without messages has no entry. */
// @NOTE the array is selected so that the planner does not see its length, and keeps one plan for all reads
export async function messagesOf(
  db: Queryable,
  orderIds: readonly bigint[],
): Promise<Map<bigint, OrderMessage[]>> {
  const rows = await db.query<MessageRow>(
    `select m.* from unnest((select $1::bigint[])) as o(id)
      cross join lateral (
        select newest.*, sum(octet_length(coalesce(text, '')) + octet_length(coalesce(html, ''))
                   + octet_length(coalesce(links::text, ''))) over (
                 order by id desc rows between unbounded preceding and 1 preceding) as newer_bytes
          from (select ${columns} from messages
                 where order_id = o.id and ${inShownState()} order by id desc limit $2) newest
      ) m
      where coalesce(m.newer_bytes, 0) < $3 order by m.id`,
    [[...new Set(orderIds)], maxMessages, maxMessageBytes],
  )
  const byOrder = new Map<bigint, OrderMessage[]>()
  for (const row of rows) {
    const list = byOrder.get(row.order_id) ?? []
    byOrder.set(row.order_id, list)
    list.push(toMessage(row))
  }
  return byOrder
}

/** A page of an order's messages, newest first: any of them can be reached. */
export async function messagePage(
  db: Queryable,
  orderId: bigint,
  page: { readonly offset: number; readonly limit: number },
): Promise<OrderMessage[]> {
  const rows = await db.query<MessageRow>(
    `select ${columns} from messages where order_id = $1 and ${inShownState()}
      order by id desc offset $2 limit $3`,
    [orderId, page.offset, page.limit],
  )
  return rows.map(toMessage)
}

type Named = { readonly orderId: bigint; readonly id: bigint }

/** One message of an order, however many newer ones there are; concurrent reads are combined. */
export function messageById(db: Database): (named: Named) => Promise<OrderMessage | undefined> {
  return gather<Named, OrderMessage | undefined>({
    maxBatch: 500,
    maxRunning: 2,
    run: async (named) => {
      const rows = await db.query<MessageRow>(
        `select ${columns} from messages where id = any($1) and ${inShownState()}`,
        [named.map((one) => one.id)],
      )
      const byId = new Map(rows.map((row) => [row.id, row]))
      return named.map(({ orderId, id }) => {
        const row = byId.get(id)
        return row?.order_id === orderId ? toMessage(row) : undefined
      })
    },
  })
}

/** The newest message of an order that has a code. */
export async function messageWithCode(
  db: Queryable,
  orderId: bigint,
): Promise<OrderMessage | undefined> {
  const [row] = await db.query<MessageRow>(
    `select ${columns} from messages where order_id = $1 and ${inShownState()} and code is not null
      order by id desc limit 1`,
    [orderId],
  )
  return row && toMessage(row)
}

type MessageRow = {
  id: bigint
  order_id: bigint
  service_id: number | null
  sender: string
  text: string | null
  code: string | null
  links: readonly Link[] | null
  received_at: Date
  subject: string | null
  html: string | null
  headline: string | null
}

const columns =
  'id, order_id, service_id, sender, text, code, links, received_at, subject, html, headline'

const toMessage = (row: MessageRow): OrderMessage => ({
  id: row.id,
  serviceId: row.service_id,
  sender: row.sender,
  text: row.text,
  code: row.code,
  links: row.links ?? [],
  receivedAt: row.received_at,
  subject: row.subject,
  html: row.html,
  headline: row.headline,
})
