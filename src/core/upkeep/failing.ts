// Numbers whose orders for a service wait in vain, of several customers one after the other: they rest from
// the service, and after several rests they are banned from it, until an operator lifts the ban.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { appendMany, jobOf } from '../operator-log.ts'
import { rulesOfSuppliers, ruleValues, type UpkeepRules } from './rules.ts'

const pairsARun = 500

type Failing = {
  readonly number_id: number
  readonly service_id: number
  readonly shelf_id: number
  readonly supplier: string
  readonly rest_hours: number
  readonly is_ban: boolean
}

export type Rested = { readonly rested: number; readonly banned: number }

/**
 * Lets numbers rest from services, or bans them, as the rules say. Numbers that are let at the time are left
 * alone: their turn comes when they may be sold again.
 */
export function restFailing(db: Database, now: Date, rules: UpkeepRules): Promise<Rested> {
  return db.begin(async (tx) => {
    const due = await dueOf(tx, rules)
    if (due.length === 0) return { rested: 0, banned: 0 }
    await lockStock(tx, due)
    const held = await takeFromSale(tx, due)
    const rests = held.filter((one) => !one.is_ban)
    const bans = held.filter((one) => one.is_ban)
    await letRest(tx, now, rests)
    await ban(tx, now, bans)
    const counts = Map.groupBy(bans, ({ supplier }) => supplier)
    await appendMany(
      tx,
      jobOf('rest-failing-numbers'),
      [...counts].map(([id, some]) => ({
        action: 'numbers.ban',
        subject: { type: 'supplier' as const, id },
        detail: { numbers: some.length },
      })),
    )
    return { rested: rests.length, banned: bans.length }
  })
}

/** Those that rest or have returned: others are let, or are not sold again anyway. */
const dueOf = (tx: Tx, rules: UpkeepRules) =>
  tx.query<Failing>(
    `with ${rulesOfSuppliers}
     select f.number_id, f.service_id, n.shelf_id, s.name as supplier, r.rest_hours,
            r.ban_after > 0 and f.rests >= r.ban_after as is_ban
       from failing_numbers f
       join numbers n on n.id = f.number_id
       join rules r on r.supplier_id = n.supplier_id
       join suppliers s on s.id = n.supplier_id
      where f.banned_at is null and r.rest_after > 0 and cardinality(f.silent_accounts) >= r.rest_after
        and (exists (select from resting_numbers x
                      where x.number_id = f.number_id and x.service_id = f.service_id)
          or exists (select from returned_numbers x
                      where x.number_id = f.number_id and x.service_id = f.service_id))
      order by f.number_id, f.service_id limit $5 for update of f skip locked`,
    [...ruleValues(rules), pairsARun],
  )

const pairsOf = (some: readonly Failing[]) => [
  some.map((one) => one.number_id),
  some.map((one) => one.service_id),
]

async function lockStock(tx: Tx, due: readonly Failing[]) {
  await tx.query(
    `select 1 from stock where (service_id, shelf_id) in (select * from unnest($1::int[], $2::int[]))
      order by service_id, shelf_id for no key update`,
    [due.map((one) => one.service_id), due.map((one) => one.shelf_id)],
  )
}

/**
 * Takes what has returned out of sale again. With the stock locked, nobody else leases or returns it.
 * @NOTE resting numbers are not waited for: whoever holds one waits for the stock that is locked here
 * @returns those that rest; the others have been let since
 */
async function takeFromSale(tx: Tx, due: readonly Failing[]): Promise<Failing[]> {
  const pairs = pairsOf(due)
  const resting = await tx.query<Pair>(
    `select r.number_id, r.service_id from resting_numbers r
      where (r.number_id, r.service_id) in (select * from unnest($1::int[], $2::int[]))
        for update skip locked`,
    pairs,
  )
  const returned = await tx.query<Pair>(
    `with gone as (
       delete from returned_numbers r using numbers n
        where n.id = r.number_id
          and (r.number_id, r.service_id) in (select * from unnest($1::int[], $2::int[]))
       returning r.number_id, r.service_id, r.shelf_id, n.state
     ), counted as (
       update stock st set remaining = st.remaining - g.numbers
         from (select service_id, shelf_id, count(*)::int as numbers from gone
                where state = 'active' group by 1, 2) g
        where st.service_id = g.service_id and st.shelf_id = g.shelf_id
     )
     select number_id, service_id from gone`,
    pairs,
  )
  const held = new Set([...resting, ...returned].map(nameOf))
  return due.filter((one) => held.has(nameOf(one)))
}

