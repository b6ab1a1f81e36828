// Claiming requests: what is to be sent to a supplier, and written before its first byte is sent.
import type { Tx } from '../../db/database.ts'
import { lockAllocation } from '../allocations/allocation.ts'
import type { Amount } from '../money.ts'
import { endRenewalHold } from '../orders/renewal-holds.ts'
import { type Dealing, lockOrderById } from './dealing.ts'
import { minAskMs, planNext } from './next.ts'
import { countRequests, type PerS, roomFor } from './pace.ts'
import { haveTurn } from './under-way.ts'

/** A request to send, once. */
export type ClaimedAsk = {
  readonly allocationId: bigint
  readonly orderId: bigint
  /** To be told with the answer. */
  readonly claims: number
  readonly requestKey: string
  /** How the supplier names what is asked for. */
  readonly product: string
  /** The most that it may cost, in the supplier's currency. */
  readonly maxCost: Amount
  /** Prefixes that the customer does not want: digits, with the calling code. */
  readonly unwanted: readonly string[]
  /** The ids of the platforms that the order came through. */
  readonly via: readonly string[]
  /** The number that is bought again; null: any number of the product. */
  readonly again: { readonly ref: string; readonly phone: string } | null
  /** The rental that is to be renewed, as its supplier knows it; null: it is no renewal. */
  readonly renewal: {
    readonly ref: string
    readonly endsAt: string
    readonly durationS: number
  } | null
  readonly timeoutMs: number
}

const again = `(select jsonb_build_object('ref', g.upstream_ref, 'phone', g.phone)
         from allocations g where g.id = a.again_of and a.purpose <> 'renew') as again,
       (select jsonb_build_object('ref', g.upstream_ref, 'endsAt', g.ends_at,
                 'durationS', extract(epoch from o.duration)::int)
         from allocations g join orders o on o.id = g.order_id
        where g.id = a.again_of and a.purpose = 'renew') as renewal`

/** Whether an order still wants what is asked for. */
const isWanted = `case a.purpose when 'replace' then o.state = 'waiting'
  when 'renew' then o.state in ('active', 'ended') else o.state = 'allocating' end`

/** Longer than any request takes to be answered and recorded. */
const marginMs = 5_000

/**
 * Claims requests to a supplier, as many as it may be asked at once: the oldest of each account in turn, and
 * of no account more than half. A request whose cost would exceed the supplier's limit for the day is not
 * sent, and the next source is asked.
 * @param perS the requests a second that the supplier allows
 *
 * @NOTE the commit waits for the disk: a request that was sent and forgotten would buy a number that nobody
 * knows
 */
export function claimAsks(
  dealing: Dealing,
  now: Date,
  supplierId: number,
  perS: PerS = null,
): Promise<ClaimedAsk[]> {
  return dealing.db.begin(async (tx) => {
    const free = await lockWaiting(tx, now, supplierId)
    const most = free.length
    const room = await roomFor(tx, now, supplierId, { perS, sort: 'asks', most })
    const claimed: ClaimedAsk[] = []
    for (const id of free.slice(0, room)) {
      const ask = await claimOne(tx, now, id)
      if (ask) claimed.push(ask)
      else await passOver(tx, now, dealing, id)
    }
    await countRequests(tx, now, supplierId, { count: claimed.length, perS, sort: 'asks' })
    return claimed
  })
}

/** Locks the orders that wait for the supplier, then its account of the day, which others wait for.
 * @returns the requests for which there is room */
