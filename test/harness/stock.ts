// Stock for a test: a service that only this test sells, with as many numbers as it needs.
import { putOffers } from '../../src/core/catalog/set-offers.ts'
import { importNumbers } from '../../src/core/inventory/import.ts'
import { type Amount, parseAmount } from '../../src/core/money.ts'
import type { Database } from '../../src/db/database.ts'
import { testSupplier } from './server.ts'

export type OwnService = {
  readonly id: number
  readonly uuid: string
  readonly slug: string
  readonly country: string
  readonly phones: readonly string[]
}

let made = 0

/** Adds `numbers` numbers for a new service. */
export async function ownService(
  db: Database,
  options: { numbers: number; price?: string },
): Promise<OwnService> {
  const name = `own-${++made}`
  const [service] = await db.query<{ id: number; uuid: string; slug: string }>(
    `insert into services (id, uuid, slug, name)
     values ($1, gen_random_uuid(), $2, $2) returning id, uuid::text, slug`,
    [900_000 + made, name],
  )
  // A country in which the demo sells nothing, so that no other service uses these numbers.
  const [operator] = await db.query<{ id: number; country: string }>(
    `insert into operators (country, slug, name)
     select c.code, $1, $1 from countries c
      where not c.closed and not exists (select from offers o where o.country = c.code)
      order by c.code limit 1
     returning id, country`,
    [name],
  )
  if (!service || !operator) throw new Error('the demo sells everywhere')
  const prefix = `+99${String(made).padStart(3, '0')}`
  const phones = Array.from(
    { length: options.numbers },
    (_, index) => prefix + String(index).padStart(7, '0'),
  )
  const { supplierId } = await testSupplier(db, name)
  const place = { country: operator.country, operatorId: operator.id, pool: '1' }
  await importNumbers(db, { supplierId, ...place, phones })
  await db.begin((tx) =>
    putOffers(tx, [
      {
        kind: 'activation',
        serviceId: service.id,
        ...place,
        price: parseAmount(options.price ?? '0.50') as Amount,
      },
    ]),
  )
  return { ...service, country: operator.country, phones }
}

/** Leaves a part of the demo's offers, which is enough for lists that are read often: those of WhatsApp,
 * Telegram, platform 1 and some more services. */
export async function keepFewOffers(db: Database): Promise<void> {
  await db.query(
    `with named as (select id % 10 as digit from services where slug in ('whatsapp', 'telegram')),
          kept as (select id from services where id % 10 = 1 or id % 10 in (select digit from named)),
          unsold as (delete from stock where service_id not in (select id from kept))
     delete from offers where kind = 'activation' and service_id not in (select id from kept)`,
  )
}
