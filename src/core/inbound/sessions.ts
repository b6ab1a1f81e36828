// Connections that Numlet holds to suppliers: which node holds which. A node holds one for some seconds at a
// time, so that another takes over when it dies.
import type { Database, Queryable } from '../../db/database.ts'
import { type Supplier, suppliersOfKind } from '../inventory/suppliers.ts'
import { type SessionCounts, sessionCounts } from './session-counts.ts'

/** How long a connection belongs to its node, which renews this in time. */
export const leaseS = 8

/** A connection of a supplier that a node may hold. */
export type Held = { readonly supplierId: number; readonly slot: number }

export type SupplierSessions = {
  /** The suppliers of a kind that are not off. */
  wanted(kind: string): Promise<Supplier[]>
  /** Takes one that nobody holds. @returns its slot; null if there is none */
  take(now: Date, holder: string, supplierId: number, slots: number): Promise<number | null>
  /** Says that a process is alive. @returns those that it still holds: those whose time was over, too, if
   * nobody has taken them */
  keep(now: Date, holder: string): Promise<Held[]>
  /** Gives one back, with what ended it. */
  leave(now: Date, holder: string, held: Held, reason: string | null): Promise<void>
  /** Notes that it is connected. */
  bound(now: Date, holder: string, held: Held): Promise<void>
  /** Whether a node is connected. */
  isBound(now: Date, supplierId: number): Promise<boolean>
  /** What this node does with its connections, for the metrics. */
  readonly counts: SessionCounts
}

/** Composes the verbs. */
export function sessionVerbs(db: Database): SupplierSessions {
  return {
    wanted: (kind) => suppliersOfKind(db, kind),
    take: (now, holder, supplierId, slots) => take(db, now, holder, supplierId, slots),
    keep: (now, holder) =>
      db.once<Held>(
        `update supplier_sessions set until = $1::timestamptz + make_interval(secs => ${leaseS})
          where holder = $2 returning supplier_id as "supplierId", slot`,
        [now, holder],
      ),
    async leave(now, holder, { supplierId, slot }, reason) {
      await db.once(
        `update supplier_sessions set holder = null, until = $1, bound_at = null, reason = $5
          where holder = $2 and supplier_id = $3 and slot = $4`,
        [now, holder, supplierId, slot, reason?.slice(0, 200) ?? null],
      )
    },
    async bound(now, holder, { supplierId, slot }) {
      await db.once(
        `update supplier_sessions set bound_at = $1, reason = null
          where holder = $2 and supplier_id = $3 and slot = $4`,
        [now, holder, supplierId, slot],
      )
    },
    isBound: async (now, supplierId) =>
      (await listSessions(db, now, supplierId)).some(({ boundAt }) => boundAt !== null),
    counts: sessionCounts(),
  }
}

async function take(
  db: Database,
  now: Date,
  holder: string,
  supplierId: number,
  slots: number,
): Promise<number | null> {
  const [row] = await db.once<{ slot: number }>(
    `insert into supplier_sessions as s (supplier_id, slot, holder, until)
     select $2, one.slot, $3, $1::timestamptz + make_interval(secs => ${leaseS})
       from generate_series(1, $4::int) as one(slot)
      where not exists (select from supplier_sessions held
                         where held.supplier_id = $2 and held.slot = one.slot and held.until > $1)
      order by one.slot limit 1
     on conflict (supplier_id, slot) do update
       set holder = excluded.holder, until = excluded.until, bound_at = null
     where s.until <= $1
     returning slot`,
    [now, supplierId, holder, slots],
  )
  return row?.slot ?? null
}

/** A connection as operators see it. */
export type SessionReport = {
  readonly slot: number
  /** Null: not connected now. */
  readonly boundAt: Date | null
  readonly reason: string | null
}

/** The connections of a supplier. */
export const listSessions = (db: Queryable, now: Date, supplierId: number) =>
  db.query<SessionReport>(
    `select slot, case when until > $2 then bound_at end as "boundAt", reason
       from supplier_sessions where supplier_id = $1 order by slot limit 8`,
    [supplierId, now],
  )
