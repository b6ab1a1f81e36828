// `numlet orders`: find, show, cancel and refund orders.
import type { Command } from 'commander'
import { type Catalog, readCatalog } from '../core/catalog/catalog.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import { type OrderReport, reportOrder } from '../core/operating/order-report.ts'
import * as operating from '../core/operating/orders.ts'
import type { PublicIds } from '../core/public-id.ts'
import type { Database } from '../db/database.ts'
import * as read from './arguments.ts'
import { accountOf, bigRowOf, naming } from './ids.ts'
import {
  printList,
  printReport,
  printThing,
  type Reasoned,
  reasonedAct,
  type Shown,
  verb,
} from './output.ts'
import { type Session, withSession } from './session.ts'

const orderId = read.idOf('ord')
const whichOrder = 'The order: its id or number'

export function addOrders(noun: Command): void {
  verb(noun, 'find', 'Find orders, newest first; without options, the newest of all accounts')
    .option('--phone <number>', 'Orders of this phone number')
    .option('--email <address>', 'Orders of this inbox, or of the account with this address')
    .option('--account <account>', 'Orders of this account (id, number or e-mail)', read.account)
    .option('--reference <text>', 'Orders that the customer gave this reference')
    .option('--before <order>', 'Only orders older than this one', orderId)
    .option('--limit <count>', 'Number of orders to list', read.limit, 100)
    .action(find)
  verb(noun, 'show', 'Show an order with its timeline, routing, money and webhook deliveries')
    .argument('<order>', whichOrder, orderId)
    .option(
      '--reason <text>',
      'Why you read the texts and codes; without it they are hidden',
      read.reason,
    )
    .action(show)
  reasonedAct(noun, 'cancel', 'Cancel an order that is waiting for its code, and refund it')
    .argument('<order>', whichOrder, orderId)
    .action((text: string, wanted: Reasoned) => undo(text, wanted, operating.cancel))
  reasonedAct(noun, 'refund', 'Refund what was paid for an order, and end it if it is open')
    .argument('<order>', whichOrder, orderId)
    .action((text: string, wanted: Reasoned) => undo(text, wanted, operating.refund))
}

type Wanted = Shown & {
  phone?: string
  email?: string
  account?: string
  reference?: string
  before?: string
  limit: number
}

function find(wanted: Wanted) {
  return withSession(
    async (session) => {
      const { db, ids } = session
      const orders = await operating.findOrders(db, {
        phone: wanted.phone,
        email: wanted.email,
        accountId:
          wanted.account === undefined ? undefined : await accountOf(session, wanted.account),
        reference: wanted.reference,
        before: wanted.before === undefined ? undefined : bigRowOf(ids, 'ord', wanted.before),
        limit: wanted.limit,
      })
      const write = await writerFor(session)
      printList(wanted, orders.map(write.line))
    },
    { patient: true },
  )
}

function show(text: string, wanted: Reasoned) {
  return withSession(
    async (session) => {
      const id = bigRowOf(session.ids, 'ord', text)
      const by = session.by(wanted.reason)
      const report = await naming('ord', text, reportOrder(session.db, by, id))
      const write = await writerFor(session)
      printReport(wanted, write.whole(report))
    },
    { patient: true },
  )
}

function undo(text: string, wanted: Reasoned, verb: typeof operating.refund): Promise<void> {
  return withSession(async (session) => {
    const { db, ids, by, now } = session
    const id = bigRowOf(ids, 'ord', text)
    const { order, changed, refunded } = await naming(
      'ord',
      text,
      verb(db, now(), by(wanted.reason), id),
    )
    const { money } = await writerFor(session)
    printThing(wanted, {
      id: ids.toToken('ord', order.id),
      number: order.id,
      state: order.state,
      changed,
      refunded: money(refunded, order.currency),
      currency: order.currency,
    })
  })
}

