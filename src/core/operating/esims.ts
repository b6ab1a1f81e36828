// Operators' verbs on data plans and their eSIM codes.
import type { Database } from '../../db/database.ts'
import { assertCountry } from '../catalog/catalog.ts'
import { baseCurrency } from '../catalog/rates.ts'
import { addPlan, changePlan, listPlans, type NewPlan } from '../esims/plans.ts'
import { type ImportedCodes, importCodes, reencryptCodes } from '../esims/stock.ts'
import { type Amount, formatAmount } from '../money.ts'
import { append, type By, logged } from '../operator-log.ts'
import type { Vault } from '../vault/vault.ts'

const baseDecimals = 2

/** Creates a data plan. @throws country_not_found, invalid_request */
export async function addDataPlan(
  db: Database,
  by: By,
  wanted: NewPlan,
): Promise<{ id: number; offerId: number }> {
  if (wanted.country !== null) await assertCountry(db, wanted.country)
  return logged(
    db,
    by,
    (_, tx) => addPlan(tx, wanted),
    ({ offerId }) => ({
      action: 'plan.add',
      subject: { type: 'plan', id: wanted.name },
      detail: {
        country: wanted.country,
        data_gb: wanted.dataGb,
        validity_days: wanted.validityDays,
        price: formatAmount(wanted.price, baseDecimals),
        currency: baseCurrency,
        offer_id: offerId,
      },
    }),
  )
}

/** Changes a plan's price, or withdraws or restores it. @throws plan_not_found */
export async function changeDataPlan(
  db: Database,
  by: By,
  name: string,
  change: { readonly price?: Amount | undefined; readonly active?: boolean | undefined },
): Promise<void> {
  const shown = (plan: { readonly price: Amount; readonly active: boolean } | undefined) =>
    plan && { price: formatAmount(plan.price, baseDecimals), active: plan.active }
  await logged(
    db,
    by,
    async (within) => {
      const wanted = { currency: baseCurrency, name, unsold: true }
      const [before] = await listPlans(within, wanted)
      await changePlan(within, name, change)
      const [after] = await listPlans(within, wanted)
      return { before, after }
    },
    ({ before, after }) => ({
      action: 'plan.change',
      subject: { type: 'plan', id: after?.name ?? name },
      detail: { before: shown(before), after: shown(after) },
    }),
  )
}

/** Adds codes to a plan's stock. @throws plan_not_found */
export function importEsimCodes(
  db: Database,
  now: Date,
  by: By,
  vault: Vault,
  batch: { readonly planName: string; readonly codes: readonly string[] },
): Promise<ImportedCodes> {
  return logged(
    db,
    by,
    (within) => importCodes(within, now, vault, batch),
    ({ imported }) =>
      imported === 0
        ? null
        : {
            action: 'esims.import',
            subject: { type: 'plan', id: batch.planName },
            detail: { imported },
          },
  )
}

/** Re-encrypts codes with the vault's first key, some hundreds at a time. @returns the number re-encrypted */
export async function reencryptEsimCodes(db: Database, by: By, vault: Vault): Promise<number> {
  let sealed = 0
  let round: number
  do {
    round = await reencryptCodes(db, vault)
    sealed += round
  } while (round > 0)
  await append(db, by, { action: 'esims.rekey', detail: { sealed, key_id: vault.keyId } })
  return sealed
}
