// What archived months leave behind is deleted in short transactions, after the months are gone.
import type { Database } from '../../db/database.ts'
import { inShownState } from '../messages/shown.ts'
import { isArchived } from './archived.ts'
import { dropStaging } from './staging.ts'
import type { AssertHeld } from './turn.ts'

const rowsAtATime = 2_000
const leasesAtATime = 20_000

/**
 * Deletes what archived months have left: messages that nobody can reach, which numbers their orders had, and
 * how their suppliers were chosen. It goes on where a command was killed.
 * @param assertHeld throws if another command may be at work: what it restores must not be deleted
 */
export async function cleanUp(db: Database, assertHeld: AssertHeld): Promise<void> {
  await assertHeld()
  await dropStaging(db)
  const spans = await db.query<{ from: bigint; to: bigint }>(
    'select orders_from as "from", orders_to as to from archived_months order by orders_from',
  )
  if (spans.length === 0) return
  for (const { from, to } of spans)
    for (let deleted = rowsAtATime; deleted === rowsAtATime; ) {
      await assertHeld()
      const rows = await db.once(
        `delete from messages where id in (
           select id from messages where order_id >= $1 and order_id < $2 and ${inShownState()}
            order by order_id, id limit ${rowsAtATime}) returning 1 as yes`,
        [from, to],
      )
      deleted = rows.length
    }
  for (const { from, to } of spans) {
    await assertHeld()
    await db.once('delete from routings where order_id >= $1 and order_id < $2', [from, to])
  }
  for (let deleted = leasesAtATime; deleted === leasesAtATime; ) {
    await assertHeld()
    const rows = await db.once(
      `delete from past_leases where (number_id, order_id) in (
         select number_id, order_id from past_leases p where ${isArchived('p.order_id')}
          limit ${leasesAtATime}) returning 1 as yes`,
    )
    deleted = rows.length
  }
}