async function lockWaiting(tx: Tx, now: Date, supplierId: number): Promise<readonly bigint[]> {
  const waiting = await tx.query<{ id: bigint; order_id: bigint; account_id: number }>(
    `select a.id, a.order_id, o.account_id
       from allocations a
       join suppliers p on p.id = a.supplier_id and p.state = 'on' and p.currency is not null
       join orders o on o.id = a.order_id
      where a.supplier_id = $1 and a.state = 'planned'
        and ${isWanted}
        and a.allocate_by > $2::timestamptz + make_interval(secs => $3::float8)
      order by o.id limit 500 for no key update of o skip locked`,
    [supplierId, now, minAskMs / 1000],
  )
  if (waiting.length === 0) return []
  await tx.query(
    `insert into supplier_usage (supplier_id, day) values ($1, ($2::timestamptz at time zone 'utc')::date)
     on conflict do nothing`,
    [supplierId, now],
  )
  await tx.query(
    `select 1 from supplier_usage
      where supplier_id = $1 and day = ($2::timestamptz at time zone 'utc')::date for no key update`,
    [supplierId, now],
  )
  const rows = await tx.query<{ id: bigint }>(
    `with busy as (
       select o.account_id, count(*)::int as asking from allocations a join orders o on o.id = a.order_id
        where a.supplier_id = $1 and a.state = 'asking' group by 1
     ), free as (
       select w.id, row_number() over (partition by w.account_id order by w.id)
                + coalesce(b.asking, 0) as turn
         from unnest($2::bigint[], $3::int[]) as w(id, account_id)
         -- Another node may have claimed it before its order was locked here.
         join allocations a on a.id = w.id and a.state = 'planned'
         left join busy b on b.account_id = w.account_id
     )
     select f.id from free f join suppliers p on p.id = $1
      where f.turn <= greatest(1, p.max_asking / 2)
      order by f.turn, f.id
      limit (select greatest(0, max(p.max_asking) - (select coalesce(sum(asking), 0) from busy))
               from suppliers p where p.id = $1)`,
    [supplierId, waiting.map((one) => one.id), waiting.map((one) => one.account_id)],
  )
  return rows.map(({ id }) => id)
}

/** @returns undefined if the limit of the day is reached */
async function claimOne(tx: Tx, now: Date, id: bigint): Promise<ClaimedAsk | undefined> {
  const [ask] = await tx.query<ClaimedAsk>(
    `with wanted as (
       select a.id, s.product, p.ask_timeout_ms, p.daily_limit, r.rate,
              most_for(a.price_base, r.rate) as max_cost,
              least(p.ask_timeout_ms,
                extract(epoch from a.allocate_by - $2::timestamptz) * 1000 - $3)::int as timeout_ms
         from allocations a
         join sources s on s.id = a.source_id
         join suppliers p on p.id = a.supplier_id
         join rates r on r.currency = a.currency
        where a.id = $1
     ), counted as (
       update supplier_usage u set asking = u.asking + w.max_cost
         from wanted w join allocations a on a.id = w.id
        where u.supplier_id = a.supplier_id and u.day = ($2::timestamptz at time zone 'utc')::date
          and (w.daily_limit is null or u.spent + u.asking + w.max_cost <= w.daily_limit)
       returning 1
     )
     update allocations a
        set state = 'asking', asked_at = $2, claims = a.claims + 1, max_cost = w.max_cost, rate = w.rate,
            lease_until = $2::timestamptz + make_interval(secs => (w.timeout_ms + $4)::float8 / 1000)
       from wanted w, counted
      where a.id = w.id
     returning a.id as "allocationId", a.order_id as "orderId", a.claims, a.request_key as "requestKey",
       w.product, a.max_cost as "maxCost", coalesce(a.unwanted, '{}') as unwanted,
       coalesce(a.via, '{}') as via, ${again},
       w.timeout_ms as "timeoutMs"`,
    [id, now, minAskMs, marginMs],
  )
  return ask
}

async function passOver(tx: Tx, now: Date, dealing: Dealing, id: bigint): Promise<void> {
  const allocation = await lockAllocation(tx, id)
  await tx.query(
    `update allocations set state = 'refused', error = 'the limit of the day is reached' where id = $1`,
    [id],
  )
  if (allocation.purpose === 'renew') return endRenewalHold(tx, now, id, 'void')
  const order = await lockOrderById(tx, allocation.orderId)
  if (order) await planNext(tx, now, dealing, order, allocation)
}

