// The demo's eSIMs: the plans of the catalog's data, with codes that lead to no server.
import { createHash } from 'node:crypto'
import { type EsimPlanRow, esimPlans } from './core/catalog/data/load.ts'
import { baseCurrency } from './core/catalog/rates.ts'
import { addPlan, listPlans } from './core/esims/plans.ts'
import { importCodes } from './core/esims/stock.ts'
import { type Amount, parseAmount } from './core/money.ts'
import type { Vault } from './core/vault/vault.ts'
import type { Database } from './db/database.ts'

const codesAPlan = 40

/** Safe to repeat.
 * @param vault null where there is no encryption key: then the plans are there, and out of stock */
export async function installDemoEsims(db: Database, now: Date, vault: Vault | null) {
  const known = await listPlans(db, { currency: baseCurrency, unsold: true })
  for (const plan of esimPlans) {
    if (!known.some(({ name }) => name === plan.name))
      await db.begin((tx) => addPlan(tx, { ...plan, price: parseAmount(plan.priceUsd) as Amount }))
    if (vault) await importCodes(db, now, vault, { planName: plan.name, codes: demoCodes(plan) })
  }
}

/** The same at each call; the host is of a domain that is kept for examples. */
function demoCodes(plan: EsimPlanRow): string[] {
  return Array.from({ length: codesAPlan }, (_, index) => {
    const digits = createHash('sha256').update(`${plan.name} ${index}`).digest('hex').toUpperCase()
    const groups = [0, 5, 10, 15].map((start) => digits.slice(start, start + 5))
    return `LPA:1$SMDP.EXAMPLE.COM$${groups.join('-')}`
  })
}
