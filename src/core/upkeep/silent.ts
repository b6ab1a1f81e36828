// Silent numbers: others of their supplier and operator get messages, and they get none. They go out of sale,
// and come back with the next message.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { lockNumbers, lockShelves, setSale } from '../inventory/sale.ts'
import { append, appendMany, jobOf } from '../operator-log.ts'
import { rulesOfSuppliers, ruleValues, type UpkeepRules } from './rules.ts'

/** Orders that must have waited in vain since the last message. */
const minSilentOrders = 3
/** Numbers of the same supplier and operator that must have had a message within a day: else the fault is not
 * the number's. */
const minHeard = 3
/** Of a supplier's numbers of an operator, one in so many goes out of sale within a day; at least one. */
const partADay = 20
const numbersARun = 200

export type Silenced = {
  readonly taken: number
  /** Silent numbers that stay for sale, because too many went out of sale within a day. */
  readonly heldBack: number
}

/**
 * Takes numbers out of sale that have been silent for as long as the rules say. Numbers that are let at the
 * time are left alone.
 */
export function takeSilent(db: Database, now: Date, rules: UpkeepRules): Promise<Silenced> {
  return db.begin(async (tx) => {
    // One node at a time counts what went out within a day.
    await tx.query('select 1 from number_upkeep for update')
    const found = await silentOf(tx, now, rules)
    const due = found.filter((one) => one.is_due).slice(0, numbersARun)
    const free = await freeAmong(
      tx,
      due.map((one) => one.id),
    )
    const taken = new Set(await setSale(tx, now, free, { state: 'disabled', by: 'silent' }))
    const bySupplier = Map.groupBy(
      due.filter((one) => taken.has(one.id)),
      ({ supplier }) => supplier,
    )
    await appendMany(
      tx,
      jobOf('take-silent-numbers'),
      [...bySupplier].map(([id, some]) => ({
        action: 'numbers.silent',
        subject: { type: 'supplier' as const, id },
        detail: { numbers: some.length },
      })),
    )
    return { taken: taken.size, heldBack: found.filter((one) => !one.is_due).length }
  })
}

type Found = { readonly id: number; readonly supplier: string; readonly is_due: boolean }

/** Silent numbers for sale. Those are due that do not exceed the part of their group. */
const silentOf = (tx: Tx, now: Date, rules: UpkeepRules) =>
  tx.query<Found>(
    `with ${rulesOfSuppliers}, peers as (
       select n.id, n.supplier_id, sh.operator_id, n.state, n.disabled_by, n.disabled_at,
              r.silent_orders, r.last_message_at, greatest(r.silent_since, n.enabled_at) as silent_since
         from numbers n
         join shelves sh on sh.id = n.shelf_id
         left join number_results r on r.number_id = n.id
     ), groups as (
       select supplier_id, operator_id, count(*) filter (where state = 'active') as active,
              count(*) filter (where last_message_at > $5::timestamptz - interval '1 day') as heard,
              count(*) filter (where disabled_by = 'silent'
                and disabled_at > $5::timestamptz - interval '1 day') as taken
         from peers group by 1, 2
     ), silent as (
       select p.id, p.supplier_id, p.operator_id, row_number() over (
                partition by p.supplier_id, p.operator_id order by p.silent_since, p.id) as place
         from peers p
         join rules r on r.supplier_id = p.supplier_id and r.silent_days > 0
        where p.state = 'active' and p.silent_orders >= ${minSilentOrders}
          and p.silent_since <= $5::timestamptz - make_interval(days => r.silent_days)
          and (p.last_message_at is null
            or p.last_message_at <= $5::timestamptz - make_interval(days => r.silent_days))
          and not exists (select from leases l where l.number_id = p.id and l.ended_at is null)
     )
     select s.id, su.name as supplier,
            s.place + g.taken <= greatest(1, (g.active + g.taken) / ${partADay}) as is_due
       from silent s
       join groups g on g.supplier_id = s.supplier_id and g.operator_id = s.operator_id
        and g.heard >= ${minHeard}
       join suppliers su on su.id = s.supplier_id
      order by s.id`,
    [...ruleValues(rules), now],
  )

/** Those that are not let. With their shelves locked, none of them can be sold. */
async function freeAmong(tx: Tx, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return []
  await lockShelves(tx, await lockNumbers(tx, ids))
  const free = await tx.query<{ id: number }>(
    `select id from unnest($1::int[]) as u(id)
      where not exists (select from leases l where l.number_id = u.id and l.ended_at is null)`,
    [ids],
  )
  return free.map(({ id }) => id)
}

