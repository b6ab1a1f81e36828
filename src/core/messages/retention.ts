// Retention: texts and codes are purged after the retention time.
import type { Database, Tx } from '../../db/database.ts'
import { reviewLateCodes } from './late.ts'
import { inShownState } from './shown.ts'

const messagesASweep = 2_000

/** Purges texts and codes of messages received before a time, and the codes of their orders once these are
 * closed. @returns the number of messages; a full batch (2,000) means that there may be more */
export function purgeTexts(db: Database, now: Date, before: Date): Promise<number> {
  return db.begin(async (tx) => {
    const old = await tx.query<{ id: bigint }>(
      `select m.id from messages m
         left join orders o on o.id = m.order_id and m.state = 'delivered'
        where m.received_at < $1 and m.purged_at is null
          and (o.id is null or o.closed_at is not null)
        order by m.received_at limit $2 for update of m skip locked`,
      [before, messagesASweep],
    )
    if (old.length > 0)
      await forgetTexts(
        tx,
        now,
        old.map((row) => row.id),
      )
    return old.length
  })
}

/** Purges the texts and codes of locked messages, and the codes of their closed orders that show no other
 * message with a code. A late code that is purged cannot be claimed. */
export async function forgetTexts(tx: Tx, now: Date, ids: readonly bigint[]): Promise<void> {
  const purged = await tx.query<{ order_id: bigint | null; was_claimable: boolean }>(
    `update messages set text = null, subject = null, html = null, headline = null, links = null,
       code = null, code_as_written = null, fingerprint = null, purged_at = $2
      where id = any($1) returning order_id, state = 'late' and claimable is true as was_claimable`,
    [ids, now],
  )
  const orders = [...new Set(purged.map((row) => row.order_id).filter((id) => id !== null))]
  // @NOTE lock before checking: another node may be purging an order's other messages
  await tx.query('select 1 from orders where id = any($1) order by id for no key update', [orders])
  await tx.query(
    `update orders o set code = null, code_as_written = null
      where o.id = any($1) and o.closed_at is not null and not exists (
        select from messages m
         where m.order_id = o.id and m.code is not null and ${inShownState('m.state')})`,
    [orders],
  )
  const late = purged.flatMap((row) => (row.was_claimable ? [row.order_id] : []))
  if (late.length > 0) await reviewLateCodes(tx, now, late)
}
