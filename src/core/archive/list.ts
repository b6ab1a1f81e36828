// All months: which are archived, and which can be.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { type ArchivedMonth, archivedMonths } from './archived.ts'
import type { ArchiveStore } from './files.ts'
import { findManifest } from './manifest.ts'
import { liveMonths } from './months.ts'
import { reasonsAgainst } from './reasons.ts'
import { platformOf } from './write.ts'

/** What is in the folder of an archived month. */
type Files = 'there' | 'missing' | 'unreadable' | 'another archive'

export type ListedMonth = {
  readonly month: string
  readonly state: 'archived' | 'in the database'
  readonly orders: number
  readonly messages: number | null
  /** Whether the archive is in the directory; null for a month that is not archived. */
  readonly files: Files | null
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
  const all = [...(await listArchived(db, store)), ...(await listLive(db, now))]
  return all.sort((a, b) => (a.month < b.month ? -1 : 1))
}

async function listArchived(db: Database, store: ArchiveStore): Promise<ListedMonth[]> {
  const { installation } = await platformOf(db)
  const months = await archivedMonths(db)
  return Promise.all(
    months.map(async (one) => ({
      month: one.month,
      state: 'archived',
      orders: Number(one.orders),
      messages: Number(one.messages),
      files: await filesOf(store, one, installation),
      reason: null,
      archivedAt: one.archivedAt,
      archivedBy: one.archivedBy,
    })),
  )
}

async function filesOf(
  store: ArchiveStore,
  month: ArchivedMonth,
  installation: string,
): Promise<Files> {
  try {
    const found = await findManifest(store.folder(month.month))
    if (found === null) return 'missing'
    const isIt =
      found.manifest.installation === installation && found.hash.equals(month.manifestHash)
    return isIt ? 'there' : 'another archive'
  } catch (error) {
    // Its manifest.json is not a manifest: `numlet archive verify` says why.
    if (error instanceof DomainError) return 'unreadable'
    throw error
  }
}

async function listLive(db: Database, now: Date): Promise<ListedMonth[]> {
  const months = await liveMonths(db)
  return Promise.all(
    months.map(async (month) => {
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
    }),
  )
}
