// `numlet offers export` and `import`: prices as a table for spreadsheets.
import { readFile, writeFile } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'
import type { Command } from 'commander'
import { priceOf } from '../core/operating/offers.ts'
import { exportPrices, importPrices, type PriceChange } from '../core/operating/price-file.ts'
import { type PriceLine, priceFileColumns } from '../core/operating/price-lines.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'
import { readTable, writeTable } from './table-file.ts'

export function addPriceFiles(noun: Command): void {
  verb(noun, 'export', 'Write the offers of activations and rentals as a table')
    .option('--out <file>', 'File to write; without it, the table is printed')
    .option('--format <format>', 'Format of the table: csv or tsv', formatNamed, 'csv')
    .option('--service <slug>', 'Only of this service')
    .option('--country <code>', 'Only of this country (ISO 3166)', read.countryCode)
    .action(exportFile)
  act(
    noun,
    'import',
    'Add and change offers as a table says: all of it, or nothing if a line is bad',
  )
    .argument('<file>', 'Table as offers export writes it (CSV or TSV); - reads stdin')
    .option('--preview', 'Only show what would change')
    .action(importFile)
}

type Format = 'csv' | 'tsv'

function formatNamed(text: string): Format {
  if (text === 'csv' || text === 'tsv') return text
  throw read.unfit('It must be csv or tsv.')
}

type Export = Shown & { out?: string; format: Format; service?: string; country?: string }

function exportFile(wanted: Export) {
  return withSession(async ({ db }) => {
    const rows = await exportPrices(db, wanted)
    const table = writeTable(priceFileColumns, rows, wanted.format === 'tsv' ? '\t' : ',')
    if (wanted.out !== undefined) {
      await writeFile(wanted.out, table)
      printThing(wanted, { file: wanted.out, offers: rows.length })
    } else if (wanted.json) printList(wanted, rows)
    else process.stdout.write(table)
  })
}

type Import = Reasoned & { preview?: true }

function importFile(path: string, wanted: Import) {
  return withSession(async ({ db, by }) => {
    const lines = linesOf(await contentOf(path))
    const preview = wanted.preview === true
    const result = await importPrices(db, by(wanted.reason), lines, preview)
    for (const { at, problem } of result.problems) process.stderr.write(`line ${at}: ${problem}\n`)
    if (result.problems.length > 0)
      throw new Refusal(
        `${result.problems.length} of ${lines.length} lines are bad: nothing was changed.`,
      )
    const counts = {
      applied: result.applied,
      ...countsOf(result.changes),
      unchanged: result.unchanged,
    }
    if (wanted.json) printThing(wanted, { ...counts, changes: result.changes.map(shownChange) })
    else {
      if (preview) printList(wanted, result.changes.map(shownChange))
      printThing(wanted, counts)
    }
  })
}

async function contentOf(path: string): Promise<string> {
  try {
    return path === '-' ? await textOf(process.stdin) : await readFile(path, 'utf8')
  } catch (error) {
    throw new Refusal(`${path} cannot be read: ${(error as Error).message}.`)
  }
}

/** @throws Refusal if the header has an unknown column or lacks one */
function linesOf(content: string): PriceLine[] {
  const [header, ...rows] = readTable(content)
  if (!header) throw new Refusal('The file is empty.')
  const columns = header.cells.map((cell) => cell.toLowerCase())
  const isColumn = (name: string): name is (typeof priceFileColumns)[number] =>
    (priceFileColumns as readonly string[]).includes(name)
  const unknown = columns.find((name) => !isColumn(name))
  const all = priceFileColumns.join(', ')
  if (unknown !== undefined)
    throw new Refusal(`The first line names the column "${unknown}". The columns are: ${all}.`)
  const missing = priceFileColumns.slice(0, 5).find((name) => !columns.includes(name))
  if (missing !== undefined)
    throw new Refusal(
      `The first line does not name the column ${missing}. The columns are: ${all}.`,
    )
  return rows.map(({ at, cells }) => ({
    at,
    cells: Object.fromEntries(columns.map((name, place) => [name, cells[place] ?? ''])),
  }))
}

function countsOf(changes: readonly PriceChange[]) {
  const counts = { added: 0, changed: 0, withdrawn: 0, restored: 0 }
  for (const { what } of changes) counts[what]++
  return counts
}

const shownChange = ({ at, what, offer, before }: PriceChange) => ({
  line: at,
  what,
  kind: offer.kind,
  service: offer.service,
  country: offer.country,
  operator: offer.operator,
  pool: offer.pool,
  duration: read.shownDuration(offer.durationS),
  price_before: before && priceOf(before.price),
  price: priceOf(offer.price),
  state: offer.active ? 'active' : 'withdrawn',
})
