// Recording what a supplier says of a number that it gave us: it has a code, or it is over.
import type { Tx } from '../../db/database.ts'
import { type Allocation, lockAllocation } from '../allocations/allocation.ts'
import { maxAmount } from '../money.ts'
import { noteBan } from '../orders/ban.ts'
import { move } from '../orders/lifecycle.ts'
import { isClosed, type Order } from '../orders/order.ts'
import { readSettings } from '../settings.ts'
import { correctCost, keepCost, lastWord, note } from './costs.ts'
import { type Dealing, lockNumber } from './dealing.ts'
import { pause } from './source-news.ts'
import type { NumberReading } from './verdict.ts'

/** A supplier that ends a number without being asked says so for so long before it is believed. */
const overForS = 10
/** If more than this share of a supplier's open numbers, of at least so many, are said to be over, it is not
 * believed: its wire is broken. It is not asked for a while, and the orders wait for their windows. */
const outage = { share: 0.2, numbers: 10, pauseS: 600 } as const
/** A rental that is over so late has had its time. */
const restS = 3600
/** How long after its time a number may be without its supplier's last word. */
const lastWordS = 30 * 60

/** @returns the order, if it has changed */
export function recordReading(
  dealing: Dealing,
  now: Date,
  allocationId: bigint,
  reading: NumberReading,
): Promise<bigint | null> {
  return dealing.db.begin(async (tx) => {
    const { order, allocation } = await lockNumber(tx, allocationId)
    const isChanged = await applyReading(tx, now, dealing, { order, allocation, reading })
    return isChanged ? allocation.orderId : null
  })
}

export type Read = {
  readonly order: Order | undefined
  readonly allocation: Allocation
  readonly reading: NumberReading
}

/**
 * Books what the supplier says, and ends an order whose number is over. The customer's money follows the
 * order, whatever the supplier keeps. Messages are stored before a reading is recorded.
 * @returns whether the order has changed
 */
export async function applyReading(
  tx: Tx,
  now: Date,
  dealing: Pick<Dealing, 'closers' | 'terms'>,
  { order, allocation: before, reading }: Read,
): Promise<boolean> {
  const { cost } = reading
  const isSound = cost !== null && cost >= 0n && cost <= maxAmount
  const allocation = isSound ? await correctCost(tx, now, before, cost) : before
  if (reading.state === 'waiting' || reading.state === 'silent') {
    if (allocation.overSince !== null && reading.state === 'waiting')
      await tx.query('update allocations set over_since = null where id = $1', [allocation.id])
    return false
  }
  if (reading.state === 'code') {
    if (isLongOver(now, dealing, order, allocation))
      await lastWord(tx, now, allocation, 'charged', true)
    else await keepCost(tx, now, allocation)
    return false
  }
  const isOurs = order !== undefined && isOf(order, allocation)
  if (isOurs && !(await isBelieved(tx, now, order, allocation))) return false
  // A code that came late was shown as well, and its cost is kept since then. A rental that has had its time
  // is due without any.
  const hadCode =
    reading.hasMessage ||
    allocation.costState === 'posted' ||
    (order?.messageCount ?? 0) > 0 ||
    (order?.kind === 'rental' && order.state === 'ended')
  await lastWord(tx, now, allocation, reading.state, hadCode)
  if (!isOurs) return false
  const isCancelled = await wasCancelRequested(tx, order.id)
  if (order.kind === 'rental') {
    const name = endOfRental(now, order, isCancelled)
    return (await move(tx, now, [order.id], name, dealing.closers)).length > 0
  }
  const name = isCancelled ? 'cancel' : 'expire'
  if (name === 'cancel') await noteBan(tx, now, allocation)
  return (await move(tx, now, [order.id], name, dealing.closers)).length > 0
}

/** Whether the number is an order's that still has something to expect of it. */
const isOf = ({ state, allocationId }: Order, { id }: Allocation) =>
  allocationId === id && (state === 'waiting' || state === 'active')

/** What becomes of a rental that its supplier has ended: the price is returned if the customer has had
 * nothing of it, or has cancelled it in time. */
function endOfRental(
  now: Date,
  { messageCount, renewals, expiresAt }: Order,
  isCancelled: boolean,
): 'giveBack' | 'end' {
  const isUsed = messageCount > 0 || renewals > 0
  if (isCancelled && !isUsed) return 'giveBack'
  const isTimeOver = expiresAt.getTime() - now.getTime() <= restS * 1000
  return isUsed || isTimeOver ? 'end' : 'giveBack'
}

