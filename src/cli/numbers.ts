// `numlet numbers`: brought into stock from a file, taken out of sale and back in.
import type { Command } from 'commander'
import { logged } from '../core/audit/log.ts'
import { readCatalog } from '../core/catalog/catalog.ts'
import { ensureOperator } from '../core/catalog/operators.ts'
import { importNumbers, phoneProblem, setNumberState } from '../core/inventory/import.ts'
import { getSupplier } from '../core/inventory/suppliers.ts'
import type { Database } from '../db/database.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { type Line, linesOf } from './lines.ts'
import { printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addNumbers(noun: Command): void {
  verb(
    noun,
    'import',
    'bring numbers into stock; a bad line is named and skipped, and the exit is 1',
  )
    .requiredOption('--supplier <name>', 'whose numbers they are')
    .requiredOption('--country <code>', 'where they are from', read.countryCode)
    .option('--operator <name>', 'their mobile network; one that is not known is added')
    .option('--pool <id>', 'their tier of supply', '1')
    .argument('<file.csv>', 'one number in E.164 form (+ and digits) a line; - is stdin')
    .action(importFile)
  verb(noun, 'disable', 'take a number out of sale; orders that have it keep it')
    .argument('<phone>', 'in E.164 form')
    .action((phone: string, shown: Shown) => setState(phone, 'disabled', shown))
  verb(noun, 'enable', 'put a number back on sale')
    .argument('<phone>', 'in E.164 form')
    .action((phone: string, shown: Shown) => setState(phone, 'active', shown))
}

type Import = Shown & { supplier: string; country: string; operator?: string; pool: string }

/** @NOTE small: a transaction that is open holds up all readers of events */
const numbersABatch = 2_000

function importFile(path: string, wanted: Import) {
  return withSession(async ({ db }) => {
    const target = await targetOf(db, wanted)
    const counts = { imported: 0, known: 0, bad: 0, offers_made: 0 }
    const put = async (phones: readonly string[]) => {
      if (phones.length === 0) return
      const done = await importBatch(db, wanted, target, phones)
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

/** The numbers of a file, some thousands at a time; lines that hold none are complained of. */
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

/** Whatever the numbers hang on, looked up before the first line is read. */
async function targetOf(db: Database, wanted: Import): Promise<Target> {
  const supplier = await getSupplier(db, wanted.supplier)
  const catalog = await readCatalog(db)
  const country = catalog.country(wanted.country)
  if (!country) throw new Refusal(`There is no country ${wanted.country}.`)
  if (!catalog.pools.some((pool) => pool.id === wanted.pool)) {
    const known = catalog.pools.map((pool) => pool.id).join(', ')
    throw new Refusal(`There is no pool ${wanted.pool}. There are: ${known}.`)
  }
  const operator = await logged(
    db,
    (tx) => ensureOperator(tx, country.code, wanted.operator ?? null),
    ({ isNew, slug }) =>
      isNew ? { actor, action: 'operator.create', detail: { country: country.code, slug } } : null,
  )
  return {
    supplierId: supplier.id,
    operatorId: operator.id,
    operator: operator.slug,
    callingCode: country.callingCode,
  }
}

function importBatch(db: Database, wanted: Import, target: Target, phones: readonly string[]) {
  return logged(
    db,
    (tx) =>
      importNumbers(tx, {
        supplierId: target.supplierId,
        country: wanted.country,
        operatorId: target.operatorId,
        pool: wanted.pool,
        phones,
      }),
    ({ imported }) =>
      imported === 0
        ? null
        : {
            actor,
            action: 'numbers.import',
            detail: {
              supplier: wanted.supplier,
              country: wanted.country,
              operator: target.operator,
              pool: wanted.pool,
              numbers: imported,
            },
          },
  )
}

/** What stands first in a line, null for a line that is none of ours. Spreadsheets put quotes around
 * what begins with a plus, and in some languages write `;`. */
function firstColumn({ text }: Line): string | null {
  const column = text?.split(/[,;\t]/, 1)[0]
  return column === undefined ? null : column.trim().replace(/^"(.*)"$/, '$1')
}

function setState(phone: string, state: 'active' | 'disabled', shown: Shown) {
  return withSession(async ({ db }) => {
    await logged(
      db,
      (tx) => setNumberState(tx, phone, state),
      () => ({
        actor,
        action: state === 'active' ? 'number.enable' : 'number.disable',
        // The log is kept for ever, and a phone number is a person's: enough of it to know it again
        detail: { phone: `${phone.slice(0, 5)}...${phone.slice(-3)}` },
      }),
    )
    printThing(shown, { phone, state })
  })
}