/**
 * Gives up waiting for answers whose claims are over, because whoever sent the requests has died: the
 * supplier is asked what became of them. @returns how many
 */
export async function loseAsks(dealing: Dealing, now: Date): Promise<number> {
  const rows = await dealing.db.once(
    `with lost as (
       select id from allocations where state = 'asking' and lease_until <= $1
        order by lease_until limit 500 for no key update skip locked)
     update allocations a
        set state = 'unknown', lease_until = null, poll_at = $1, error = 'the answer was not recorded'
       from lost where a.id = lost.id returning 1 as yes`,
    [now],
  )
  return rows.length
}

/** A request whose answer is missing, to be looked up. */
export type ClaimedLookUp = ClaimedAsk & {
  /** The reference that the supplier has told already, without a number; null: none. */
  readonly ref: string | null
  /** Whether the request may be repeated: only while the order waits, else it could buy what nobody wants. */
  readonly mayAskAgain: boolean
  /** Whether a number that the request could have brought would be over: what a whole list lacks was not
   * bought. */
  readonly isOver: boolean
}

/** How long after our window a number is over at any supplier. */
const overS = 5 * 60
/** How long a look-up may take before it is due again. */
const lookUpLeaseS = 10

/** Claims the look-ups that are due at a supplier. @param atOnce how many may be under way, over all nodes
 * @param most how many may be claimed @param perS the requests a second that the supplier allows */
export function claimLookUps(
  dealing: Dealing,
  now: Date,
  supplierId: number,
  atOnce: number,
  most = atOnce,
  perS: PerS = null,
): Promise<ClaimedLookUp[]> {
  return dealing.db.begin(async (tx) => {
    await haveTurn(tx, 'lookUps', supplierId)
    const [underWay] = await tx.query<{ count: number }>(
      `select count(*)::int as count from allocations
        where supplier_id = $1 and state = 'unknown' and poll_at > $2 and looking_until = poll_at`,
      [supplierId, now],
    )
    const free = Math.min(most, Math.max(0, atOnce - (underWay?.count ?? 0)))
    const limit = await roomFor(tx, now, supplierId, { perS, sort: 'look_ups', most: free })
    const taken = await takeLookUps(tx, now, dealing, { supplierId, limit })
    await countRequests(tx, now, supplierId, { count: taken.length, perS, sort: 'look_ups' })
    return taken
  })
}

function takeLookUps(
  tx: Tx,
  now: Date,
  { terms }: Dealing,
  { supplierId, limit }: { readonly supplierId: number; readonly limit: number },
): Promise<ClaimedLookUp[]> {
  return tx.query<ClaimedLookUp>(
    `with due as (
       select id from allocations
        where supplier_id = $1 and state = 'unknown' and poll_at <= $2
        order by poll_at limit $3 for no key update skip locked)
     update allocations a
        set polls = a.polls + 1, poll_at = $2::timestamptz + make_interval(secs => ${lookUpLeaseS}),
            looking_until = $2::timestamptz + make_interval(secs => ${lookUpLeaseS})
       from due, sources s, orders o
      where a.id = due.id and s.id = a.source_id and o.id = a.order_id
     returning a.id as "allocationId", a.order_id as "orderId", a.claims, a.request_key as "requestKey",
       s.product, a.max_cost as "maxCost", coalesce(a.unwanted, '{}') as unwanted,
       coalesce(a.via, '{}') as via, ${again}, 2000 as "timeoutMs", a.upstream_ref as ref,
       ${isWanted} and (a.allocate_by > $2
         or a.purpose = 'renew' and a.asked_at > $2::timestamptz - interval '12 hours')
           as "mayAskAgain",
       a.asked_at + make_interval(secs => $4) < $2 as "isOver"`,
    [supplierId, now, limit, terms.activationWindowS + overS],
  )
}
