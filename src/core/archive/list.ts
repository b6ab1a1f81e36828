// All months: which are archived, and which can be.
import type { Database } from '../../db/database.ts'
import { archivedMonths } from './archived.ts'
import type { ArchiveStore } from './files.ts'
import { findManifest } from './manifest.ts'
import { liveMonths } from './months.ts'
import { reasonsAgainst } from './reasons.ts'
import { platformOf } from './write.ts'

export type ListedMonth = {
  readonly month: string
  readonly state: 'archived' | 'in the database'
  readonly orders: number
  readonly messages: number | null
  /** Whether the archive is in the directory; null for a month that is not archived. */
  readonly files: 'there' | 'missing' | 'another archive' | null
  /** Why it cannot be archived now; null if it can, or is archived. */
  readonly reason: string | null
  readonly archivedAt: Date | null
  readonly archivedBy: string | null
}

/** All months but those that still grow, oldest first. */
export async function listMonths(
  db: Database,
  now: Date,
  store: ArchiveStore,
): Promise<ListedMonth[]> {
  const { installation } = await platformOf(db)
  const archived = (await archivedMonths(db)).map(async (one): Promise<ListedMonth> => {
    const found = await findManifest(store.folder(one.month)).catch(() => null)
    const isIt =
      found?.manifest.installation === installation && found.hash.equals(one.manifestHash)
    return {
      month: one.month,
      state: 'archived',
      orders: Number(one.orders),
      messages: Number(one.messages),
      files: found === null ? 'missing' : isIt ? 'there' : 'another archive',
      reason: null,
      archivedAt: one.archivedAt,
      archivedBy: one.archivedBy,
    }
  })
  const live = (await liveMonths(db)).map(async (month): Promise<ListedMonth> => {
    const [row] = await db.query<{ orders: number }>(
      'select count(*)::int as orders from orders where id >= $1 and id < $2',
      [month.orders.from, month.orders.to],
    )
    const reasons = await reasonsAgainst(db, month, now)
    return {
      month: month.name,
      state: 'in the database',
      orders: row?.orders ?? 0,
      messages: null,
      files: null,
      reason: reasons.length === 0 ? null : reasons.join(' '),
      archivedAt: null,
      archivedBy: null,
    }
  })
  const all = await Promise.all([...archived, ...live])
  return all.sort((a, b) => (a.month < b.month ? -1 : 1))
}
