// Operators' verbs on accounts that leave: the export, which is logged, and erasure.
import type { Database } from '../../db/database.ts'
import { getAccount } from '../accounts/accounts.ts'
import { closeAccount } from '../leaving/close.ts'
import { eraseAccount } from '../leaving/erase.ts'
import { type ExportParts, type ExportRecord, exportAccount } from '../leaving/export.ts'
import { append, type By, needReason } from '../operator-log.ts'

/** Exports an account; the log has who did, as it has the texts of messages. @throws not_found */
export async function exportFor(
  parts: ExportParts,
  by: By,
  accountId: number,
): Promise<AsyncGenerator<ExportRecord>> {
  await getAccount(parts.db, accountId)
  await append(parts.db, by, {
    ...{ action: 'account.export', subject: { type: 'account', id: accountId }, accountId },
  })
  return exportAccount(parts, accountId)
}

/** Closes an account and deletes what is personal in it. Safe to repeat, and to interrupt.
 * @returns whether it was not closed before
 * @throws not_found, account_in_use, and invalid_request without a reason */
export async function erase(
  db: Database,
  now: Date,
  by: By,
  accountId: number,
): Promise<{ changed: boolean }> {
  const { changed } = await closeAccount(db, now, needReason(by), accountId)
  await eraseAccount(db, now, accountId)
  return { changed }
}
