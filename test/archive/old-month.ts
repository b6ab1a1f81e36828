// A platform with a month of orders that is long over, and with one that goes on.
import { forgetEvents } from '../../src/core/events/events.ts'
import { forgetLeases } from '../../src/core/inventory/inventory.ts'
import { purgeTexts } from '../../src/core/messages/retention.ts'
import { keepMonths } from '../../src/core/months/begin.ts'
import { countOutcomes } from '../../src/core/orders/outcomes.ts'
import { countTotals } from '../../src/core/orders/totals.ts'
import type { Database } from '../../src/db/database.ts'
import { keepBusy } from '../audit/busy.ts'
import { endOverdueOrders } from '../harness/ending.ts'

const dayMs = 24 * 60 * 60 * 1000

/** Makes a month of orders of every kind, some with their texts; everything that is kept for a time is gone.
 * @param daysAgo more than any plan of the demo is valid: nothing of the month is still in use
 * @returns its name */
export async function oldMonth(db: Database, daysAgo = 800): Promise<string> {
  await keepBusy(db, 3)
  await db.query(
    `insert into banned_orders select id, closed_at from orders
      where state = 'cancelled' order by id desc limit 2`,
  )
  await endEverything(db)
  const [row] = await db.query<{ at: Date }>(
    `select max(created_at) - make_interval(days => $1) as at from orders`,
    [daysAgo],
  )
  await moveBack(db, daysAgo)
  await keepMonths(db, new Date())
  return (row as { at: Date }).at.toISOString().slice(0, 7)
}

/** Orders end, the readers of the events catch up, and the jobs forget what they forget in time. */
export async function endEverything(db: Database): Promise<void> {
  const later = new Date(Date.now() + 40 * dayMs)
  await purgeTexts(db, new Date(), new Date(Date.now() - 500))
  while ((await endOverdueOrders(db, later)) > 0);
  while ((await countOutcomes(db)) > 0);
  while ((await countTotals(db)) > 0);
  await forgetLeases(db, new Date(later.getTime() + dayMs))
  while ((await forgetEvents(db, new Date(later.getTime() + dayMs))) > 0);
  await db.query(`update event_readers set xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0`)
}

const times = {
  orders: [
    'created_at',
    'cancel_after',
    'expires_at',
    'received_at',
    'closed_at',
    'late_until',
    'claimed_at',
  ],
  messages: ['received_at', 'purged_at', 'assigned_at'],
  order_services: ['settled_at'],
  banned_orders: ['created_at'],
  inboxes: ['opened_at', 'until', 'ended_at'],
  transfers: ['created_at'],
  esim_codes: ['sold_at'],
}

/** All that happened just now was long ago. */
function moveBack(db: Database, daysAgo: number) {
  return db.begin(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    for (const [table, columns] of Object.entries(times)) {
      const changes = columns.map(
        (name) => `${name} = case when ${name} > now() - interval '50 days'
          then ${name} - interval '${daysAgo} days' else ${name} end`,
      )
      await tx.query(`update ${table} set ${changes.join(', ')}`)
    }
  })
}

/** Every row that an archive may hold or must leave alone, as text. */
export async function dump(db: Database): Promise<Record<string, string[]>> {
  const tables = [
    ...['orders', 'order_services', 'banned_orders', 'past_leases', 'messages', 'inboxes'],
    ...['esim_codes', 'transfers', 'ledger_accounts', 'account_usage', 'outcomes', 'order_totals'],
  ]
  const all: Record<string, string[]> = {}
  for (const table of tables) {
    const rows = await db.query<{ line: string }>(
      `select row_to_json(t)::text as line from ${table} t order by 1`,
    )
    all[table] = rows.map(({ line }) => line)
  }
  return all
}
