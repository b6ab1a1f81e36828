// Data plans: what they include, their prices, and the remaining stock.
import type { Queryable, Tx } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { DomainError } from '../error.ts'
import type { Amount } from '../money.ts'
import { alternativesTo } from '../nearest.ts'
import type { EsimPlan } from './esim.ts'

export type PlanFilter = {
  readonly currency: string
  /** Ignoring case. */
  readonly name?: string
  readonly offerIds?: readonly number[]
  /** Includes plans that are not for sale: withdrawn, or of a closed country. */
  readonly unsold?: boolean
}

export type ListedPlan = EsimPlan & { readonly active: boolean; readonly sold: number }

/** Operators create plans by hand, so there are few; the list still has a limit. */
const maxPlans = 1_000

/** Lists the plans for sale by their offers. */
export async function listPlans(db: Queryable, filter: PlanFilter): Promise<ListedPlan[]> {
  return db.query<ListedPlan>(
    `select p.id, p.offer_id as "offerId", p.name, o.country, p.data_gb::float8 as "dataGb",
            p.validity_days as "validityDays", price_in(o.price, r.rate, r.decimals) as price,
            p.remaining as stock, p.sold, o.active
       from esim_plans p
       join offers o on o.id = p.offer_id
       join rates r on r.currency = $1
       left join countries c on c.code = o.country
      where ($2::text is null or lower(p.name) = lower($2))
        and ($3::int[] is null or p.offer_id = any($3))
        and ($4 or (o.active and not coalesce(c.closed, false)))
      order by p.offer_id limit ${maxPlans}`,
    [filter.currency, filter.name ?? null, filter.offerIds ?? null, filter.unsold ?? false],
  )
}

/** Gets a plan for sale by its name, ignoring case. @throws plan_not_found */
export async function findPlan(
  db: Queryable,
  wanted: { readonly currency: string; readonly name: string },
): Promise<EsimPlan> {
  const [plan] = await listPlans(db, wanted)
  if (!plan) {
    const plans = await listPlans(db, { currency: wanted.currency })
    throw planNotFound(wanted.name, plans)
  }
  return plan
}

export type NewPlan = {
  readonly name: string
  readonly country: string | null
  readonly dataGb: number
  readonly validityDays: number
  /** In the base currency. */
  readonly price: Amount
}

/** Creates a plan. @returns its id and its offer's
 * @throws invalid_request if the name is taken, or the plan is invalid */
export async function addPlan(tx: Tx, plan: NewPlan): Promise<{ id: number; offerId: number }> {
  assertPlan(plan)
  const [offer] = await tx.query<{ id: number }>(
    `insert into offers (kind, country, price) values ('esim', $1, $2) returning id`,
    [plan.country, plan.price],
  )
  const { id: offerId } = offer as { id: number }
  try {
    const [row] = await tx.query<{ id: number }>(
      `insert into esim_plans (offer_id, name, data_gb, validity_days)
       values ($1, $2, $3, $4) returning id`,
      [offerId, plan.name, plan.dataGb, plan.validityDays],
    )
    return { id: (row as { id: number }).id, offerId }
  } catch (error) {
    if (isUniqueViolation(error, 'esim_plans_name'))
      throw new DomainError('invalid_request', `A plan named ${plan.name} already exists.`)
    throw error
  }
}

/** Changes a plan's price from now on, or withdraws or restores it. Existing orders do not change.
 * @throws plan_not_found */
export async function changePlan(
  db: Queryable,
  name: string,
  change: { readonly price?: Amount; readonly active?: boolean },
): Promise<void> {
  const rows = await db.query(
    `update offers o set price = coalesce($2, o.price), active = coalesce($3, o.active)
       from esim_plans p where p.offer_id = o.id and lower(p.name) = lower($1) returning 1 as yes`,
    [name, change.price ?? null, change.active ?? null],
  )
  if (rows.length > 0) return
  const plans = await db.query<{ name: string }>(
    `select name from esim_plans order by id limit ${maxPlans}`,
  )
  throw planNotFound(name, plans)
}

/** @param name as requested; omitted if the plan was requested by its offer */
export function planNotFound(name?: string, known: readonly { readonly name: string }[] = []) {
  if (!name) return new DomainError('plan_not_found', 'There is no such plan.')
  const { alternatives, hint } = alternativesTo(
    name,
    known.map((plan) => plan.name),
  )
  return new DomainError('plan_not_found', `There is no plan ${name}.${hint}`, { alternatives })
}

function assertPlan(plan: NewPlan) {
  const wrong = [
    !/^\S(?:[^\p{Cc}\p{Cs}]{0,98}\S)?$/u.test(plan.name) && 'a name of 1 to 100 characters',
    !(plan.dataGb > 0 && plan.dataGb < 100_000) && 'more than 0 and less than 100000 GB of data',
    !(plan.validityDays >= 1 && plan.validityDays <= 3_650) && 'a validity of 1 to 3650 days',
  ].filter(Boolean)
  if (wrong.length > 0)
    throw new DomainError('invalid_request', `A plan must have ${wrong.join(', and ')}.`)
}
