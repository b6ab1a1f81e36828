// Restoring a month from its archive: verified, loaded beside the tables, and put in its place at once.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { sqlState } from '../../db/errors.ts'
import { stepAside } from '../../db/step-aside.ts'
import { isShown } from '../messages/shown.ts'
import { append, type By } from '../operator-log.ts'
import { archivedMonthNamed } from './archived.ts'
import { cleanUp } from './clean-up.ts'
import type { ArchiveFolder } from './files.ts'
import {
  type KnownManifest,
  type Manifest,
  ordersIn,
  readManifest,
  unreadable,
} from './manifest.ts'
import { dropStaging, staging } from './staging.ts'
import {
  type ArchivedTable,
  addSums,
  archivedTables,
  columnsOf,
  fixForm,
  isSame,
  linesOf,
  listed,
  type Sum,
  sumOf,
} from './tables.ts'
import { type AssertHeld, inTurn, patience } from './turn.ts'
import { type Row, verifyFiles } from './verify.ts'
import { platformOf } from './write.ts'

export type Restoring = {
  /** The folder of the archive. */
  readonly folder: ArchiveFolder
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

export type Restored = {
  readonly month: string
  /** False if it is in the database already. */
  readonly changed: boolean
  readonly orders: number
  readonly messages: number
}

/**
 * Brings a month back as it was. All of it or nothing; a month that is there is left alone.
 * @throws not_found, invalid_request if the archive does not match its manifest or the database, unavailable
 * if another command is at work
 */
export function restoreMonth(db: Database, by: By, wanted: Restoring): Promise<Restored> {
  return inTurn(db, async (assertHeld) => {
    const { folder, signal, progress } = wanted
    const known = await readManifest(folder)
    const { manifest } = known
    progress(`${manifest.month}: reading the archive ...`)
    await verifyFiles(folder, manifest, signal)
    await assertFits(db, folder, manifest)
    const counts = {
      month: manifest.month,
      orders: manifest.tables.orders.rows,
      messages: manifest.tables.messages.rows,
    }
    const isArchived = await isArchivedHere(db, folder, known)
    // Also what is left of a restore that was killed after the month was back.
    await cleanUp(db, assertHeld)
    if (!isArchived) return { ...counts, changed: false }
    progress(`${manifest.month}: loading ...`)
    try {
      await load(db, folder, manifest, { signal, assertHeld })
      signal.throwIfAborted()
      await assertHeld()
      await putBack(db, by, known)
      await dropStaging(db)
    } catch (error) {
      // @NOTE if this fails, too, what is left is out of reach, and the next command deletes it
      await cleanUp(db, assertHeld).catch(() => undefined)
      throw isDuplicate(error) ? unreadable(folder, duplicate) : error
    }
    return { ...counts, changed: true }
  })
}

const isDuplicate = (error: unknown) => sqlState(error) === '23505'
const duplicate =
  'the database has rows with the same ids, or a message that its supplier has sent again'

/** @throws invalid_request if it is another platform's, or its tables have changed too much since */
async function assertFits(db: Queryable, folder: ArchiveFolder, manifest: Manifest): Promise<void> {
  const { installation } = await platformOf(db)
  if (installation !== manifest.installation)
    throw unreadable(folder, 'it is the archive of another platform')
  const columns = await columnsOf(db)
  for (const table of archivedTables) {
    const here = new Map(columns[table])
    const gone = manifest.tables[table].columns.find(([name, type]) => here.get(name) !== type)
    if (gone)
      throw unreadable(
        folder,
        `${table} has no column ${gone[0]} of type ${gone[1]} in this version (it was made with ` +
          `${manifest.schema}). Restore it with the version that made it, then upgrade`,
      )
  }
}

/** Whether the database says that exactly this archive has the month; false if the month is there.
 * @throws invalid_request if it is neither */
async function isArchivedHere(
  db: Database,
  folder: ArchiveFolder,
  known: KnownManifest,
): Promise<boolean> {
  const { manifest, hash } = known
  const month = await archivedMonthNamed(db, manifest.month)
  if (month === undefined) {
    if (await isThere(db, manifest)) return false
    throw unreadable(
      folder,
      'its month is not archived, and the orders in the database are not those of the archive',
    )
  }
  if (!month.manifestHash.equals(hash))
    throw unreadable(
      folder,
      `the database has another manifest for ${manifest.month}, with the SHA-256 ` +
        month.manifestHash.toString('hex'),
    )
  return true
}

/** Whether the orders of the archive are in the database. They may have changed since they were restored. */
async function isThere(db: Database, manifest: Manifest): Promise<boolean> {
  const orders = ordersIn(manifest)
  const [row] = await db.query<{ orders: number }>(
    'select count(*)::int as orders from orders where id >= $1 and id < $2',
    [orders.from, orders.to],
  )
  return row?.orders === manifest.tables.orders.rows
}

type Watch = { readonly signal: AbortSignal; readonly assertHeld: AssertHeld }

/** Loads all rows, in many short transactions: a long one would hold up the events of everybody. */
async function load(
  db: Database,
  folder: ArchiveFolder,
  manifest: Manifest,
  watch: Watch,
): Promise<void> {
  for (const [table, name] of Object.entries(staging)) {
    // As makeMonth (core/months) makes a partition.
    const storage = table === 'orders' ? 'with (fillfactor = 70)' : ''
    await db.query(`create table ${name} (like ${table} including all) ${storage}`)
  }
  const loaded = Object.fromEntries(archivedTables.map((table) => [table, [] as Sum[]]))
  await verifyFiles(folder, manifest, watch.signal, async (table, lines, rows) => {
    await watch.assertHeld()
    for (const [into, some] of targetsOf(table, lines, rows))
      for (let at = 0; at < some.length; at += rowsAtATime)
        loaded[table]?.push(
          await insert(db, manifest, table, into, some.slice(at, at + rowsAtATime)),
        )
  })
  for (const table of archivedTables) {
    const { rows, rows_sum } = manifest.tables[table]
    if (!isSame(addSums(loaded[table] ?? []), { rows, sum: BigInt(rows_sum) }))
      throw unreadable(folder, `its rows of ${table} are not the same in this database`)
  }
  // The constraint spares a look at all rows while other tables are locked.
  const { from, to } = ordersIn(manifest)
  await db.query(
    `alter table ${staging.orders} add constraint archive_range check (id >= ${from} and id < ${to})`,
  )
  await db.query(`analyze ${staging.orders}`)
}

const rowsAtATime = 500

/**
 * Where lines go. Messages that orders show go to their table at once: without their orders nobody can
 * reach them. So do past leases, which are of no use without their orders.
 */
function targetsOf(
  table: ArchivedTable,
  lines: readonly string[],
  rows: readonly Row[],
): [string, readonly string[]][] {
  if (table === 'past_leases') return [[table, lines]]
  if (table !== 'messages') return [[staging[table], lines]]
  const isOfOrder = (_: string, place: number) => isShown(String(rows[place]?.state))
  return [
    [table, lines.filter(isOfOrder)],
    [staging.messages, lines.filter((line, place) => !isOfOrder(line, place))],
  ]
}

/** @returns the sum of the rows as the database now has them */
function insert(
  db: Database,
  manifest: Manifest,
  table: ArchivedTable,
  into: string,
  lines: readonly string[],
): Promise<Sum> {
  const { columns } = manifest.tables[table]
  const names = columns.map(([name]) => name).join(', ')
  return db.begin(async (tx) => {
    await fixForm(tx)
    return sumOf(
      tx,
      linesOf({ table, from: 'fresh t', order: '1' }, columns),
      [
        `fresh as (
           insert into ${into} (${names}) overriding system value
           select ${listed(columns, 'r')} from unnest($1::text[]) as l(line)
            cross join lateral json_populate_record(null::${table}, l.line::json) r
           returning ${names})`,
      ],
      [lines],
    )
  })
}

/** Puts the loaded rows in their places, and forgets that the month was archived, at once. */
function putBack(db: Database, by: By, { manifest, hash }: KnownManifest): Promise<void> {
  const { month } = manifest
  const orders = ordersIn(manifest)
  const table = `orders_${orders.from}`
  return stepAside(db, patience, async (tx) => {
    await moveRows(tx, 'order_services', manifest)
    await moveRows(tx, 'banned_orders', manifest)
    await moveRows(tx, 'messages', manifest)
    const gone = await tx.query('delete from archived_months where month = $1 returning 1 as yes', [
      month,
    ])
    if (gone.length === 0) throw new Error(`${month} was restored by somebody else`)
    await append(tx, by, {
      action: 'month.restore',
      subject: { type: 'month', id: month },
      detail: { orders: manifest.tables.orders.rows, manifest: hash.toString('hex') },
    })
    await renameIndexes(tx, staging.orders, table)
    await tx.query(`alter table ${staging.orders} rename to ${table}`)
    await tx.query(
      `alter table orders attach partition ${table}
         for values from (${orders.from === 0n ? 'minvalue' : orders.from}) to (${orders.to})`,
    )
    await tx.query(`alter table ${table} drop constraint archive_range`)
  })
}

/** Indexes are named after their table. */
async function renameIndexes(tx: Tx, from: string, to: string): Promise<void> {
  const rows = await tx.query<{ name: string }>(
    `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = $1::regclass`,
    [from],
  )
  for (const { name } of rows)
    await tx.query(`alter index ${name} rename to ${name.replace(from, to)}`)
}

function moveRows(tx: Tx, table: Exclude<keyof typeof staging, 'orders'>, manifest: Manifest) {
  const names = manifest.tables[table].columns.map(([name]) => name).join(', ')
  return tx.query(
    `insert into ${table} (${names}) overriding system value select ${names} from ${staging[table]}`,
  )
}
