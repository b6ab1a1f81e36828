// Operators' verb on the price list of a supplier of numbers: a preview of what it changes, and applying it.
import type { Database } from '../../db/database.ts'
import { type By, logged, statedReason } from '../operator-log.ts'
import { acceptRate, type Repriced } from '../supply/rate-moves.ts'
import { restockOf } from '../supply/source-news.ts'
import { applySync, previewSync, type Sync, type Synced } from '../supply/sync.ts'

/**
 * Applies a supplier's price list, or says what it would change.
 * @param preview only reports the changes
 * @throws not_found, invalid_request
 */
export function syncSupplier(
  db: Database,
  now: Date,
  by: By,
  sync: Sync & { readonly preview: boolean },
): Promise<Synced> {
  statedReason(by.reason)
  if (sync.preview) return db.begin((tx) => previewSync(tx, sync))
  return logged(
    db,
    by,
    (_within, tx) => applySync(tx, now, sync),
    (synced) => {
      const { added, changed, hidden, off } = countsOf(synced)
      // Stock alone changes with every list.
      if (added + changed + off === 0) return null
      return {
        action: 'supplier.sync',
        subject: { type: 'supplier', id: synced.supplier },
        detail: { pool: synced.pool, currency: sync.list.currency, added, changed, off, hidden },
      }
    },
  )
}

/** Puts a supplier's products on sale again, at their prices, though its currency has moved since.
 * @throws not_found, invalid_request if it has no currency with a rate */
export function acceptSupplierRate(
  db: Database,
  now: Date,
  by: By,
  name: string,
): Promise<Repriced> {
  return logged(
    db,
    by,
    async (_within, tx) => {
      const { id, ...repriced } = await acceptRate(tx, name)
      await restockOf(tx, now, [id])
      return repriced
    },
    ({ currency, before, after }) => ({
      action: 'supplier.accept-rate',
      subject: { type: 'supplier', id: name },
      detail: { currency, before: { rate: before }, after: { rate: after } },
    }),
  )
}

/** How many products come on sale, get another price or cost, and are not on sale, and how many of these were
 * on sale before. */
export function countsOf({ added, changed, same, withdrawn, refused }: Synced) {
  return {
    added: added.length,
    changed: changed.length,
    same: same.length,
    hidden: withdrawn.length + refused.length,
    off: withdrawn.length + refused.filter(({ before }) => before !== null).length,
  }
}