type Pair = { readonly number_id: number; readonly service_id: number }
const nameOf = ({ number_id, service_id }: Pair) => `${number_id} ${service_id}`

async function letRest(tx: Tx, now: Date, rests: readonly Failing[]) {
  if (rests.length === 0) return
  await tx.query(
    `insert into resting_numbers as r (number_id, service_id, shelf_id, until)
     select number_id, service_id, shelf_id, $5::timestamptz + make_interval(hours => hours)
       from unnest($1::int[], $2::int[], $3::int[], $4::int[]) as u(number_id, service_id, shelf_id, hours)
     on conflict (number_id, service_id) do update set until = greatest(r.until, excluded.until)`,
    [...pairsOf(rests), rests.map((one) => one.shelf_id), rests.map((one) => one.rest_hours), now],
  )
  await tx.query(
    `update failing_numbers set silent_orders = 0, silent_accounts = '{}', rests = rests + 1
      where (number_id, service_id) in (select * from unnest($1::int[], $2::int[]))`,
    pairsOf(rests),
  )
}

async function ban(tx: Tx, now: Date, bans: readonly Failing[]) {
  if (bans.length === 0) return
  await tx.query(
    `with gone as (
       delete from resting_numbers
        where (number_id, service_id) in (select * from unnest($1::int[], $2::int[])))
     update failing_numbers set banned_at = $3
      where (number_id, service_id) in (select * from unnest($1::int[], $2::int[]))`,
    [...pairsOf(bans), now],
  )
}

/** Lifts the bans of a number: from one service, or from all (null). A job then returns it to sale.
 * @returns how many were lifted */
export async function liftBans(
  tx: Tx,
  now: Date,
  numberId: number,
  serviceId: number | null,
): Promise<number> {
  const lifted = await tx.query(
    `with lifted as (
       delete from failing_numbers
        where number_id = $1 and ($2::int is null or service_id = $2) and banned_at is not null
       returning number_id, service_id
     ), rested as (
       insert into resting_numbers (number_id, service_id, shelf_id, until)
       select l.number_id, l.service_id, n.shelf_id, $3
         from lifted l join numbers n on n.id = l.number_id
       on conflict do nothing)
     select 1 as yes from lifted`,
    [numberId, serviceId, now],
  )
  return lifted.length
}

export type FailingNumber = {
  readonly phone: string
  readonly supplier: string
  readonly service: string
  /** In a row, since the last rest. */
  readonly silentOrders: number
  readonly rests: number
  readonly lastOrderAt: Date
  readonly bannedAt: Date | null
}

/** The services of one number whose last orders waited in vain. */
export const failingOf = (
  db: Queryable,
  numberId: number,
): Promise<Omit<FailingNumber, 'phone' | 'supplier'>[]> =>
  db.query(
    `select sv.slug as service, f.silent_orders as "silentOrders", f.rests,
            f.last_order_at as "lastOrderAt", f.banned_at as "bannedAt"
       from failing_numbers f join services sv on sv.id = f.service_id
      where f.number_id = $1 order by sv.slug`,
    [numberId],
  )

/** Lists numbers and services that rest or are banned by their results, the newest bans first. */
export const listFailing = (
  db: Queryable,
  wanted: {
    readonly supplier: string | null
    readonly onlyBanned: boolean
    readonly limit: number
  },
): Promise<FailingNumber[]> =>
  db.query<FailingNumber>(
    `select n.phone, su.name as supplier, sv.slug as service, f.silent_orders as "silentOrders", f.rests,
            f.last_order_at as "lastOrderAt", f.banned_at as "bannedAt"
       from failing_numbers f
       join numbers n on n.id = f.number_id
       join suppliers su on su.id = n.supplier_id
       join services sv on sv.id = f.service_id
      where ($1::text is null or su.name = $1)
        and (f.banned_at is not null or (not $2 and f.rests > 0))
      order by f.banned_at desc nulls last, f.last_order_at desc, n.phone, sv.slug limit $3`,
    [wanted.supplier, wanted.onlyBanned, wanted.limit],
  )
