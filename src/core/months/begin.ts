// Begins a partition of orders with each calendar month.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { type Patience, stepAside } from '../../db/step-aside.ts'
import { cellSize } from './cells.ts'
import { holds, makeMonth, nextOrderId, type Partition, partitionsOfOrders } from './months.ts'

/** The job comes again after a minute. */
const patience: Patience = { maxTries: 10, maxPauseMs: 3_000 }
/** A partition begins this long after its month, so that orders still being written with a time before
 * midnight go to the old one. */
export const graceMs = 5 * 60_000
/** Any number, the same in every version of this program. */
const lockId = 728_110_565

/**
 * Begins the next partition if the one in use has orders of an earlier month (UTC), and keeps an empty one
 * without an end after it. Can be repeated, and run on many nodes.
 * @returns 0: nothing is left to do
 */
export async function keepMonths(db: Database, now: Date): Promise<0> {
  const found = await lookAt(db)
  const isNew = await isOver(db, found, now)
  if (!isNew && !isLast(found)) return 0
  await locked(db, async (tx) => {
    if (isLast(await lookAt(tx))) await makeNext(tx)
    const place = await lookAt(tx)
    if (!place.following || !(await isOver(tx, place, now))) return
    await makeNext(tx)
    await tx.query(`select setval('order_ids', $1)`, [(place.following.from as bigint) - 1n])
  })
  // PostgreSQL gathers statistics of partitions by itself, and of the whole only when it is asked.
  if (isNew) await db.query('analyze orders')
  return 0
}

type Place = {
  readonly partitions: readonly Partition[]
  /** The next id. */
  readonly next: bigint
  /** The partition of the next id, and that after it. */
  readonly current: Partition
  readonly following: Partition | undefined
}

async function lookAt(db: Queryable): Promise<Place> {
  const next = await nextOrderId(db)
  const partitions = await partitionsOfOrders(db)
  const at = partitions.findIndex((one) => holds(one, next))
  const current = partitions[at]
  if (!current) throw new Error(`no partition of orders has room for the id ${next}`)
  return { partitions, next, current, following: partitions[at + 1] }
}

/** Whether the partition without an end is in use: the ids have come to it within the month. */
const isLast = ({ following }: Place) => following === undefined

/** Whether the first order of the partition in use is of an earlier month. */
async function isOver(db: Queryable, { current, next }: Place, now: Date): Promise<boolean> {
  const [first] = await db.query<{ at: Date }>(
    `select created_at as at from orders where id >= $1 and id < $2 order by id limit 1`,
    [current.from ?? 0n, next],
  )
  return first !== undefined && monthOf(first.at) < monthOf(new Date(now.getTime() - graceMs))
}

const monthOf = (at: Date) => at.toISOString().slice(0, 7)

/**
 * One node at a time, while nobody reads or writes orders, with locks that are given up soon if somebody
 * else has them.
 * @NOTE the first statement changes nothing. It waits for transactions that have drawn an id, and nobody
 * draws one until the end: a sequence that was set back would give ids again. It comes first because a
 * purchase draws its id before it writes its order.
 */
function locked(db: Database, work: (tx: Tx) => Promise<void>): Promise<void> {
  return stepAside(db, patience, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${lockId})`)
    await tx.query('alter sequence order_ids no cycle')
    await tx.query('lock table only orders in access exclusive mode')
    await work(tx)
  })
}

/** Gives the last partition an end, and makes one without an end after it. It is empty, unless the ids have
 * come to it a moment ago; then PostgreSQL reads these orders once, to see that they are in its range. */
async function makeNext(tx: Tx): Promise<void> {
  const place = await lookAt(tx)
  const last = place.partitions.at(-1) as Partition
  const begin = last.from !== null && last.from > place.next ? last.from : place.next
  const upto = ((begin + idsNeeded(place)) / cellSize + 1n) * cellSize
  await tx.query(`alter table orders detach partition ${last.table}`)
  await tx.query(
    `alter table orders attach partition ${last.table}
       for values from (${last.from ?? 'minvalue'}) to (${upto})`,
  )
  await makeMonth(tx, { from: upto, upto: null })
}

/** As many as the month before has needed; twice as many as the last partition had, if that was too small. */
function idsNeeded({ partitions, current, following, next }: Place): bigint {
  const from = current.from ?? 0n
  if (following) return next - from
  return 2n * (from - (partitions.at(-2)?.from ?? 0n))
}
