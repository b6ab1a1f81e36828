// What an answer says about its source and its supplier: who has no number, whose key is refused, who is dry.
import type { Tx } from '../../db/database.ts'
import type { Allocation } from '../allocations/allocation.ts'
import { noteEmpty, noteUnknownName, restock } from './sources.ts'
import type { AskVerdict } from './verdict.ts'

/** How long a supplier without money, or with too many requests, is not asked unless it says otherwise. */
const pauseS = { dry: 300, busy: 10 } as const
const maxPauseS = 86_400

/**
 * Notes what an answer says beyond the request. Comes last in its transaction: stock is locked after orders
 * and wallets.
 */
export async function noteAsked(
  tx: Tx,
  now: Date,
  { sourceId, supplierId }: Allocation,
  verdict: AskVerdict,
): Promise<void> {
  if (verdict.kind === 'number')
    await tx.query('update sources set empty_streak = 0 where id = $1 and empty_streak > 0', [
      sourceId,
    ])
  if (verdict.kind !== 'no') return
  if (verdict.class === 'empty' || verdict.class === 'price') await noteEmpty(tx, now, sourceId)
  if (verdict.class === 'name') await noteUnknownName(tx, now, sourceId)
  if (verdict.class === 'key') await pause(tx, now, supplierId, null)
  if (verdict.class === 'dry' || verdict.class === 'busy') {
    const seconds = Math.min(verdict.retryAfterS ?? pauseS[verdict.class], maxPauseS)
    await pause(tx, now, supplierId, new Date(now.getTime() + seconds * 1000))
  }
}

/** Asks a supplier for nothing new until a time; null: until an operator resumes it. */
async function pause(tx: Tx, now: Date, supplierId: number, until: Date | null): Promise<void> {
  const paused = await tx.query(
    `update suppliers set state = 'paused', paused_until = $2 where id = $1 and state = 'on'
     returning 1 as yes`,
    [supplierId, until],
  )
  if (paused.length > 0) await restockOf(tx, now, [supplierId])
}

/** Asks suppliers again whose pause is over. @returns how many */
export async function endPauses(tx: Tx, now: Date): Promise<number> {
  const rows = await tx.query<{ id: number }>(
    `update suppliers set state = 'on', paused_until = null
      where state = 'paused' and paused_until <= $1 returning id`,
    [now],
  )
  await restockOf(
    tx,
    now,
    rows.map(({ id }) => id),
  )
  return rows.length
}

/** Shows the stock of suppliers again, or no longer, after their states have changed. */
export async function restockOf(tx: Tx, now: Date, supplierIds: readonly number[]): Promise<void> {
  if (supplierIds.length === 0) return
  const offers = await tx.query<{ id: number }>(
    'select distinct offer_id as id from sources where supplier_id = any($1) order by 1',
    [supplierIds],
  )
  await restock(
    tx,
    now,
    offers.map(({ id }) => id),
  )
}
