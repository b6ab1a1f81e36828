// Removing a month from the database once its archive has been verified.
import type { Database, Tx } from '../../db/database.ts'
import { stepAside } from '../../db/step-aside.ts'
import { dropMonth, partitionsOfOrders } from '../months/months.ts'
import { append, type By } from '../operator-log.ts'
import type { KnownManifest } from './manifest.ts'
import type { Month, Span } from './month.ts'
import { hasNews } from './reasons.ts'
import {
  fixForm,
  isSame,
  linesOf,
  listed,
  type Part,
  type PartName,
  partsOf,
  type Sum,
  sumOf,
  versions,
} from './tables.ts'
import { insertTotals, totalsHash } from './totals.ts'
import { patience } from './turn.ts'
import { refusal, type Snapshot } from './write.ts'

export type Removal = KnownManifest & { readonly snapshot: Snapshot }

/**
 * Drops a month's orders with what belongs to them, and records its totals: all of it or nothing. The
 * messages that were delivered to its orders are out of reach from then on; `cleanUp` deletes them.
 * @throws invalid_request if something of the month has changed since the snapshot
 */
export function removeMonth(db: Database, now: Date, by: By, removal: Removal): Promise<void> {
  return stepAside(db, patience, async (tx) => {
    const { snapshot } = removal
    const { month } = snapshot
    const parts = partsOf(month)
    await fixForm(tx)
    for (const name of ['astray', 'orderServices', 'bannedOrders'] as const)
      assertSame(month, await deletePart(tx, parts[name], name, snapshot), snapshot.sums[name])
    assertSame(month, await versions(tx, parts.delivered), snapshot.versions.delivered)
    await record(tx, now, by, removal)
    // From here on everybody waits who uses orders: only what must be under the lock follows.
    await tx.query('lock table orders in access exclusive mode')
    assertSame(month, await versions(tx, parts.orders), snapshot.versions.orders)
    if (await hasNews(tx, month)) throw changed(month)
    for (const partition of await partitionsOfOrders(tx))
      if (isWithin(partition, month.orders)) await dropMonth(tx, partition)
    assertSame(month, await versions(tx, parts.orders), { rows: 0, sum: 0n })
  })
}

const isWithin = (
  { from, upto }: { readonly from: bigint | null; readonly upto: bigint | null },
  span: Span,
) => (from ?? 0n) >= span.from && upto !== null && upto <= span.to

const changed = ({ name }: Month) =>
  refusal(name, ['Something of it was changed meanwhile. Nothing was removed: run it again.'])

function assertSame(month: Month, found: Sum, due: Sum): void {
  if (!isSame(found, due)) throw changed(month)
}

/** How the rows of a part are found again. */
const keys: Readonly<Partial<Record<PartName, string>>> = {
  astray: 'id',
  orderServices: 'order_id, place',
  bannedOrders: 'order_id',
}

function deletePart(tx: Tx, part: Part, name: PartName, { columns }: Snapshot): Promise<Sum> {
  const key = keys[name] as string
  const own = key.replaceAll(/\w+/g, 't.$&')
  const list = columns[part.table]
  return sumOf(tx, linesOf({ ...part, from: 'gone t', order: '1' }, list), [
    `gone as (
       delete from ${part.table} where (${key}) in (select ${own} from ${part.from})
       returning ${listed(list, part.table)})`,
  ])
}

async function record(tx: Tx, now: Date, by: By, removal: Removal): Promise<void> {
  const { snapshot, manifest, hash } = removal
  const { month, totals, sums, texts } = snapshot
  const messages = sums.delivered.rows + sums.astray.rows
  await tx.query(
    `insert into archived_months (month, orders_from, orders_to, messages_from, messages_to, orders, messages,
       texts, manifest_hash, totals_hash, archived_by, archived_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, sha256(''), $10, $11)`,
    [
      ...[month.name, month.orders.from, month.orders.to, month.messages.from, month.messages.to],
      ...[sums.orders.rows, messages, texts, hash, manifest.made_by, now],
    ],
  )
  await insertTotals(tx, month.name, totals)
  await tx.query(`update archived_months m set totals_hash = ${totalsHash} where m.month = $1`, [
    month.name,
  ])
  await append(tx, by, {
    action: 'month.archive',
    subject: { type: 'month', id: month.name },
    detail: { orders: sums.orders.rows, messages, texts, manifest: hash.toString('hex') },
  })
}