/** Whether a number that shows its code is over by its time: some suppliers go on to show codes, and say
 * nothing else. */
function isLongOver(
  now: Date,
  { terms }: Pick<Dealing, 'terms'>,
  order: Order | undefined,
  { id, state, endsAt, askedAt }: Allocation,
): boolean {
  const isOpen = state === 'got' && order?.allocationId === id && !isClosed(order.state)
  if (isOpen || askedAt === null) return false
  const end = endsAt?.getTime() ?? askedAt.getTime() + terms.activationWindowS * 1000
  return now.getTime() > end + lastWordS * 1000
}

/** Whether the number is over for good: its supplier was asked to end it, or has said so for a while. */
async function isBelieved(
  tx: Tx,
  now: Date,
  order: Order,
  allocation: Allocation,
): Promise<boolean> {
  if (await wasCancelRequested(tx, order.id)) return true
  const { id, overSince } = allocation
  if (overSince !== null)
    return (
      now.getTime() - overSince.getTime() >= overForS * 1000 &&
      !(await isOutage(tx, now, allocation))
    )
  await tx.query('update allocations set over_since = $2, poll_at = $3 where id = $1', [
    id,
    now,
    new Date(now.getTime() + overForS * 1000),
  ])
  return false
}

/** Whether the supplier says of too many numbers at once that they are over before their time. */
async function isOutage(tx: Tx, now: Date, { supplierId }: Allocation): Promise<boolean> {
  const [row] = await tx.query<{ open: number; over: number }>(
    `select count(*)::int as open,
            (count(*) filter (where a.over_since is not null
              and (a.ends_at is null or a.ends_at > $2::timestamptz + interval '30 seconds')))::int as over
       from upstream_leases l join allocations a on a.id = l.allocation_id
      where l.ended_at is null and a.supplier_id = $1`,
    [supplierId, now],
  )
  const { open = 0, over = 0 } = row ?? {}
  if (open < outage.numbers || over <= open * outage.share) return false
  await pause(tx, now, supplierId, new Date(now.getTime() + outage.pauseS * 1000))
  return true
}

async function wasCancelRequested(tx: Tx, orderId: bigint): Promise<boolean> {
  const rows = await tx.query(
    'select 1 as yes from orders where id = $1 and cancel_requested_at is not null',
    [orderId],
  )
  return rows.length > 0
}

const wordsASweep = 200

/**
 * Notes numbers that are over by their time, and whose suppliers have not said what becomes of the cost. The
 * cost stays at risk until a person settles it. @returns how many
 */
export function noteMissingWords(dealing: Dealing, now: Date): Promise<number> {
  return dealing.db.begin(async (tx) => {
    const rows = await tx.query<{ id: bigint }>(
      `select a.id from allocations a
        where a.cost_state = 'held'
          and coalesce(a.ends_at, a.asked_at + make_interval(secs => $2))
                < $1::timestamptz - make_interval(secs => $3)
          and not exists (select from differences d
                           where d.allocation_id = a.id and d.kind = 'refund_missing')
        order by a.id limit $4 for no key update of a skip locked`,
      [now, dealing.terms.activationWindowS, lastWordS, wordsASweep],
    )
    for (const { id } of rows)
      await note(tx, now, await lockAllocation(tx, id), 'refund_missing', 0n)
    return rows.length
  })
}

/**
 * Keeps the cost of rentals that cannot be given back any more: it is due also without a message.
 * @returns how many
 */
export function keepRented({ db }: Dealing, now: Date): Promise<number> {
  return db.begin(async (tx) => {
    const { rental_refund_minutes: minutes } = await readSettings(tx)
    const rows = await tx.query<{ id: bigint }>(
      `select a.id from allocations a join orders o on o.id = a.order_id and o.allocation_id = a.id
        where a.cost_state = 'held' and a.asked_at < $1::timestamptz - make_interval(mins => $2)
          and o.kind = 'rental' and o.state = 'active' and o.cancel_requested_at is null
        order by o.id limit $3 for no key update of o skip locked`,
      [now, minutes, wordsASweep],
    )
    for (const { id } of rows) await keepCost(tx, now, await lockAllocation(tx, id))
    return rows.length
  })
}
