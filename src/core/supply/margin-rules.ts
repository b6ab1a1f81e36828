// The margin rules that operators have set.
import type { Queryable, Tx } from '../../db/database.ts'
import type { Margin, MarginRule } from './margin.ts'

/** What a rule is for; null: all of them. */
export type RulePlace = Pick<MarginRule, 'supplierId' | 'serviceId' | 'country'>

const maxRules = 100_000

const columns = `r.supplier_id as "supplierId", r.service_id as "serviceId", r.country, r.percent, r.fixed,
  r.floor, r.cap, r.rounding`

/**
 * Lists rules, the most general first.
 * @param supplierId only those that a supplier's products may fall under; null: all
 */
export function listMarginRules(
  db: Queryable,
  supplierId: number | null = null,
): Promise<MarginRule[]> {
  return db.query<MarginRule>(
    `select ${columns} from margin_rules r
      where $1::int is null or r.supplier_id is null or r.supplier_id = $1
      order by r.supplier_id nulls first, r.service_id nulls first, r.country nulls first
      limit ${maxRules}`,
    [supplierId],
  )
}

/** Sets the rule of a place as a whole. Safe to repeat. @returns the rule that it had */
export async function putMarginRule(
  tx: Tx,
  place: RulePlace,
  { percent, fixed, floor, cap, rounding }: Margin,
): Promise<MarginRule | undefined> {
  const before = await lockRule(tx, place)
  await tx.query(
    `insert into margin_rules (supplier_id, service_id, country, percent, fixed, floor, cap, rounding)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict on constraint one_rule_for_each_place
       do update set percent = excluded.percent, fixed = excluded.fixed, floor = excluded.floor,
         cap = excluded.cap, rounding = excluded.rounding`,
    [place.supplierId, place.serviceId, place.country, percent, fixed, floor, cap, rounding],
  )
  return before
}

/** Deletes the rule of a place. @returns the rule that it had */
export async function dropMarginRule(tx: Tx, place: RulePlace): Promise<MarginRule | undefined> {
  const before = await lockRule(tx, place)
  await tx.query(`delete from margin_rules r where ${isPlace}`, valuesOf(place))
  return before
}

const isPlace = `(r.supplier_id, r.service_id, r.country) is not distinct from ($1::int, $2::int, $3::text)`

const valuesOf = ({ supplierId, serviceId, country }: RulePlace) => [supplierId, serviceId, country]

async function lockRule(tx: Tx, place: RulePlace): Promise<MarginRule | undefined> {
  const [rule] = await tx.query<MarginRule>(
    `select ${columns} from margin_rules r where ${isPlace} for no key update`,
    valuesOf(place),
  )
  return rule
}
