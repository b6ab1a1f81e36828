// Operators' verbs on rates, mail domains, eSIM plans and their codes.
import type { Database } from '../../db/database.ts'
import { assertCountry } from '../catalog/catalog.ts'
import { baseCurrency, listRates, setRate } from '../catalog/rates.ts'
import { addPlan, changePlan, listPlans, type NewPlan } from '../esims/plans.ts'
import { type ImportedCodes, importCodes, sealAnew } from '../esims/stock.ts'
import {
  addDomain,
  type DomainChange,
  type MailDomain,
  type NewDomain,
  readDomains,
  setDomain,
} from '../inboxes/domains.ts'
import { type Amount, formatAmount } from '../money.ts'
import { append, type By, logged } from '../operator-log.ts'
import type { Vault } from '../vault/vault.ts'

const baseDecimals = 2

/** Sets the value of one US dollar in a currency. @throws invalid_request */
export async function rate(
  db: Database,
  now: Date,
  by: By,
  currency: string,
  value: string,
): Promise<void> {
  await logged(
    db,
    by,
    async (within) => {
      const before = (await listRates(within)).find((one) => one.currency === currency)
      await setRate(within, now, currency, value)
      return before?.rate ?? null
    },
    (before) => ({
      action: 'rate.set',
      subject: { type: 'rate', id: currency },
      detail: { before: { rate: before }, after: { rate: value } },
    }),
  )
}

/** A mail domain's terms as text for people. */
export const termsOf = (domain: MailDomain) => ({
  domain: domain.domain,
  price: formatAmount(domain.price, baseDecimals),
  fee: formatAmount(domain.cancellationFee, baseDecimals),
  currency: baseCurrency,
  session: domain.sessionS,
  capacity: domain.capacity,
  open_inboxes: domain.openInboxes,
  state: domain.active ? 'open' : 'closed',
})

/** Adds a mail domain for sale. @throws invalid_request */
export function domainAdded(db: Database, by: By, wanted: NewDomain): Promise<MailDomain> {
  return logged(
    db,
    by,
    (_, tx) => addDomain(tx, wanted),
    (done) => ({
      action: 'domain.add',
      subject: { type: 'domain', id: done.domain },
      detail: termsOf(done),
    }),
  )
}

/** Changes a domain's terms. @throws domain_not_found, invalid_request */
export function domainChanged(
  db: Database,
  by: By,
  domain: string,
  change: DomainChange,
): Promise<MailDomain> {
  return logged(
    db,
    by,
    async (within) => {
      const known = await readDomains(within)
      const after = await setDomain(within, domain, change)
      return { before: known.find((one) => one.domain === after.domain), after }
    },
    ({ before, after }) => ({
      action: 'domain.set',
      subject: { type: 'domain', id: after.domain },
      detail: { before: before ? termsOf(before) : null, after: termsOf(after) },
    }),
  ).then(({ after }) => after)
}

/** Creates a data plan. @throws country_not_found, invalid_request */
export async function planAdded(
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
export async function planChanged(
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
export function codesBrought(
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
export async function codesResealed(db: Database, by: By, vault: Vault): Promise<number> {
  let sealed = 0
  let round: number
  do {
    round = await sealAnew(db, vault)
    sealed += round
  } while (round > 0)
  await append(db, by, { action: 'esims.rekey', detail: { sealed, key_id: vault.keyId } })
  return sealed
}
