// `growth`: buying on a platform with a million numbers, 95 % of which the service has used, and five million
// past orders; compared with the same on a platform without a past.
import type { Database } from '../src/db/database.ts'
import { buyOverHttp } from './buy.ts'
import { type BenchServer, fillPlatform, type Platform, startServer } from './ground.ts'
import { compare, type Result } from './measure.ts'

const rounds = 3
const clients = 32
/** For a shorter run on a small machine: NUMLET_BENCH_SCALE=0.1. */
const scale = Number(process.env.NUMLET_BENCH_SCALE ?? '1')
const numbers = Math.round(1_000_000 * scale)
const pastOrders = Math.round(5_000_000 * scale)

export async function growth(ground: BenchServer): Promise<Result[]> {
  const young = await fillPlatform(ground, 'bench_young', { numbers: 100_000, accounts: 1_000 })
  const old = await fillPlatform(ground, 'bench_old', { numbers, accounts: 1_000 })
  await grow(old.db)
  const results = await compareBoth(old, young)
  await old.db.end()
  await young.db.end()
  return results
}

async function compareBoth(old: Platform, young: Platform): Promise<Result[]> {
  const [oldServer, youngServer] = [await startServer(old.url), await startServer(young.url)]
  const result = await compare(
    `${numbers} numbers, ${pastOrders} past orders`,
    'orders/s',
    rounds,
    () => buyOverHttp(oldServer, old, clients, 1_000),
    () => buyOverHttp(youngServer, young, clients, 1_000),
  )
  await oldServer.stop()
  await youngServer.stop()
  return [result]
}

/** Creates the past of the platform: orders, transfers and cursors as if every service had sold 95 %. */
async function grow(db: Database) {
  await db.query(`update stock set next_position = 1 + (remaining * 95) / 100,
    remaining = remaining - (remaining * 95) / 100`)
  const batch = 250_000
  for (let done = 0; done < pastOrders; done += batch) {
    process.stderr.write(`  ${done} of ${pastOrders} past orders\n`)
    await db.query(
      `with made as (
         insert into orders (id, account_id, kind, state, service_id, country, operator_id, pool, offer_id,
           number_id, phone, price, currency, hold_id, created_at, cancel_after, expires_at, received_at,
           closed_at)
         select nextval('order_ids'), 1001 + i % 1000, 'activation', 'finished', 22, 'US', 1, '1', 1,
                1 + i % $1::int, '+999000000000', 3000, 'USD', gen_random_uuid(),
                now() - interval '60 days' + i * interval '1 second', now(), now(), now(), now()
           from generate_series($2::int, $3::int) i
         returning id, account_id, hold_id, created_at)
       insert into transfers (id, kind, debit_id, credit_id, amount, currency, account_id, balance_after,
         order_id, created_at)
       select hold_id, 'hold', 5, 1, 3000, 'USD', account_id, 1, id, created_at from made`,
      [numbers, done, done + batch - 1],
    )
  }
  await db.query('vacuum analyze')
}
