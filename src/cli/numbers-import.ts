// `numlet numbers import`: a file of phone numbers becomes a batch of the stock.
import { basename } from 'node:path'
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { maxLinesKept, type RefusedLine } from '../core/inventory/batches.ts'
import { phoneProblem } from '../core/inventory/import.ts'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { beginImport, importNumberBatch, needOperator } from '../core/operating/inventory.ts'
import type { By } from '../core/operator-log.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { type Line, linesOf } from './lines.ts'
import { act, printThing, type Reasoned } from './output.ts'
import { type Session, withSession } from './session.ts'

export function addImport(noun: Command): void {
  act(
    noun,
    'import',
    'Add phone numbers to the stock; bad lines are skipped, the first 1,000 by name (exit 1)',
  )
    .requiredOption('--supplier <name>', 'Supplier of the numbers')
    .requiredOption('--country <code>', 'Country of the numbers (ISO 3166)', read.countryCode)
    .option('--operator <name>', 'Mobile network of the numbers; added if it is not known')
    .option('--pool <id>', 'Pool of the numbers', '1')
    .option('--owner <text>', 'Whose numbers they are', read.oneLine)
    .option('--contract <text>', 'The contract under which they are let', read.oneLine)
    .option('--consent <text>', 'Who agreed that they are let, and when', read.oneLine)
    .argument('<file.csv>', 'File with one number in E.164 form per line; - reads stdin')
    .action(importFile)
}

type Import = Reasoned & {
  supplier: string
  country: string
  operator?: string
  pool: string
  owner?: string
  contract?: string
  consent?: string
}

/** @NOTE small, because an open transaction delays all readers of events */
const numbersABatch = 2_000

function importFile(path: string, wanted: Import) {
  return withSession(async (session) => {
    const by = session.by(wanted.reason)
    const target = await targetOf(session, by, wanted)
    const counts = { imported: 0, known: 0, bad: 0, offers_made: 0 }
    const phones: string[] = []
    let refused = refusedSoFar()
    let batch: number | null = null
    const put = async (some: readonly string[]) => {
      if (some.length === 0 && refused.count === 0) return
      batch ??= await begin(session, by, path, wanted, target)
      const { supplierId, operatorId } = target
      const done = await importNumberBatch(session.db, {
        ...{ supplierId, operatorId, country: wanted.country, pool: wanted.pool },
        phones: some,
        batch: { id: batch, refused },
      })
      refused = refusedSoFar()
      counts.imported += done.imported
      counts.known += some.length - done.imported
      counts.offers_made += done.offersMade
    }
    const complain = (line: Line, problem: string) => {
      refused.count++
      if (++counts.bad > maxLinesKept) return
      refused.named.push({ line: line.at, problem })
      process.stderr.write(`line ${line.at}: ${problem}; skipped\n`)
    }
    for await (const some of phonesOf(path, target.callingCode, complain)) {
      phones.push(...some)
      while (phones.length >= numbersABatch) await put(phones.splice(0, numbersABatch))
    }
    await put(phones)
    const unnamed = counts.bad - maxLinesKept
    if (unnamed > 0) process.stderr.write(`${unnamed} more bad lines; skipped\n`)
    printThing(wanted, { ...counts, operator: target.operator, batch })
    if (counts.bad > 0) process.exitCode = 1
  })
}

/** However many lines of a file are bad, only the first ones are kept. */
const refusedSoFar = (): { count: number; named: RefusedLine[] } => ({ count: 0, named: [] })

/** Begins a batch when the first line has been read, so that a file that is not there leaves none. */
function begin({ db, now }: Session, by: By, path: string, wanted: Import, target: Target) {
  const { supplier, country, pool, owner = null, contract = null, consent = null } = wanted
  const { supplierId, operatorId, operator } = target
  const source = path === '-' ? 'stdin' : basename(path)
  const batch = { supplierId, country, operatorId, pool, source, owner, contract, consent }
  return beginImport(db, now(), by, batch, { supplier, operator })
}

/** The numbers of a file, some thousands at a time. Lines without a number are reported. */
async function* phonesOf(
  path: string,
  callingCode: string,
  complain: (line: Line, problem: string) => void,
): AsyncGenerator<string[]> {
  let isFirst = true
  for await (const lines of linesOf(path)) {
    const phones: string[] = []
    for (const line of lines) {
      const column = firstColumn(line)
      if (column === '') continue
      const isHeader = isFirst && column?.toLowerCase() === 'phone'
      isFirst = false
      if (isHeader) continue
      const problem = column === null ? 'is too long' : phoneProblem(column, callingCode)
      if (column !== null && problem === null) phones.push(column)
      else if (problem !== null) complain(line, problem)
    }
    yield phones
  }
}

type Target = {
  readonly supplierId: number
  readonly operatorId: number
  readonly operator: string
  readonly callingCode: string
}

/** Everything that the numbers refer to, looked up before the first line is read. */
async function targetOf({ db }: Session, by: By, wanted: Import): Promise<Target> {
  const supplier = await getSupplier(db, wanted.supplier)
  const catalog = await readCatalog(db)
  const country = catalog.country(wanted.country)
  if (!country) throw new Refusal(`There is no country ${wanted.country}.`)
  if (!catalog.pools.some((pool) => pool.id === wanted.pool)) {
    const known = catalog.pools.map((pool) => pool.id).join(', ')
    throw new Refusal(`There is no pool ${wanted.pool}. There are: ${known}.`)
  }
  const operator = await needOperator(db, by, country.code, wanted.operator ?? null)
  return {
    supplierId: supplier.id,
    operatorId: operator.id,
    operator: operator.slug,
    callingCode: country.callingCode,
  }
}

/** The first column of a line; null if the line is too long. Spreadsheets quote values that begin with a
 * plus, and in some languages separate columns by `;`. */
function firstColumn({ text }: Line): string | null {
  const column = text?.split(/[,;\t]/, 1)[0]
  return column === undefined ? null : column.trim().replace(/^"(.*)"$/, '$1')
}
