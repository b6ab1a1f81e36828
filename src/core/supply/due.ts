// What is due at suppliers, so that only this is claimed.
import type { Database } from '../../db/database.ts'

/** Work that is due at a supplier. */
export type DueAtSupplier = {
  readonly supplierId: number
  readonly kind: 'asks' | 'look_ups' | 'commands' | 'readings'
  /** How much of it, up to a thousand. */
  readonly count: number
  readonly dueAt: Date
}

const open = `supplier_id = p.id and poll_at <= $1`

/** What is due at the suppliers that are not off. How much of it may be claimed, the claims say. */
export function dueAtSuppliers(db: Database, now: Date): Promise<DueAtSupplier[]> {
  return db.query<DueAtSupplier>(
    `select p.id as "supplierId", d.kind, d.count, d.due_at as "dueAt"
       from suppliers p cross join lateral (
         select 'asks' as kind, count(*)::int, min(at) as due_at from (
           select created_at as at from allocations
            where supplier_id = p.id and state = 'planned' and allocate_by > $1 and p.state = 'on'
            order by id limit 1000) asks
         union all
         select 'look_ups', count(*)::int, min(at) from (
           select poll_at as at from allocations where ${open} and state = 'unknown'
            order by poll_at limit 1000) look_ups
         union all
         select 'commands', count(*)::int, min(at) from (
           select due_at as at from supplier_commands
            where supplier_id = p.id and state = 'open' and due_at <= $1
            order by due_at limit 1000) commands
         union all
         select 'readings', count(*)::int, min(at) from (
           select poll_at as at from allocations
            where ${open} and state in ('got', 'given_up') and last_word is null
            order by poll_at limit 1000) readings
       ) d
      where p.currency is not null and p.state <> 'off' and d.count > 0`,
    [now],
  )
}
