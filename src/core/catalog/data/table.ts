// Reads the catalog's tables: tab-separated files in this folder, with a header line, and comments after #.
import { readdirSync, readFileSync } from 'node:fs'

/** One line of a table. Each reader takes a column's name, and throws if the file has no such column. */
export type Row = {
  text(column: string): string
  optional(column: string): string | null
  number(column: string): number
  flag(column: string): boolean
  list(column: string): readonly string[]
  /** The columns `id:<dialect>` that are not empty, by dialect. */
  ids(): Readonly<Record<string, string>>
}

/** Parses each line of `file` with `parse`. The row object is reused: do not keep it. */
export function readTable<T>(file: string, parse: (row: Row) => T): readonly T[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'))
  const columns = (lines[0] ?? '').split('\t')
  let cells: readonly string[] = []
  const dialects = columns.flatMap((column) => /^id:(.+)$/.exec(column)?.[1] ?? [])
  const row = rowOf(file, dialects, (column) => cells[columns.indexOf(column)])
  return lines.slice(1).map((line) => {
    cells = line.split('\t')
    if (cells.length !== columns.length) {
      throw new Error(`${file}: ${cells.length} cells instead of ${columns.length}: ${line}`)
    }
    return parse(row)
  })
}

/** The files of a folder of tables, by name. */
export function tablesIn(folder: string): readonly string[] {
  const files = readdirSync(new URL(`${folder}/`, import.meta.url))
  return files.sort().map((file) => `${folder}/${file}`)
}

function rowOf(
  file: string,
  dialects: readonly string[],
  cell: (column: string) => string | undefined,
): Row {
  const text = (column: string) => {
    const value = cell(column)
    if (value === undefined) throw new Error(`${file}: no column ${column}`)
    return value
  }
  const number = (column: string) => {
    const value = text(column)
    if (!/^\d+$/.test(value)) throw new Error(`${file}: ${column} is not a number: ${value}`)
    return Number(value)
  }
  return {
    text,
    number,
    optional: (column) => text(column) || null,
    flag: (column) => text(column) === '1',
    list: (column) => text(column).split(';').filter(Boolean),
    ids: () =>
      Object.fromEntries(
        dialects.map((one) => [one, text(`id:${one}`)]).filter(([, id]) => id !== ''),
      ),
  }
}
