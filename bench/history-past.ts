// The past of a platform, for `history`: orders of twelve calendar months with their transfers, messages and
// past leases, written by SQL in the partitions that the product makes, so that a full audit finds nothing.
import { graceMs, keepMonths } from '../src/core/months/begin.ts'
import { type Database, openDatabase } from '../src/db/database.ts'
import { usedServices } from './buy.ts'
import type { Platform } from './ground.ts'

/** Months with texts, as with a retention of so many months; those before are purged. */
const monthsWithTexts = 2
/** The share of each shelf that every service has used; the rest is for purchases. */
const usedOf = { parts: 3, of: 4 }
const ordersABatch = 125_000
const dayMs = 24 * 60 * 60 * 1000

export type PastMonth = { readonly name: string; readonly from: Date; readonly to: Date }

/** The twelve calendar months (UTC) before the current one, oldest first. */
export function pastMonths(now: Date): PastMonth[] {
  const start = (back: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back))
  return Array.from({ length: 12 }, (_, place) => {
    const from = start(12 - place)
    return { name: from.toISOString().slice(0, 7), from, to: start(11 - place) }
  })
}

/** Writes `orders` past orders, evenly over the months. */
export async function writePast(
  platform: Platform,
  now: Date,
  months: readonly PastMonth[],
  orders: number,
): Promise<void> {
  // One without limits of time.
  const db = openDatabase({ url: platform.url, poolSize: 3, kind: 'migrations' })
  await useStock(db)
  const each = Math.ceil(orders / months.length)
  for (const [place, month] of months.entries()) {
    process.stderr.write(`  ${month.name}: ${place * each} of ${orders} past orders\n`)
    const hasTexts = place >= months.length - monthsWithTexts
    for (const batch of batchesOf(month, place * each, Math.min(orders, (place + 1) * each))) {
      await makeOrders(db, { ...batch, hasTexts })
      // Two cores, two halves: neither reads what the other one writes.
      await Promise.all([writeMoney(db), writeOrders(db, now)])
      await keepMonths(db, batch.to)
    }
    await keepMonths(db, new Date(month.to.getTime() + 2 * graceMs))
  }
  await db.query('drop table bench_made, bench_numbers, bench_services, bench_accounts')
  // What the readers of the events would have counted long ago.
  await db.query(`update event_readers set epoch = (select max(epoch) from event_epochs),
    xid = pg_snapshot_xmin(pg_current_snapshot()), id = 0`)
  await db.query('vacuum analyze')
  await db.end()
}

type Batch = {
  readonly first: number
  readonly count: number
  readonly from: Date
  readonly to: Date
}

/** A month in parts of equal length. */
function batchesOf({ from, to }: PastMonth, first: number, upto: number): Batch[] {
  const parts = Math.ceil((upto - first) / ordersABatch)
  const at = (part: number) => first + Math.floor(((upto - first) * part) / parts)
  const time = (part: number) =>
    new Date(from.getTime() + ((to.getTime() - from.getTime()) * part) / parts)
  return Array.from({ length: parts }, (_, part) => ({
    first: at(part),
    count: at(part + 1) - at(part),
    from: time(part),
    to: time(part + 1),
  }))
}

/** As if each service had sold most of each shelf; and the numbers, services and accounts of the past. */
async function useStock(db: Database) {
  await db.query(
    `create unlogged table bench_services as
       select s.id, row_number() over (order by s.id) - 1 as place from services s where s.slug = any($1)`,
    [usedServices],
  )
  await db.query(
    `create unlogged table bench_numbers as
       select n.id, n.phone, n.supplier_id, n.shelf_id, s.country, s.operator_id, s.pool,
              row_number() over (order by n.position, n.shelf_id) - 1 as place
         from numbers n join shelves s on s.id = n.shelf_id
        where n.position < s.next_position * ${usedOf.parts} / ${usedOf.of}`,
  )
  await db.query(
    `update stock t set next_position = used.upto + 1, remaining = t.remaining - used.upto
       from (select shelf_id, count(*)::int as upto from bench_numbers group by 1) used
      where used.shelf_id = t.shelf_id and t.service_id in (select id from bench_services)`,
  )
  await db.query(
    `create unlogged table bench_accounts as
       select account_id as id, id as wallet_id, row_number() over (order by id) - 1 as place
         from ledger_accounts where kind = 'customer'`,
  )
  await db.query('alter table bench_numbers add primary key (place)')
  for (const table of ['numbers', 'services', 'accounts']) await db.query(`analyze bench_${table}`)
}

/** Half of the orders got their code and were finished, a fifth expired, the others were cancelled. A number
 * comes again for the same service months later, or never. */
async function makeOrders(
  db: Database,
  { first, count, from, to, hasTexts }: Batch & { readonly hasTexts: boolean },
) {
  await db.query('drop table if exists bench_made')
  await db.query(
    `create unlogged table bench_made as
     select nextval('order_ids') as id, i, a.id as account_id, a.wallet_id, n.id as number_id, n.phone,
            n.supplier_id, n.country, n.operator_id, n.pool, s.id as service_id, t.offer_id, t.price,
            case when i % 10 < 5 then 'finished' when i % 10 < 7 then 'expired' else 'cancelled' end as state,
            gen_random_uuid() as hold_id, at.created_at, $5::boolean as has_text,
            lpad((i * 7919 % 1000000)::text, 6, '0') as code,
            at.created_at + case when i % 10 < 5 then interval '90 s' when i % 10 < 7 then interval '20 min'
              else interval '5 min' end as closed_at
       from generate_series($1::bigint, $1::bigint + $2::bigint - 1) i
      cross join lateral (
        select $3::timestamptz + ($4::timestamptz - $3::timestamptz - interval '30 min')
                 * ((i - $1)::float8 / $2) as created_at) at
       join bench_accounts a on a.place = abs(hashint8(i)::bigint) % (select count(*) from bench_accounts)
       join bench_numbers n on n.place = i % (select count(*) from bench_numbers)
       join bench_services s
         on s.place = i / (select count(*) from bench_numbers) % (select count(*) from bench_services)
       join stock t on t.service_id = s.id and t.shelf_id = n.shelf_id
      order by i`,
    [first, count, from, to, hasTexts],
  )
  await db.query('analyze bench_made')
}

