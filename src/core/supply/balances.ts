// Our balance at suppliers: whether it is enough to sell, and whether it is what was booked.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { balanceOfAccount } from '../ledger/suppliers.ts'
import type { Amount } from '../money.ts'
import { noteDifference } from './differences.ts'
import { claimFeed, hurryBalance, restFeed } from './feeds.ts'
import { restockOf } from './source-news.ts'

/** What was booked with a supplier at a moment. */
export type Booked = {
  readonly prepaid: Amount
  /** The most that requests under way may cost. */
  readonly exposure: Amount
  /** What it may have returned without our having read so. */
  readonly returning: Amount
}

export type ClaimedBalance = { readonly claims: number; readonly before: Booked }

export type ToldBalance = {
  readonly amount: Amount
  /** How many decimals it showed: it may have rounded the rest. */
  readonly decimals: number
  /** Below it nothing is for sale; null: there is none. */
  readonly alarm: Amount | null
}

export type BalanceAnswer = {
  readonly supplierId: number
  readonly claims: number
  readonly before: Booked
  /** Null: there was no answer. */
  readonly told: ToldBalance | null
  /** How long it asks to be left alone. */
  readonly barredS: number
}

/** Whether the supplier has less than its alarm. */
export type BalanceRecorded = { readonly isDry: boolean }

const leaseS = 60
const restS = { fits: 3_600, off: 600, silent: 300 } as const
/** So many readings in a row, so far apart, are not what was booked before it is a difference. */
const strangeTimes = 3
const strangeApartS = 600

/** Claims the reading of a supplier's balance, if it is due. */
export async function claimBalance(
  db: Database,
  now: Date,
  supplierId: number,
): Promise<ClaimedBalance | null> {
  const rests = await db.query(
    `select 1 as yes from supplier_feeds where supplier_id = $1 and feed = 'balance'
        and (due_at > $2 or leased_until > $2 or barred_until > $2)`,
    [supplierId, now],
  )
  if (rests.length > 0) return null
  return db.begin(async (tx) => {
    const feed = await claimFeed(tx, now, { supplierId, feed: 'balance' }, leaseS)
    return feed ? { claims: feed.claims, before: await bookedWith(tx, supplierId) } : null
  })
}

/**
 * Records what a supplier says of our balance. Below its alarm nothing of it is for sale until it has more.
 * If it says three times what cannot be, by what was booked before and after, it is a difference.
 */
export function recordBalance(
  db: Database,
  now: Date,
  { supplierId, claims, before, told, barredS }: BalanceAnswer,
): Promise<BalanceRecorded | null> {
  return db.begin(async (tx) => {
    const feed = { supplierId, feed: 'balance', claims } as const
    if (told === null) {
      await restFeed(tx, now, feed, { restS: restS.silent, barredS })
      return null
    }
    const strangeness = await strangenessOf(tx, supplierId, before, told)
    const rest = strangeness.direction === 0 ? restS.fits : restS.off
    if (!(await restFeed(tx, now, feed, { restS: rest }))) return null
    await noteStrangeness(tx, now, supplierId, { ...strangeness, found: told.amount })
    return { isDry: await noteDry(tx, now, supplierId, told) }
  })
}

async function bookedWith(tx: Tx, supplierId: number): Promise<Booked> {
  const [row] = await tx.query<Booked>(
    `select coalesce((select sum(${balanceOfAccount('a')}) from ledger_accounts a
                       where a.kind = 'prepaid' and a.supplier_id = $1), 0)::bigint as prepaid,
            (select coalesce(sum(max_cost), 0)::bigint from allocations
              where supplier_id = $1 and state in ('asking', 'unknown')
                and upstream_ref is null) as exposure,
            (select coalesce(sum(g.cost), 0)::bigint from allocations g
              where g.supplier_id = $1 and g.cost_state = 'held' and (g.state <> 'got'
                or g.over_since is not null
                or exists (select from supplier_commands c
                            where c.allocation_id = g.id and c.state = 'open'))) as returning`,
    [supplierId],
  )
  return row as Booked
}

type Strangeness = {
  /** -1: less than can be; 1: more; 0: it fits. */
  readonly direction: -1 | 0 | 1
  /** The nearest that can be. */
  readonly expected: Amount
}

async function strangenessOf(
  tx: Tx,
  supplierId: number,
  before: Booked,
  { amount, decimals }: ToldBalance,
): Promise<Strangeness> {
  const fits = { direction: 0, expected: amount } as const
  const [known] = await tx.query<{ isFunded: boolean; untold: number }>(
    `select exists (select from ledger_accounts a join transfers t on t.credit_id = a.id
                     where a.kind = 'prepaid' and a.supplier_id = $1 and t.kind = 'supplier_topup')
              as "isFunded",
            (select count(*)::int from allocations g
              where g.supplier_id = $1 and g.cost_state <> 'none' and not g.cost_told
                and g.asked_at > coalesce(p.balance_fits_at, '-infinity')) as untold
       from suppliers p where p.id = $1`,
    [supplierId],
  )
  // Nobody has said what was there at the beginning.
  if (!known?.isFunded) return fits
  const after = await bookedWith(tx, supplierId)
  const rounding = halfOf(decimals) * BigInt(1 + known.untold)
  const least = min(before.prepaid, after.prepaid) - max(before.exposure, after.exposure) - rounding
  const most =
    max(before.prepaid, after.prepaid) + max(before.returning, after.returning) + rounding
  if (amount < least) return { direction: -1, expected: least }
  return amount > most ? { direction: 1, expected: most } : fits
}

