// The rules by which numbers rest, are banned and go out of sale: the platform's, and those of a supplier.
import type { Queryable } from '../../db/database.ts'
import type { Settings } from '../settings.ts'

/** 0: off. */
export type UpkeepRules = {
  readonly restAfterOrders: number
  readonly restHours: number
  readonly banAfterRests: number
  readonly silentAfterDays: number
}

/** A supplier's own; null: the platform's. */
export type SupplierRules = { readonly [Rule in keyof UpkeepRules]: UpkeepRules[Rule] | null }

/** The platform's rules. */
export const rulesIn = (settings: Settings): UpkeepRules => ({
  restAfterOrders: settings.rest_after_orders ?? 0,
  restHours: settings.rest_hours,
  banAfterRests: settings.ban_after_rests ?? 0,
  silentAfterDays: settings.silent_after_days ?? 0,
})

/** The rules in force for each supplier, as the table `rules`: $1 to $4 are the platform's. */
export const rulesOfSuppliers = `rules as (
  select s.id as supplier_id, coalesce(u.rest_after_orders, $1::int) as rest_after,
         coalesce(u.rest_hours, $2::int) as rest_hours, coalesce(u.ban_after_rests, $3::int) as ban_after,
         coalesce(u.silent_after_days, $4::int) as silent_days
    from suppliers s left join supplier_upkeep u on u.supplier_id = s.id)`

/** The values of `rulesOfSuppliers`. */
export const ruleValues = (rules: UpkeepRules) => [
  rules.restAfterOrders,
  rules.restHours,
  rules.banAfterRests,
  rules.silentAfterDays,
]

/** A supplier's own rules. */
export async function readSupplierRules(db: Queryable, supplierId: number): Promise<SupplierRules> {
  const [row] = await db.query<SupplierRules>(
    `select rest_after_orders as "restAfterOrders", rest_hours as "restHours",
            ban_after_rests as "banAfterRests", silent_after_days as "silentAfterDays"
       from supplier_upkeep where supplier_id = $1`,
    [supplierId],
  )
  return (
    row ?? { restAfterOrders: null, restHours: null, banAfterRests: null, silentAfterDays: null }
  )
}

/** Replaces a supplier's own rules. */
export async function writeSupplierRules(
  db: Queryable,
  supplierId: number,
  rules: SupplierRules,
): Promise<void> {
  const { restAfterOrders, restHours, banAfterRests, silentAfterDays } = rules
  await db.query(
    `insert into supplier_upkeep (supplier_id, rest_after_orders, rest_hours, ban_after_rests,
       silent_after_days)
     values ($1, $2, $3, $4, $5)
     on conflict (supplier_id) do update set rest_after_orders = excluded.rest_after_orders,
       rest_hours = excluded.rest_hours, ban_after_rests = excluded.ban_after_rests,
       silent_after_days = excluded.silent_after_days`,
    [supplierId, restAfterOrders, restHours, banAfterRests, silentAfterDays],
  )
}