/** Messages that were being written at the end of the last run are in time for the next one. */
const overlapMs = 2 * 60_000
const longestStepMs = 60 * 60_000
/** How far the first run looks back: with less, numbers would seem silent that are not. */
const firstLookMs = 30 * 24 * 60 * 60_000

/**
 * Notes when each number had its last message, of whatever kind, and puts those silent numbers back on sale
 * that had one.
 * @returns how many came back, and whether there may be more messages to note
 */
export function noteMessages(
  db: Database,
  now: Date,
): Promise<{ readonly back: number; readonly isMore: boolean }> {
  return db.begin(async (tx) => {
    const { from, upto } = await nextStep(tx, now)
    const heard = await tx.query<Heard>(
      `select m.number_id, max(m.received_at) as at from messages m
        where m.purged_at is null and m.received_at > $1 and m.received_at <= $2 and m.number_id is not null
        group by 1`,
      [from, upto],
    )
    const back = await putBack(tx, now, heard)
    await noteHeard(tx, heard)
    await tx.query('update number_upkeep set messages_until = $1', [upto])
    return { back, isMore: upto < now }
  })
}

/** From the end of the last run to an hour after the next message, at most. */
async function nextStep(tx: Tx, now: Date): Promise<{ readonly from: Date; readonly upto: Date }> {
  const [upkeep] = await tx.query<{ until: Date | null }>(
    'select messages_until as until from number_upkeep for update',
  )
  const last = upkeep?.until ?? new Date(now.getTime() - firstLookMs)
  const from = new Date(last.getTime() - overlapMs)
  const [next] = await tx.query<{ at: Date | null }>(
    'select min(received_at) as at from messages where purged_at is null and received_at > $1',
    [last],
  )
  const end = next?.at ? next.at.getTime() + longestStepMs : now.getTime()
  return { from, upto: new Date(Math.min(now.getTime(), end)) }
}

type Heard = { readonly number_id: number; readonly at: Date }

async function putBack(tx: Tx, now: Date, heard: readonly Heard[]): Promise<number> {
  const silent = await tx.query<{ id: number }>(
    `select n.id from unnest($1::int[], $2::timestamptz[]) as h(number_id, at)
       join numbers n on n.id = h.number_id and n.disabled_by = 'silent'
        and h.at > n.disabled_at - make_interval(secs => $3)`,
    [heard.map((one) => one.number_id), heard.map((one) => one.at), overlapMs / 1_000],
  )
  if (silent.length === 0) return 0
  const ids = silent.map(({ id }) => id)
  const back = (await setSale(tx, now, ids, { state: 'active', only: 'silent' })).length
  if (back > 0)
    await append(tx, jobOf('note-messages'), { action: 'numbers.heard', detail: { numbers: back } })
  return back
}

async function noteHeard(tx: Tx, heard: readonly Heard[]) {
  await tx.query(
    `insert into number_results as r (number_id, last_message_at)
     select * from unnest($1::int[], $2::timestamptz[]) as u(number_id, at) order by 1
     on conflict (number_id) do update
        set last_message_at = excluded.last_message_at,
            silent_orders = case when r.silent_since > excluded.last_message_at
              then r.silent_orders else 0 end,
            silent_since = case when r.silent_since > excluded.last_message_at then r.silent_since end
      where r.last_message_at is null or r.last_message_at < excluded.last_message_at`,
    [heard.map((one) => one.number_id), heard.map((one) => one.at)],
  )
}

export type SilentNumber = {
  readonly phone: string
  readonly supplier: string
  readonly country: string
  readonly operator: string
  readonly batchId: number | null
  readonly orders: number
  readonly silentSince: Date | null
  readonly lastMessageAt: Date | null
  readonly disabledAt: Date
}

/** Lists the numbers that are out of sale as silent, newest first. */
export const listSilent = (
  db: Queryable,
  wanted: { readonly supplier: string | null; readonly limit: number },
): Promise<SilentNumber[]> =>
  db.query<SilentNumber>(
    `select n.phone, su.name as supplier, sh.country, op.slug as operator, n.batch_id as "batchId",
            coalesce(r.orders, 0)::float8 as orders, r.silent_since as "silentSince",
            r.last_message_at as "lastMessageAt", n.disabled_at as "disabledAt"
       from numbers n
       join suppliers su on su.id = n.supplier_id
       join shelves sh on sh.id = n.shelf_id
       join operators op on op.id = sh.operator_id
       left join number_results r on r.number_id = n.id
      where n.state = 'disabled' and n.disabled_by = 'silent' and ($1::text is null or su.name = $1)
      order by n.disabled_at desc, n.phone limit $2`,
    [wanted.supplier, wanted.limit],
  )
