// Operators' verbs on numbers and their operators.
import type { Database } from '../../db/database.ts'
import { ensureOperator, type FoundOperator } from '../catalog/operators.ts'
import {
  type Imported,
  importNumbers,
  type NumberBatch,
  setNumberState,
} from '../inventory/import.ts'
import { type By, logged } from '../operator-log.ts'

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

/** Imports numbers. @param names of the supplier and the operator, for the log */
export function importNumberBatch(
  db: Database,
  by: By,
  batch: NumberBatch,
  names: { readonly supplier: string; readonly operator: string },
): Promise<Imported> {
  return logged(
    db,
    by,
    (within) => importNumbers(within, batch),
    ({ imported }) =>
      imported === 0
        ? null
        : {
            action: 'numbers.import',
            subject: { type: 'supplier', id: names.supplier },
            detail: {
              country: batch.country,
              operator: names.operator,
              pool: batch.pool,
              numbers: imported,
            },
          },
  )
}

/** Withdraws a number from sale, or restores it. Safe to repeat. @throws not_found */
export function setNumber(
  db: Database,
  by: By,
  phone: string,
  state: 'active' | 'disabled',
): Promise<void> {
  return logged(
    db,
    by,
    (within) => setNumberState(within, phone, state),
    ({ id, before }) => ({
      action: state === 'active' ? 'number.enable' : 'number.disable',
      subject: { type: 'number', id },
      detail: { phone: shortened(phone), before: { state: before }, after: { state } },
    }),
  ).then(() => undefined)
}

/** The log is kept for ever, and a phone number is personal data: only enough of it to recognise it. */
const shortened = (phone: string) => `${phone.slice(0, 5)}...${phone.slice(-3)}`
