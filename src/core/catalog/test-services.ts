// Test services: integrators buy them like any other service, to test each way in which an order can end.
import type { Tx } from '../../db/database.ts'
import { type Amount, parseAmount } from '../money.ts'
import { testServices } from './data/load.ts'
import { openStock } from './set-offers.ts'

/** How the orders of a test service end. src/supply/simulator/test-services.ts implements it. */
const testOutcomes = ['now', 'late', 'two', 'never', 'none_left', 'fails', 'slow'] as const
export type TestOutcome = (typeof testOutcomes)[number]

const price = parseAmount('0.01') as Amount

/** Offers the test services on every open shelf of simulated numbers, if there are any. Safe to repeat. */
export async function putTestServices(tx: Tx): Promise<void> {
  await tx.query(
    `insert into services (id, uuid, slug, name, category, test)
     select number, uuid, slug, name, 'test', test
       from jsonb_to_recordset($1::jsonb) as t(number int, uuid uuid, slug text, name text, test text)
      where exists (select from suppliers where kind = 'simulator')
        and not exists (select from services s where s.slug = t.slug and s.id <> t.number)
     on conflict (id) do update set name = excluded.name, test = excluded.test
      where services.test is not null`,
    [JSON.stringify(testServices)],
  )
  const added = await tx.query(
    `insert into offers (kind, service_id, country, operator_id, pool, price)
     select 'activation', s.id, sh.country, sh.operator_id, sh.pool, $1
       from services s
      cross join (
        select distinct sh.country, sh.operator_id, sh.pool
          from shelves sh
          join pools p on p.id = sh.pool and not p.reserved
         where has_simulated_numbers(sh.id)) sh
      where s.test is not null
     on conflict (service_id, country, kind, operator_id, pool, duration) do nothing
     returning 1 as yes`,
    [price],
  )
  const ids = testServices.map((one) => one.number)
  if (added.length > 0) await openStock(tx, null, ids)
}