/** Half of the last decimal that was shown, in 1/10,000. */
const halfOf = (decimals: number): bigint =>
  decimals >= 4 ? 1n : (10n ** BigInt(4 - Math.max(0, decimals)) + 1n) / 2n

const min = (one: bigint, other: bigint) => (one < other ? one : other)
const max = (one: bigint, other: bigint) => (one > other ? one : other)

async function noteStrangeness(
  tx: Tx,
  now: Date,
  supplierId: number,
  { direction, expected, found }: Strangeness & { readonly found: Amount },
): Promise<void> {
  const [row] = await tx.query<{ off: number; currency: string }>(
    `update suppliers p set
        balance_fits_at = case when n.way = 0 then n.at else balance_fits_at end,
        balance_off_at = case when n.way = 0 then null when n.is_same and n.is_soon then balance_off_at
          else n.at end,
        balance_off = case when n.way = 0 then 0 when not n.is_same then n.way
          when n.is_soon then balance_off else greatest(-$5::int, least($5::int, balance_off + n.way)) end
      from (select id, $2::int as way, $3::timestamptz as at, sign(balance_off) = $2::int as is_same,
                   coalesce(balance_off_at > $3::timestamptz - make_interval(secs => $4), false) as is_soon
              from suppliers where id = $1) n
      where p.id = n.id returning p.balance_off as off, p.currency`,
    [supplierId, direction, now, strangeApartS, strangeTimes],
  )
  if (!row || Math.abs(row.off) < strangeTimes) return
  const { currency } = row
  await noteDifference(tx, now, {
    ...{ supplierId, kind: 'balance', allocationId: null, expected, found, currency },
  })
}

/** @returns whether it has less than its alarm */
async function noteDry(
  tx: Tx,
  now: Date,
  supplierId: number,
  { amount, alarm }: ToldBalance,
): Promise<boolean> {
  const isDry = alarm !== null && amount < alarm
  const [before] = await tx.query<{ wasDry: boolean }>(
    'select dry_since is not null as "wasDry" from suppliers where id = $1 for no key update',
    [supplierId],
  )
  await tx.query(
    `update suppliers set balance = $2, balance_at = $3,
            dry_since = case when $4 then coalesce(dry_since, $3) end where id = $1`,
    [supplierId, amount, now, isDry],
  )
  if (before && before.wasDry !== isDry) await restockOf(tx, now, [supplierId])
  return isDry
}

/** A supplier was topped up: it is for sale again, until its balance is read, which is now. */
export async function endDryness(tx: Tx, now: Date, supplierId: number): Promise<void> {
  const ended = await tx.query(
    'update suppliers set dry_since = null where id = $1 and dry_since is not null returning 1 as yes',
    [supplierId],
  )
  if (ended.length > 0) await restockOf(tx, now, [supplierId])
  await hurryBalance(tx, now, [supplierId])
}

/** How many suppliers have less than their alarm. */
export async function countDry(db: Queryable): Promise<number> {
  const [row] = await db.query<{ dry: number }>(
    `select count(*)::int as dry from suppliers where dry_since is not null and state <> 'off'`,
  )
  return row?.dry ?? 0
}

/** What a supplier has said of our balance. */
export type KnownBalance = {
  readonly currency: string | null
  readonly amount: Amount | null
  readonly at: Date | null
  /** Since when it is below its alarm. */
  readonly drySince: Date | null
  /** What its numbers of this day (UTC) have cost, with what is being asked for. */
  readonly spentToday: Amount
  /** Since when the rate of its currency is too far from the one that its products are priced by. */
  readonly rateMovedAt: Date | null
}

/** Reads the balance at a supplier as it was told last. */
export async function knownBalance(
  db: Queryable,
  now: Date,
  supplierId: number,
): Promise<KnownBalance> {
  const [row] = await db.query<KnownBalance>(
    `select p.currency, p.balance as amount, p.balance_at as at, p.dry_since as "drySince",
            coalesce(u.spent + u.asking, 0) as "spentToday", p.rate_moved_at as "rateMovedAt"
       from suppliers p
       left join supplier_usage u
         on u.supplier_id = p.id and u.day = ($2::timestamptz at time zone 'utc')::date
      where p.id = $1`,
    [supplierId, now],
  )
  if (!row) throw new Error(`there is no supplier ${supplierId}`)
  return row
}
