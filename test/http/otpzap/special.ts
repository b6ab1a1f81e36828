// A special service for tests: sold by its id alone, its numbers set apart in a pool of their own.
import { putOffers } from '../../../src/core/catalog/set-offers.ts'
import { importNumbers } from '../../../src/core/inventory/import.ts'
import { type TestServer, testSupplier } from '../../harness/server.ts'

/** A service whose numbers are set apart. */
export async function specialService({ db }: Pick<TestServer, 'db'>) {
  const id = 910_001
  const name = 'Only Here'
  await db.query(
    `insert into services (id, uuid, slug, name) values ($1, gen_random_uuid(), 'only-here', $2)`,
    [id, name],
  )
  await db.query(`insert into pools (id, name, reserved) values ('own-special', 'Own', true)`)
  const [operator] = await db.query<{ id: number }>(
    `select id from operators where country = 'US' and slug = 'tmobile'`,
  )
  const place = { country: 'US', operatorId: (operator as { id: number }).id, pool: 'own-special' }
  const { supplierId } = await testSupplier(db, 'special')
  const phones = Array.from({ length: 5 }, (_, i) => `+1555010${String(8800 + i)}`)
  await importNumbers(db, { supplierId, ...place, phones })
  await db.begin((tx) =>
    putOffers(tx, [{ kind: 'activation', serviceId: id, ...place, price: 12_500n }]),
  )
  return { id, name, phones }
}
