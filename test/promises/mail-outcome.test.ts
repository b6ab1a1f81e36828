// Promise 2 for inboxes: the hold ends once, whatever races: mails, cancels for a fee, finishes, the sweep.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import type { ReceiveMail } from '../../src/core/messages/mail.ts'
import type { Order } from '../../src/core/orders/order.ts'
import type { Database } from '../../src/db/database.ts'
import { attempts } from '../harness/attempts.ts'
import { cancelOrder, endOverdueOrders, finishOrder } from '../harness/ending.ts'
import { testMailReceiver } from '../harness/mail.ts'
import { serverOn, testCustomer, testServer } from '../harness/server.ts'
import { buyMany, ownDomain, usd } from '../mail/market.ts'
import { expectCleanAudit, type Lots, lots, outcomeOf } from './market.ts'

const rounds = attempts(40, 300)
const roundsAtOnce = 20
const callsOfAKind = 12
const callsATurn = 20
const receiversANode = 5

const one = await testServer({ template: 'catalog' })
const two = await serverOn(one.databaseUrl)
const apps = [one.app, two.app]
// One would gather all mails of a wave into a few transactions.
const receivers = apps.flatMap((app) =>
  Array.from({ length: receiversANode }, () => testMailReceiver(app.db, app.catalog)),
)
const { db } = one
const { accountId } = await testCustomer(db, { credit: '1000' })
const domain = await ownDomain(db, { price: usd('0.40'), cancellationFee: usd('0.10') })

it(`an inbox’s hold ends once in each of ${rounds} rounds of all that can end it`, {
  timeout: 600_000,
}, async () => {
  const endings: string[] = []
  for (let wave = 0; wave < rounds / roundsAtOnce; wave++) {
    const orders = await buyMany(one.app, { accountId, domains: [domain], quantity: roundsAtOnce })
    const decided = await buyMany(one.app, { accountId, domains: [domain], quantity: 3 })
    await raceAll(orders, decided, lots(wave))
    endings.push(...(await endingsOf(db, orders)))
    expect(await endingsOf(db, decided)).toEqual(right)
  }
  // Nothing else than these. Which of them come first how often depends on the machine.
  expect(right).toEqual(expect.arrayContaining([...new Set(endings)]))
  expect(endings).toHaveLength(rounds)
  const [row] = await db.query('select open_inboxes from email_domains where domain = $1', [domain])
  expect(row).toEqual({ open_inboxes: 0 })
  await expectCleanAudit(db)
})

/** All endings that there are, in the order of the decided ones. */
const right = ['cancelled: hold post release', 'finished: hold post', 'expired: hold void']

/** From where on cancels, mails and sweeps are called, of the way from 0 to 1: each is the first of some. */
const starting = [
  [0, 0.2, 0.4],
  [0.2, 0, 0.4],
  [0.5, 0.5, 0],
  [0, 0, 0],
]

/** @param decided three whose ending is decided before the race: a cancel comes first, a mail comes first,
 * neither ever comes. All else races for them, too. */
async function raceAll(orders: readonly Order[], decided: readonly Order[], lot: Lots) {
  const now = one.app.now()
  const after = new Date(now.getTime() + 3_600_000)
  const anApp = (): App => lot.oneOf(apps)
  const starts = lot.oneOf(starting)
  const calls: { at: number; run: () => Promise<unknown> }[] = []
  const add = (from: number, run: () => Promise<unknown>) => {
    for (let i = 0; i < callsOfAKind; i++) calls.push({ at: from + (1 - from) * lot.share(), run })
  }
  const cancel = (order: Order) => cancelOrder(anApp().db, now, order)
  const send = (order: Order) => sendTo(lot.oneOf(receivers), now, order, lot)
  const finish = (order: Order) => finishOrder(anApp().db, now, order)
  const [cancelled, received, left] = decided as [Order, Order, Order]
  await cancel(cancelled)
  await send(received)
  for (const order of [...orders, cancelled, received]) {
    add(starts[0] as number, () => cancel(order))
    add(starts[1] as number, () => send(order))
    add(starts[1] as number, () => finish(order))
  }
  add(starts[1] as number, () => finish(left))
  add(starts[2] as number, () => endOverdueOrders(anApp().db, after))
  calls.sort((a, b) => a.at - b.at)
  const running: Promise<unknown>[] = []
  for (const [index, { run }] of calls.entries()) {
    running.push(outcomeOf(run()))
    if (index % callsATurn === 0) await nextTurn()
  }
  await Promise.all(running)
  // Those that nothing has ended by now.
  while ((await endOverdueOrders(db, after)) > 0);
}

const sendTo = (receive: ReceiveMail, now: Date, order: Order, lot: Lots) =>
  receive(now, {
    ref: `mail-${order.id}-${lot.below(1_000_000)}`,
    address: order.email as string,
    sender: 'noreply@example.com',
    subject: 'Code',
    text: lot.below(2) === 0 ? 'Hello.' : 'Your code is 550661.',
    html: null,
  })

/** What became of each order, by its state and its money. */
async function endingsOf(db: Database, orders: readonly Order[]): Promise<string[]> {
  const rows = await db.query<{ ending: string }>(
    `select o.state || ': ' || (select string_agg(t.kind, ' ' order by t.seq) from transfers t
              where t.order_id = o.id) as ending
       from orders o where o.id = any($1) order by o.id`,
    [orders.map((order) => order.id)],
  )
  return rows.map((row) => row.ending)
}
