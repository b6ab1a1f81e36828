// What an answer says about its source and its supplier: who has no number, whose key is refused, who is dry.
import type { Tx } from '../../db/database.ts'
import type { Allocation } from '../allocations/allocation.ts'
import { hurryBalance } from './feeds.ts'
import { noteEmpty, noteUnknownName, restock } from './sources.ts'
import type { AskVerdict } from './verdict.ts'

/** How long a supplier without money, or with too many requests, is not asked unless it says otherwise. */
const pauseS = { dry: 300, busy: 10, unreached: 10 } as const
/** So many requests of a minute without an answer, and a supplier is not asked for a while. */
const lostRequests = { most: 5, withinS: 60, pauseS: 30 } as const
const maxPauseS = 86_400

/**
 * Notes what an answer says beyond the request. Comes last in its transaction: stock is locked after orders
 * and wallets.
 */
export async function noteAsked(
  tx: Tx,
  now: Date,
  { sourceId, supplierId, againOf, unwanted }: Allocation,
  verdict: AskVerdict,
): Promise<void> {
  if (verdict.kind === 'number')
    await tx.query('update sources set empty_streak = 0 where id = $1 and empty_streak > 0', [
      sourceId,
    ])
  const isLost = verdict.kind === 'unknown' && verdict.ref === undefined
  if (isLost && (await isSilent(tx, now, supplierId)))
    await pause(tx, now, supplierId, new Date(now.getTime() + lostRequests.pauseS * 1000))
  if (verdict.kind !== 'no') return
  // That one number cannot be had says nothing of the others.
  const isOfSource = againOf === null
  // Nor that there is none but those that a customer does not want.
  const isOfStock = isOfSource && unwanted.length === 0
  if (isOfStock && (verdict.class === 'empty' || verdict.class === 'price'))
    await noteEmpty(tx, now, sourceId)
  if (isOfSource && verdict.class === 'name') await noteUnknownName(tx, now, sourceId)
  if (verdict.class === 'key') await pause(tx, now, supplierId, endOfBan(now, verdict))
  if (verdict.class === 'dry') await hurryBalance(tx, now, [supplierId])
  if (verdict.class === 'dry' || verdict.class === 'busy' || verdict.class === 'unreached') {
    const seconds = Math.min(verdict.retryAfterS ?? pauseS[verdict.class], maxPauseS)
    await pause(tx, now, supplierId, new Date(now.getTime() + seconds * 1000))
  }
}

/** When a supplier that refuses our key or account is asked again; null: it has not said when. */
function endOfBan(now: Date, { retryAfterS }: { readonly retryAfterS?: number }): Date | null {
  return retryAfterS === undefined
    ? null
    : new Date(now.getTime() + Math.min(retryAfterS, maxPauseS) * 1000)
}

/** Whether several of the last requests to a supplier have no answer. */
async function isSilent(tx: Tx, now: Date, supplierId: number): Promise<boolean> {
  const [row] = await tx.query<{ lost: number }>(
    `select count(*)::int as lost from allocations
      where supplier_id = $1 and state = 'unknown' and upstream_ref is null
        and asked_at > $2::timestamptz - make_interval(secs => $3)`,
    [supplierId, now, lostRequests.withinS],
  )
  return (row?.lost ?? 0) >= lostRequests.most
}

/** Asks a supplier for nothing new until a time; null: until an operator resumes it. */
export async function pause(
  tx: Tx,
  now: Date,
  supplierId: number,
  until: Date | null,
): Promise<void> {
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
  const ids = rows.map(({ id }) => id)
  await restockOf(tx, now, ids)
  if (ids.length > 0) await hurryBalance(tx, now, ids)
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
