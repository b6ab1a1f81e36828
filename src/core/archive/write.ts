// Writing the files of an archive, from one snapshot of the database.
import type { Database, Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { ArchiveFolder } from './files.ts'
import type { Manifest, TableEntry } from './manifest.ts'
import type { Month } from './month.ts'
import { reasonsAgainst } from './reasons.ts'
import {
  type ArchivedTable,
  addSums,
  archivedTables,
  type Column,
  columnsOf,
  fixForm,
  linesOf,
  type Part,
  type PartName,
  partsOf,
  type Sum,
  sumOf,
  versions,
} from './tables.ts'
import { type Total, totalsOf } from './totals.ts'

/** What the database has of a month, at the moment of the snapshot. */
export type Snapshot = {
  readonly month: Month
  readonly columns: Readonly<Record<ArchivedTable, readonly Column[]>>
  /** The rows of each part. */
  readonly sums: Readonly<Record<PartName, Sum>>
  readonly versions: { readonly orders: Sum; readonly delivered: Sum }
  readonly totals: readonly Total[]
  readonly texts: number
  readonly installation: string
  readonly schema: string
}

/** The snapshot, and the manifest's entry for each file. */
export type Written = { readonly snapshot: Snapshot; readonly tables: Manifest['tables'] }

/** @throws invalid_request if something of the month is not over */
export function writeFiles(
  db: Database,
  now: Date,
  month: Month,
  folder: ArchiveFolder,
  signal: AbortSignal,
): Promise<Written> {
  // @NOTE the transaction only reads, so it holds up neither the events nor anybody else
  return db.snapshot(async (tx) => {
    await tx.query(`set local work_mem = '64MB'`)
    await tx.query('set local jit = off')
    await fixForm(tx)
    const totals = await assertOver(tx, now, month)
    const snapshot = await readSnapshot(tx, month, totals)
    const tables: Partial<Record<ArchivedTable, TableEntry>> = {}
    for (const table of archivedTables)
      tables[table] = await writeTable(tx, { folder, table, snapshot, signal })
    return { snapshot, tables: tables as Manifest['tables'] }
  })
}

/** @returns its totals @throws invalid_request if something of the month is not over */
export async function assertOver(tx: Queryable, now: Date, month: Month): Promise<Total[]> {
  const reasons = await reasonsAgainst(tx, month, now)
  if (reasons.length > 0) throw refusal(month.name, reasons)
  const totals = await totalsOf(tx, month)
  if (totals.every(({ sound }) => sound)) return totals
  throw refusal(month.name, [
    'The money of its orders does not fit their states. Run numlet audit --full, which names them.',
  ])
}

export const refusal = (month: string, reasons: readonly string[]) =>
  new DomainError('invalid_request', `${month} was not archived. ${reasons.join(' ')}`)

async function readSnapshot(
  tx: Queryable,
  month: Month,
  totals: readonly Total[],
): Promise<Snapshot> {
  const columns = await columnsOf(tx)
  const parts = partsOf(month)
  const sums: Partial<Record<PartName, Sum>> = {}
  for (const [name, part] of Object.entries(parts) as [PartName, Part][])
    sums[name] = await sumOf(tx, linesOf(part, columns[part.table]))
  return {
    month,
    columns,
    sums: sums as Snapshot['sums'],
    versions: {
      orders: await versions(tx, parts.orders),
      delivered: await versions(tx, parts.delivered),
    },
    totals,
    texts: await countTexts(tx, [parts.delivered, parts.astray]),
    ...(await platformOf(tx)),
  }
}

async function countTexts(tx: Queryable, parts: readonly Part[]): Promise<number> {
  const counts = parts.map(({ from }) => `(select count(t.text) from ${from})`)
  const [row] = await tx.query<{ texts: number }>(`select (${counts.join(' + ')})::int as texts`)
  return row?.texts ?? 0
}

/** What tells this platform from others, and the state of its schema. */
export async function platformOf(db: Queryable) {
  const [row] = await db.query<{ installation: string; schema: string }>(
    `select left(encode(sha256(id_key), 'hex'), 16) as installation,
            (select max(name) from schema_migrations where name not like 'functions/%') as schema
       from installation`,
  )
  return row as { installation: string; schema: string }
}

type Target = {
  readonly folder: ArchiveFolder
  readonly table: ArchivedTable
  readonly snapshot: Snapshot
  readonly signal: AbortSignal
}

async function writeTable(tx: Queryable, target: Target): Promise<TableEntry> {
  const { folder, table, snapshot, signal } = target
  const columns = snapshot.columns[table]
  const all = Object.entries(partsOf(snapshot.month)) as [PartName, Part][]
  const parts = all.filter(([, part]) => part.table === table)
  const file = `${table}.ndjson.gz`
  const lines = linesIn(
    tx,
    parts.map(([, part]) => linesOf(part, columns)),
  )
  const { bytes, sha256 } = await folder.writeLines(file, lines, signal)
  const { rows, sum } = addSums(parts.map(([name]) => snapshot.sums[name]))
  return {
    file,
    rows,
    bytes,
    sha256,
    rows_sum: String(sum),
    columns: columns.map(([...one]) => one),
  }
}

/** How many rows are in memory at a time: a mail may have 400,000 characters. */
const rowsAtATime = 500

async function* linesIn(tx: Queryable, selects: readonly string[]): AsyncGenerator<string[]> {
  for (const select of selects) {
    await tx.query(`declare archive_rows no scroll cursor for ${select}`)
    for (;;) {
      const rows = await tx.query<{ line: string }>(`fetch ${rowsAtATime} from archive_rows`)
      if (rows.length === 0) break
      yield rows.map(({ line }) => line)
    }
    await tx.query('close archive_rows')
  }
}