async function writerFor({ db, ids }: Session) {
  const catalog = await readCatalog(db)
  const decimals = await decimalsOf(db)
  const money = (amount: Amount, currency: string) =>
    formatAmount(amount, decimals.get(currency) ?? 2)
  const line = (order: operating.FoundOrder) => ({
    id: ids.toToken('ord', order.id),
    number: order.id,
    account_id: ids.toToken('acc', order.accountId),
    account_email: order.accountEmail,
    kind: order.kind,
    state: order.state,
    service: catalog.service(order.serviceId)?.slug ?? null,
    country: order.country,
    phone: order.phone,
    email: order.email,
    reference: order.reference,
    price: money(order.price, order.currency),
    currency: order.currency,
    created_at: order.createdAt,
    closed_at: order.closedAt,
  })
  return {
    money,
    line,
    whole: (report: OrderReport) => whole({ ids, catalog, money, line }, report),
  }
}

async function decimalsOf(db: Database): Promise<Map<string, number>> {
  const rows = await db.query<{ code: string; decimals: number }>(
    'select code, decimals from currencies',
  )
  return new Map(rows.map(({ code, decimals }) => [code, decimals]))
}

type Writer = {
  readonly ids: PublicIds
  readonly catalog: Catalog
  readonly money: (amount: Amount, currency: string) => string
  readonly line: (order: operating.FoundOrder) => Readonly<Record<string, unknown>>
}

function whole(writer: Writer, report: OrderReport) {
  const { ids, catalog, money, line } = writer
  const { order } = report
  const slug = (id: number | null) => catalog.service(id)?.slug ?? null
  return {
    ...line(order),
    services: order.services?.map(slug) ?? null,
    operator: catalog.operator(order.operatorId)?.slug ?? null,
    pool: order.pool,
    offer_id: order.offerId,
    replaces: order.replaces === null ? null : ids.toToken('ord', order.replaces),
    replaced_by: order.replacedBy === null ? null : ids.toToken('ord', order.replacedBy),
    cancel_after: order.cancelAfter,
    expires_at: order.expiresAt,
    received_at: order.receivedAt,
    texts: report.texts,
    ...(report.texts === 'shown' ? { code: order.code } : {}),
    messages: report.messages.map((message) => shownMessage(writer, message, report.texts)),
    timeline: report.timeline,
    routing: report.routing.map(({ supplier, serviceId, source, from, until, endedAt }) => ({
      supplier,
      service: slug(serviceId),
      source,
      from,
      until,
      ended_at: endedAt,
    })),
    // Orders are filled from our own stock; no supplier is asked for a single order.
    allocations: [],
    transfers: report.transfers.map((transfer) => ({
      id: ids.toToken('txn', transfer.seq),
      kind: transfer.kind,
      amount: money(transfer.amount, transfer.currency),
      change: money(transfer.change, transfer.currency),
      balance_after:
        transfer.balanceAfter === null ? null : money(transfer.balanceAfter, transfer.currency),
      currency: transfer.currency,
      created_at: transfer.createdAt,
    })),
    deliveries: report.deliveries.map((delivery) => ({
      id: ids.toToken('dlv', delivery.id),
      webhook_id: ids.toToken('whk', delivery.endpointId),
      type: delivery.type,
      state: delivery.state,
      attempts: delivery.attempts,
      last_status: delivery.lastStatus,
      last_error: delivery.lastError,
      created_at: delivery.createdAt,
      ended_at: delivery.endedAt,
    })),
  }
}

function shownMessage(
  { ids, catalog }: Writer,
  message: OrderReport['messages'][number],
  texts: OrderReport['texts'],
) {
  return {
    id: ids.toToken('msg', message.id),
    state: message.state,
    service: catalog.service(message.serviceId)?.slug ?? null,
    channel: message.channel,
    sender: message.sender,
    received_at: message.receivedAt,
    purged_at: message.purgedAt,
    has_code: message.hasCode,
    ...(texts === 'shown'
      ? { subject: message.subject, text: message.text, code: message.code }
      : {}),
  }
}
