// The demo: a catalog with prices, fictional numbers, the simulator and one account with money.
import { createAccount } from './core/accounts/accounts.ts'
import { creditAccount } from './core/accounts/adjustments.ts'
import { createKey } from './core/accounts/keys.ts'
import { demoNumbers, demoOffers, demoRates } from './core/catalog/data/demo.ts'
import { pools, services } from './core/catalog/data/load.ts'
import { writeRate } from './core/catalog/rates.ts'
import { type NewOffer, putOffers } from './core/catalog/set-offers.ts'
import { putTestServices } from './core/catalog/test-services.ts'
import { importNumbers } from './core/inventory/import.ts'
import { createSupplier } from './core/inventory/suppliers.ts'
import { type Amount, parseAmount } from './core/money.ts'
import type { Vault } from './core/vault/vault.ts'
import type { Database, Queryable, Tx } from './db/database.ts'
import { installDemoEsims } from './demo-esims.ts'
import { putDemoDomains } from './demo-mail.ts'

export const demoEmail = 'demo@example.com'
const demoCredit = parseAmount('100') as Amount

export type Demo = { readonly key: string; readonly accountId: number; readonly numbers: number }

/** Fills a platform that has no accounts and no suppliers yet; null if it is already in use.
 * The key is created and shown only now. An older demo gets the test services. */
export async function installDemo(
  db: Database,
  now: Date,
  vault: Vault | null,
): Promise<Demo | null> {
  const [used] = await db.query<{ yes: boolean }>(
    'select exists (select from accounts) or exists (select from suppliers) as yes',
  )
  if (used?.yes) {
    await db.begin(putTestServices)
    return null
  }
  await installDemoEsims(db, now, vault)
  const supplierId = await db.begin(async (tx) => {
    // Whoever tries it out can sign up, too.
    await tx.query(
      `insert into settings (name, value, updated_at) values ('sign_up', '"open"', $1)
       on conflict (name) do nothing`,
      [now],
    )
    for (const { currency, perUsd } of demoRates) await writeRate(tx, now, currency, perUsd)
    await putDemoOffers(tx)
    await putDemoDomains(tx)
    return (await createSupplier(tx, { name: 'simulator', kind: 'simulator' })).supplier.id
  })
  const operators = await operatorIds(db)
  let numbers = 0
  for (const shelf of demoNumbers()) {
    const { imported } = await importNumbers(db, {
      supplierId,
      country: shelf.country,
      operatorId: operators.get(`${shelf.country} ${shelf.operator}`) as number,
      pool: shelf.pool,
      phones: shelf.phones,
    })
    numbers += imported
  }
  await db.begin(putTestServices)
  // Without statistics the plan of a whole price list takes ten times as long, until autovacuum gathers them.
  await db.query('analyze offers, stock, services, countries, pools, rates')
  // @NOTE the account is created last, so that an interrupted start is repeated, not left half done
  const account = await createAccount(db, {
    email: demoEmail,
    name: 'Demo',
    currency: 'USD',
  })
  await creditAccount(db, now, {
    accountId: account.id,
    amount: demoCredit,
    reference: 'demo credit',
  })
  const { key } = await createKey(db, now, { accountId: account.id, name: 'demo' })
  return { key, accountId: account.id, numbers }
}

/** The row number of the demo account; null if there is none. */
export async function findDemoAccount(db: Queryable): Promise<number | null> {
  const [row] = await db.query<{ id: number }>('select id from accounts where email = $1', [
    demoEmail,
  ])
  return row?.id ?? null
}

async function putDemoOffers(tx: Tx) {
  const operators = await operatorIds(tx)
  const serviceIds = new Map(services.map((service) => [service.slug, service.number]))
  const rates = new Map(pools.map((pool) => [pool.id, pool.successRate]))
  const offers: NewOffer[] = demoOffers().map((offer) => ({
    kind: offer.kind,
    durationS: (offer.days ?? 0) * 24 * 60 * 60,
    serviceId: serviceIds.get(offer.service) as number,
    country: offer.country,
    operatorId: operators.get(`${offer.country} ${offer.operator}`) as number,
    pool: offer.pool,
    price: parseAmount(offer.price) as Amount,
    successRate: rates.get(offer.pool) ?? null,
  }))
  await putOffers(tx, offers)
}

async function operatorIds(db: Pick<Database, 'query'>): Promise<Map<string, number>> {
  const rows = await db.query<{ id: number; country: string; slug: string }>(
    'select id, country, slug from operators',
  )
  return new Map(rows.map((row) => [`${row.country} ${row.slug}`, row.id]))
}