/** A hold for each order and its end; each wallet's balances go on from the last one. */
async function writeMoney(db: Database) {
  await db.query(
    `with platform as (
       select max(id) filter (where kind = 'escrow') as escrow,
              max(id) filter (where kind = 'revenue') as revenue
         from ledger_accounts where kind in ('escrow', 'revenue') and currency = 'USD'
     ), moves as (
       select m.hold_id as id, 'hold' as kind, m.wallet_id as debit_id, p.escrow as credit_id,
              null::uuid as hold_id, -m.price as change, m.created_at as at, m.id as order_id, m.i, m.price,
              m.account_id, m.wallet_id
         from bench_made m cross join platform p
       union all
       select gen_random_uuid(), case m.state when 'finished' then 'post' else 'void' end, p.escrow,
              case m.state when 'finished' then p.revenue else m.wallet_id end, m.hold_id,
              case m.state when 'finished' then 0 else m.price end, m.closed_at, m.id, m.i, m.price,
              m.account_id, m.wallet_id
         from bench_made m cross join platform p
     ), chain as (
       select v.*, w.balance + sum(change) over (
                partition by v.wallet_id order by v.at, v.i, v.kind rows unbounded preceding) as balance_after
         from moves v join ledger_accounts w on w.id = v.wallet_id
     ), written as (
       insert into transfers (id, kind, debit_id, credit_id, amount, currency, hold_id, account_id,
         balance_after, order_id, created_at)
       select c.id, c.kind, c.debit_id, c.credit_id, c.price, 'USD', c.hold_id, c.account_id,
              case when c.kind <> 'post' then c.balance_after end, c.order_id, c.at
         from chain c order by c.at, c.i, c.kind)
     update ledger_accounts w set balance = w.balance - paid.amount
       from (select wallet_id, sum(price) as amount from bench_made where state = 'finished' group by 1) paid
      where w.id = paid.wallet_id`,
  )
}

async function writeOrders(db: Database, now: Date) {
  await db.query(
    `insert into orders (id, account_id, kind, state, service_id, country, operator_id, pool, offer_id,
       number_id, phone, price, currency, hold_id, code, code_as_written, message_count, created_at,
       cancel_after, expires_at, received_at, closed_at)
     select id, account_id, 'activation', state, service_id, country, operator_id, pool, offer_id, number_id,
            phone, price, 'USD', hold_id, case when got and has_text then code end,
            case when got and has_text then code end, got::int, created_at, created_at + interval '2 min',
            created_at + interval '20 min', case when got then created_at + interval '30 s' end, closed_at
       from (select *, state = 'finished' as got from bench_made) m order by id`,
  )
  await db.query(
    'insert into past_leases (number_id, order_id) select number_id, id from bench_made order by 1, 2',
  )
  await writeMessages(db)
  await writeEvents(db, new Date(now.getTime() - 30 * dayMs))
}

/** One for each finished order, and one in a hundred that reached nobody. */
async function writeMessages(db: Database) {
  await db.query(
    `insert into messages (supplier_id, supplier_ref, state, phone, number_id, sender, text, code,
       code_as_written, order_id, service_id, account_id, fingerprint, received_at, purged_at)
     select supplier_id, 'past-' || i || '-' || state, state, phone, number_id, 'Example',
            case when has_text then 'Your Example code is ' || code || '. Do not share it with anyone.' end,
            case when has_text and order_id is not null then code end,
            case when has_text and order_id is not null then code end, order_id,
            case when order_id is not null then service_id end,
            case when order_id is not null then account_id end,
            case when has_text then hashtextextended(phone || i, 0) end, at,
            case when not has_text then at + interval '30 days' end
       from (select m.supplier_id, m.i, m.phone, m.number_id, m.has_text, m.code, m.service_id, m.account_id,
                    x.state, x.order_id, x.at
               from bench_made m
              cross join lateral (
                select 'delivered' as state, m.id as order_id, m.created_at + interval '30 s' as at
                 where m.state = 'finished'
                union all
                select 'unmatched', null, m.closed_at + interval '1 min' where m.i % 100 = 99) x) one
      order by at`,
  )
}

/** Events are kept for 30 days. */
async function writeEvents(db: Database, since: Date) {
  await db.query(
    `insert into events (account_id, type, order_id, created_at)
     select m.account_id, x.type, m.id, x.at
       from bench_made m
      cross join lateral (values
        ('order.created', m.created_at), ('order.' || m.state, m.closed_at),
        (case m.state when 'finished' then 'order.code_received' else 'order.refunded' end, m.closed_at)
      ) x(type, at)
      where x.at > $1 and m.created_at > $1
      order by x.at`,
    [since],
  )
}
