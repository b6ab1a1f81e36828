// `numlet numbers`: import phone numbers, look at their batches, take them out of sale and back.
import type { Command } from 'commander'
import { type Batch, getBatch, listBatches } from '../core/inventory/batches.ts'
import type { NumberState } from '../core/inventory/sale.ts'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { setBatch, setNumber } from '../core/operating/inventory.ts'
import * as read from './arguments.ts'
import { addImport } from './numbers-import.ts'
import { addStats } from './numbers-stats.ts'
import { addUpkeep } from './numbers-upkeep.ts'
import {
  act,
  printList,
  printReport,
  printThing,
  type Reasoned,
  type Shown,
  verb,
} from './output.ts'
import { withSession } from './session.ts'

export function addNumbers(noun: Command): void {
  addImport(noun)
  addStats(noun)
  addUpkeep(noun)
  verb(noun, 'batches', 'List imports, newest first')
    .option('--supplier <name>', 'Only those of this supplier')
    .option('--before <batch>', 'Only batches before this one: the next page', read.row)
    .option('--limit <count>', 'Number of batches to list', read.limit, 100)
    .action(batches)
  verb(noun, 'batch', 'Show one import: provenance, counts, and the lines that were refused')
    .argument('<batch>', 'Number of the batch', read.row)
    .action((id: number, shown: Shown) => withSession(async ({ db }) => show(db, id, shown)))
  withdrawing(
    noun,
    'disable',
    'Stop selling a number or a batch; orders keep what they have',
  ).action((phone: string | undefined, wanted: Withdrawing, command: Command) =>
    setState(phone, 'disabled', wanted, command),
  )
  withdrawing(noun, 'enable', 'Sell a number again, or what was disabled with its batch').action(
    (phone: string | undefined, wanted: Withdrawing, command: Command) =>
      setState(phone, 'active', wanted, command),
  )
}

type Withdrawing = Reasoned & { batch?: number }

const withdrawing = (noun: Command, usage: string, summary: string) =>
  act(noun, usage, summary)
    .argument('[phone]', 'Phone number in E.164 form (+ and digits)')
    .option('--batch <batch>', 'All numbers of this batch instead', read.row)

function batches(wanted: Shown & { supplier?: string; before?: number; limit: number }) {
  return withSession(async ({ db }) => {
    const { supplier = null, before = null, limit } = wanted
    if (supplier !== null) await getSupplier(db, supplier)
    printList(wanted, (await listBatches(db, { supplier, before, limit })).map(shownBatch))
  })
}

async function show(db: Parameters<typeof getBatch>[0], id: number, shown: Shown) {
  const batch = await getBatch(db, id)
  const { active, disabled, refusedLines } = batch
  printReport(shown, { ...shownBatch(batch), active, disabled, refused_lines: refusedLines })
}

const shownBatch = ({ id, createdAt, ...batch }: Batch) => ({
  batch: id,
  supplier: batch.supplier,
  country: batch.country,
  operator: batch.operator,
  pool: batch.pool,
  source: batch.source,
  added: batch.added,
  known: batch.known,
  refused: batch.refused,
  owner: batch.owner,
  contract: batch.contract,
  consent: batch.consent,
  actor: batch.actor,
  reason: batch.reason,
  created_at: createdAt,
})

function setState(
  phone: string | undefined,
  state: NumberState,
  wanted: Withdrawing,
  command: Command,
) {
  const { batch, reason } = wanted
  if ((phone === undefined) === (batch === undefined))
    command.error('error: give a phone number, or a batch with --batch', { exitCode: 2 })
  return withSession(async ({ db, by, now }) => {
    if (phone !== undefined) {
      await setNumber(db, now(), by(reason), phone, state)
      printThing(wanted, { phone, state })
    } else if (batch !== undefined) {
      const changed = await setBatch(db, now(), by(reason), batch, state)
      printThing(wanted, { batch, state, changed })
    }
  })
}
