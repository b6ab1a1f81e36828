// Requests without an answer on wires that do not show our keys: what is needed to tell whose an order of a
// supplier's list is.
import type { Database } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import { noteDifference } from './differences.ts'

/** A request whose answer is missing. */
export type LostRequest = {
  readonly allocationId: bigint
  readonly claims: number
  readonly product: string
  /** The highest reference that we knew before the request; null: none. */
  readonly highestBefore: string | null
}

export type LostRequests = {
  /** Those whose orders still wait first, each sort from the oldest on. */
  readonly requests: readonly LostRequest[]
  /** The products of requests that are under way. */
  readonly underWay: readonly string[]
  /** Those of the references that are known. */
  readonly known: readonly string[]
}

const maxRequests = 1_000

/** Reads what a supplier's list has to be compared with. @param refs the references in it */
export async function readLost(
  db: Database,
  supplierId: number,
  refs: readonly string[],
): Promise<LostRequests> {
  return db.snapshot(async (tx) => ({
    requests: await tx.query<LostRequest>(
      `select a.id as "allocationId", a.claims, s.product,
              (select max(b.upstream_ref::numeric)::text from allocations b
                where b.supplier_id = $1 and b.asked_at < a.asked_at and b.upstream_ref ~ '^[0-9]{1,64}$')
                as "highestBefore"
         from allocations a join sources s on s.id = a.source_id
         left join orders o on o.id = a.order_id
        where a.supplier_id = $1 and a.state = 'unknown' and a.upstream_ref is null
        order by coalesce(o.state = case a.purpose
            when 'replace' then 'waiting' else 'allocating' end, false) desc,
          a.asked_at, a.id limit ${maxRequests}`,
      [supplierId],
    ),
    underWay: (
      await tx.query<{ product: string }>(
        `select distinct s.product from allocations a join sources s on s.id = a.source_id
          where a.supplier_id = $1 and a.state = 'asking'`,
        [supplierId],
      )
    ).map(({ product }) => product),
    known: (
      await tx.query<{ ref: string }>(
        `select upstream_ref as ref from allocations
          where supplier_id = $1 and upstream_ref = any($2)`,
        [supplierId, refs],
      )
    ).map(({ ref }) => ref),
  }))
}

/** Notes that somebody else buys with our key at a supplier. @param cost of the orders that are not ours */
export async function noteForeign(
  db: Database,
  now: Date,
  supplierId: number,
  cost: Amount,
): Promise<void> {
  await db.begin(async (tx) => {
    const [supplier] = await tx.query<{ currency: string }>(
      'select currency from suppliers where id = $1',
      [supplierId],
    )
    if (!supplier) return
    await noteDifference(tx, now, {
      ...{ supplierId, kind: 'foreign_order', allocationId: null, currency: supplier.currency },
      ...{ expected: 0n, found: cost },
    })
  })
}
