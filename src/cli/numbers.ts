// `numlet numbers`: import, disable and enable phone numbers.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { phoneProblem } from '../core/inventory/import.ts'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { importNumberBatch, needOperator, setNumber } from '../core/operating/inventory.ts'
import type { By } from '../core/operator-log.ts'
import type { Database } from '../db/database.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { type Line, linesOf } from './lines.ts'
import { act, printThing, type Reasoned } from './output.ts'
import { withSession } from './session.ts'

export function addNumbers(noun: Command): void {
  act(noun, 'import', 'Add phone numbers to the stock; bad lines are named and skipped (exit 1)')
    .requiredOption('--supplier <name>', 'Supplier of the numbers')
    .requiredOption('--country <code>', 'Country of the numbers (ISO 3166)', read.countryCode)
    .option('--operator <name>', 'Mobile network of the numbers; added if it is not known')
    .option('--pool <id>', 'Pool of the numbers', '1')
    .argument('<file.csv>', 'File with one number in E.164 form per line; - reads stdin')
    .action(importFile)
  act(noun, 'disable', 'Stop selling a number; orders that have it keep it')
    .argument('<phone>', 'Phone number in E.164 form (+ and digits)')
    .action((phone: string, wanted: Reasoned) => setState(phone, 'disabled', wanted))
  act(noun, 'enable', 'Sell a number again')
    .argument('<phone>', 'Phone number in E.164 form (+ and digits)')
    .action((phone: string, wanted: Reasoned) => setState(phone, 'active', wanted))
}

type Import = Reasoned & { supplier: string; country: string; operator?: string; pool: string }

/** @NOTE small, because an open transaction delays all readers of events */
const numbersABatch = 2_000

function importFile(path: string, wanted: Import) {
  return withSession(async ({ db, by: stated }) => {
    const by = stated(wanted.reason)
    const target = await targetOf(db, by, wanted)
    const counts = { imported: 0, known: 0, bad: 0, offers_made: 0 }
    const put = async (phones: readonly string[]) => {
      if (phones.length === 0) return
      const done = await importBatch(db, by, wanted, target, phones)
      counts.imported += done.imported
      counts.known += phones.length - done.imported
      counts.offers_made += done.offersMade
    }
    const batch: string[] = []
    const complain = (line: Line, problem: string) => {
      counts.bad++
      process.stderr.write(`line ${line.at}: ${problem}; skipped\n`)
    }
    for await (const phones of phonesOf(path, target.callingCode, complain)) {
      batch.push(...phones)
      while (batch.length >= numbersABatch) await put(batch.splice(0, numbersABatch))
    }
    await put(batch)
    printThing(wanted, { ...counts, operator: target.operator })
    if (counts.bad > 0) process.exitCode = 1
  })
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
async function targetOf(db: Database, by: By, wanted: Import): Promise<Target> {
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

function importBatch(
  db: Database,
  by: By,
  { supplier, country, pool }: Import,
  { supplierId, operatorId, operator }: Target,
  phones: readonly string[],
) {
  const batch = { supplierId, country, operatorId, pool, phones }
  return importNumberBatch(db, by, batch, { supplier, operator })
}

/** The first column of a line; null if the line is too long. Spreadsheets quote values that begin with a
 * plus, and in some languages separate columns by `;`. */
function firstColumn({ text }: Line): string | null {
  const column = text?.split(/[,;\t]/, 1)[0]
  return column === undefined ? null : column.trim().replace(/^"(.*)"$/, '$1')
}

function setState(phone: string, state: 'active' | 'disabled', wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    await setNumber(db, by(wanted.reason), phone, state)
    printThing(wanted, { phone, state })
  })
}
