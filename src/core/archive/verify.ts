// Verifying an archive by reading it: checksums, counts, and the shape of each line.
import { type ArchiveFolder, isFileError } from './files.ts'
import { type Manifest, unreadable } from './manifest.ts'
import { type ArchivedTable, archivedTables } from './tables.ts'

/** What an archive's line is in JSON, by the type of its column. */
const jsonTypes: Readonly<Record<string, string>> = {
  bigint: 'number',
  integer: 'number',
  smallint: 'number',
  numeric: 'number',
  boolean: 'boolean',
  jsonb: 'object',
  json: 'object',
}

export type Row = Readonly<Record<string, unknown>>
export type UseRows = (
  table: ArchivedTable,
  lines: readonly string[],
  rows: readonly Row[],
) => Promise<void>

/**
 * Reads the whole archive, in constant memory.
 * @param use is called with some lines at a time
 * @throws invalid_request with what is wrong
 */
export async function verifyFiles(
  folder: ArchiveFolder,
  manifest: Manifest,
  signal: AbortSignal,
  use: UseRows = async () => {},
): Promise<void> {
  for (const table of archivedTables) await verifyTable(folder, manifest, table, signal, use)
}

async function verifyTable(
  folder: ArchiveFolder,
  manifest: Manifest,
  table: ArchivedTable,
  signal: AbortSignal,
  use: UseRows,
): Promise<void> {
  const entry = manifest.tables[table]
  const check = shapeOf(folder, manifest, table)
  const reading = folder.readLines(
    entry.file,
    (lines) => use(table, lines, lines.map(check)),
    signal,
  )
  const facts = await reading.catch((error) => {
    if (signal.aborted || !isFileError(error)) throw error
    throw unreadable(folder, `${entry.file} is damaged or missing (${error.message})`)
  })
  const wrong = (
    [
      ['bytes', facts.bytes, entry.bytes],
      ['rows', facts.rows, entry.rows],
      ['SHA-256', facts.sha256, entry.sha256],
      ['the sum of its rows', String(facts.sum), entry.rows_sum],
    ] as const
  ).find(([, found, due]) => found !== due)
  if (wrong)
    throw unreadable(
      folder,
      `${entry.file} does not match the manifest (${wrong[0]}: ${wrong[1]} instead of ${wrong[2]})`,
    )
}

/** Returns a function that parses a line and throws if it is not a row of the table and the month. */
function shapeOf(folder: ArchiveFolder, manifest: Manifest, table: ArchivedTable) {
  const { columns, file } = manifest.tables[table]
  const names = columns.map(([name]) => name).join(' ')
  const types = columns.map(([name, type]) => [
    name,
    type.endsWith('[]') ? 'object' : (jsonTypes[type] ?? 'string'),
  ])
  const { from, to } = manifest.orders
  const orderColumn = table === 'orders' ? 'id' : 'order_id'
  const [first, end] = [Number(from), Number(to)]
  let number = 0
  return (line: string): Row => {
    number++
    const wrong = (why: string) => unreadable(folder, `line ${number} of ${file} ${why}`)
    const row = parsed(line)
    if (row === null || Object.keys(row).join(' ') !== names)
      throw wrong('does not have the columns of the manifest')
    for (const [name = '', type] of types) {
      const value = row[name]
      if (value !== null && kindOf(value) !== type) throw wrong(`has a wrong ${name}`)
    }
    const order = row[orderColumn] as number | null
    const isInMonth = order !== null && order >= first && order < end
    if (!isInMonth && !(order === null && table === 'messages')) throw wrong('is of another month')
    return row
  }
}

const kindOf = (value: unknown): string => typeof value

function parsed(line: string): Row | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Row)
      : null
  } catch {
    return null
  }
}
