// The demo's eSIMs: the plans of the catalog data, with codes for a server that does not exist.
import { createHash } from 'node:crypto'
import { type EsimPlanRow, esimPlans } from './core/catalog/data/load.ts'
import { baseCurrency } from './core/catalog/rates.ts'
import { addPlan, listPlans } from './core/esims/plans.ts'
import { importCodes } from './core/esims/stock.ts'
import { type Amount, parseAmount } from './core/money.ts'
import type { Vault } from './core/vault/vault.ts'
import type { Database } from './db/database.ts'

const codesAPlan = 40

/** Can be repeated safely.
 * @param vault null without an encryption key: then the plans exist, but are out of stock */
export async function installDemoEsims(db: Database, now: Date, vault: Vault | null) {
  const known = await listPlans(db, { currency: baseCurrency, unsold: true })
  for (const plan of esimPlans) {
    if (!known.some(({ name }) => name === plan.name))
      await db.begin((tx) => addPlan(tx, { ...plan, price: parseAmount(plan.priceUsd) as Amount }))
    if (vault) await importCodes(db, now, vault, { planName: plan.name, codes: demoCodes(plan) })
  }
}

/** The same at each call. The host is in a domain reserved for examples. */
function demoCodes(plan: EsimPlanRow): string[] {
  return Array.from({ length: codesAPlan }, (_, index) => {
    const digits = createHash('sha256').update(`${plan.name} ${index}`).digest('hex').toUpperCase()
    const groups = [0, 5, 10, 15].map((start) => digits.slice(start, start + 5))
    return `LPA:1$SMDP.EXAMPLE.COM$${groups.join('-')}`
  })
}
