// Operators' verbs on numbers, their batches and their operators.
import type { Database } from '../../db/database.ts'
import { ensureOperator, type FoundOperator } from '../catalog/operators.ts'
import {
  beginBatch,
  countLines,
  getBatch,
  type NewBatch,
  setBatchSale,
} from '../inventory/batches.ts'
import { type Imported, importNumbers, type NumberBatch } from '../inventory/import.ts'
import { type NumberState, setNumberState } from '../inventory/sale.ts'
import { type By, logged } from '../operator-log.ts'
import { liftBans } from '../upkeep/failing.ts'
import { getNumber } from '../upkeep/number-report.ts'

/** Gets an operator by name, created if the country does not have it. @throws invalid_request */
export function needOperator(
  db: Database,
  by: By,
  country: string,
  name: string | null,
): Promise<FoundOperator> {
  return logged(
    db,
    by,
    (within) => ensureOperator(within, country, name),
    ({ isNew, id, slug }) =>
      isNew
        ? {
            action: 'operator.create',
            subject: { type: 'operator', id },
            detail: { country, slug },
          }
        : null,
  )
}

/** Begins an import. Its log entry names the batch, which counts what is then imported.
 * @param names of the supplier and the operator, for the log
 * @throws invalid_request if provenance is required and absent, or has an invalid form */
export function beginImport(
  db: Database,
  now: Date,
  by: By,
  batch: NewBatch,
  names: { readonly supplier: string; readonly operator: string },
): Promise<number> {
  return logged(
    db,
    by,
    (_within, tx) => beginBatch(tx, now, by, batch),
    (id) => ({
      action: 'numbers.import',
      subject: { type: 'batch', id },
      detail: {
        supplier: names.supplier,
        country: batch.country,
        operator: names.operator,
        pool: batch.pool,
      },
    }),
  )
}

/** Imports numbers of a batch, and notes its lines that are refused. */
export async function importNumberBatch(
  db: Database,
  batch: NumberBatch & { readonly batch: NonNullable<NumberBatch['batch']> },
): Promise<Imported> {
  if (batch.phones.length > 0) return importNumbers(db, batch)
  await countLines(db, batch.batch.id, { added: 0, known: 0, refused: batch.batch.refused })
  return { imported: 0, known: [], offersMade: 0 }
}

/** Withdraws the numbers of a batch from sale, or restores those that were withdrawn with it. Safe to repeat.
 * @returns how many changed
 * @throws not_found */
export async function setBatch(
  db: Database,
  now: Date,
  by: By,
  id: number,
  state: NumberState,
): Promise<number> {
  const { active, disabled } = await getBatch(db, id)
  let turn = await logged(
    db,
    by,
    (within) => setBatchSale(within, now, id, state, null),
    ({ selected }) =>
      selected === 0
        ? null
        : {
            action: state === 'active' ? 'batch.enable' : 'batch.disable',
            subject: { type: 'batch', id },
            detail: { before: { active, disabled } },
          },
  )
  let changed = turn.changed
  while (turn.next !== null) {
    turn = await setBatchSale(db, now, id, state, turn.next)
    changed += turn.changed
  }
  return changed
}

/** Withdraws a number from sale, or restores it. Safe to repeat. @throws not_found */
export function setNumber(
  db: Database,
  now: Date,
  by: By,
  phone: string,
  state: NumberState,
): Promise<void> {
  return logged(
    db,
    by,
    (within) => setNumberState(within, now, phone, state),
    ({ id, before }) => ({
      action: state === 'active' ? 'number.enable' : 'number.disable',
      subject: { type: 'number', id },
      detail: { phone: shortened(phone), before: { state: before }, after: { state } },
    }),
  ).then(() => undefined)
}

/** Lifts the bans of a number: from one service, or from all (null). Safe to repeat. @throws not_found
 * @returns how many were lifted */
export function liftBan(
  db: Database,
  now: Date,
  by: By,
  phone: string,
  service: { readonly id: number; readonly slug: string } | null,
): Promise<number> {
  return logged(
    db,
    by,
    async (within, tx) => {
      const { id } = await getNumber(within, phone)
      return { id, lifted: await liftBans(tx, now, id, service?.id ?? null) }
    },
    ({ id, lifted }) =>
      lifted === 0
        ? null
        : {
            action: 'number.lift',
            subject: { type: 'number', id },
            detail: { phone: shortened(phone), services: lifted, service: service?.slug ?? 'all' },
          },
  ).then(({ lifted }) => lifted)
}

/** The log is kept for ever, and a phone number is personal data: only enough of it to recognise it. */
const shortened = (phone: string) => `${phone.slice(0, 5)}...${phone.slice(-3)}`
