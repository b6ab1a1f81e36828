// eSIMs as one object: plans, selling and reading them, with the database, the clock and the limits inside.
import type { Database } from '../../db/database.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import type { Bought } from '../orders/buying/buy.ts'
import type { Explain } from '../orders/buying/refusal.ts'
import type { VaultSource } from '../vault/keys.ts'
import type { EsimPlan } from './esim.ts'
import { findPlan, type ListedPlan, listPlans, type PlanFilter } from './plans.ts'
import { type EsimPurchase, esimReader, esimSeller, type ReadEsim } from './sell.ts'

type EsimVerbs = {
  /** Sells eSIMs: the orders are paid and finished at once. */
  buy(purchase: EsimPurchase): Promise<Bought>
}

export type Esims = EsimVerbs & {
  /** The plans for sale. */
  plans(filter: PlanFilter): Promise<ListedPlan[]>
  /** A plan for sale by its name, ignoring case. @throws plan_not_found */
  plan(wanted: Parameters<typeof findPlan>[1]): Promise<EsimPlan>
  /** The eSIM of an order of kind `esim`. */
  readonly read: ReadEsim
  /** The verbs at a given time. */
  at(now: Date): EsimVerbs
}

/** Composes the verbs of this folder. */
export function esimVerbs(parts: {
  readonly db: Database
  readonly clock: () => Date
  readonly limits: () => DefaultLimits
  readonly explain: Explain
  readonly vaults: VaultSource
}): Esims {
  const { db, clock, limits, explain, vaults } = parts
  const sell = esimSeller(db, vaults, limits)
  const verbsAt = (now: () => Date): EsimVerbs => ({
    buy(purchase) {
      const at = now()
      return explain(at, { kind: 'esim', ...purchase }, sell(at, purchase))
    },
  })
  return {
    ...verbsAt(clock),
    plans: (filter) => listPlans(db, filter),
    plan: (wanted) => findPlan(db, wanted),
    read: esimReader(db, vaults),
    at: (now) => verbsAt(() => now),
  }
}
