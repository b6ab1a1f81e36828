// `numlet orders`: find, show, cancel and refund orders.
import type { Command } from 'commander'
import { archivedMonths } from '../core/archive/archived.ts'
import { reportOrder } from '../core/operating/order-report.ts'
import * as operating from '../core/operating/orders.ts'
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
import { writerFor } from './shown-order.ts'

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
      await tellOfArchives(db)
    },
    { patient: true },
  )
}

/** Archived orders are found by nothing but their id. */
async function tellOfArchives(db: Session['db']): Promise<void> {
  const months = (await archivedMonths(db)).map(({ month }) => month)
  if (months.length > 0)
    process.stderr.write(
      `Not searched, because they are archived: ${months.join(', ')}. ` +
        'numlet archive restore brings a month back.\n',
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
