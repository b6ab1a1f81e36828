// What was weighed when a supplier was chosen for an order: for operators alone, and forgotten with texts.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import type { Order } from '../orders/order.ts'

/** A source that was weighed. */
export type Candidate = {
  readonly supplier: string
  /** By the supplier's names. */
  readonly product: string
  readonly cost: Amount
  readonly currency: string | null
  /** How many numbers it had shown. */
  readonly stock: number
  /** Of how many numbers it is known whether they had a code. */
  readonly numbers: number
  /** How many of them had one. */
  readonly delivered: number
  /** From the request to the code, the median; null: there was none. */
  readonly seconds: number | null
  /** Its supplier's weight beside the others. */
  readonly weight: number
  /** Why it was passed over; null: it was chosen. */
  readonly why: string | null
}

/** A choice among the sources of an offer. */
export type Routing = {
  readonly attempt: number
  readonly madeAt: Date
  /** By what they are ranked. */
  readonly policy: string
  readonly candidates: readonly Candidate[]
}

const maxRoutings = 100

/** Notes what the next source was chosen from. @param choice null as its source: there was none to ask */
export async function noteChoice(
  tx: Tx,
  now: Date,
  order: Order,
  { attempt, sourceId }: { readonly attempt: number; readonly sourceId: number | null },
): Promise<void> {
  await tx.query('select write_routing($1, $2, $3, $4, $5)', [
    now,
    order.id,
    order.offerId,
    attempt,
    sourceId,
  ])
}

type Row = Omit<Routing, 'candidates'> & {
  readonly candidates: readonly (Omit<Candidate, 'supplier' | 'cost'> & {
    readonly supplier: number
    readonly cost: string
  })[]
}

/** Reads how an order's suppliers were chosen, the first choice first. */
export async function routingsOf(db: Queryable, orderId: bigint): Promise<Routing[]> {
  const rows = await db.query<Row>(
    `select attempt, made_at as "madeAt", policy, candidates from routings
      where order_id = $1 order by attempt limit ${maxRoutings}`,
    [orderId],
  )
  const named = await db.query<{ id: number; name: string }>(
    'select id, name from suppliers where id = any($1)',
    [rows.flatMap(({ candidates }) => candidates.map(({ supplier }) => supplier))],
  )
  const names = new Map(named.map(({ id, name }) => [id, name]))
  return rows.map(({ candidates, ...routing }) => ({
    ...routing,
    candidates: candidates.map((one) => ({
      ...one,
      supplier: names.get(one.supplier) ?? '',
      cost: BigInt(one.cost),
    })),
  }))
}

const routingsASweep = 2_000

/** Deletes choices that were made before a time. @returns the number of them; a full batch (2,000) means that
 * there may be more */
export async function forgetRoutings(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `delete from routings where (order_id, attempt) in (
       select order_id, attempt from routings where made_at < $1
        order by made_at limit ${routingsASweep} for update skip locked) returning 1 as yes`,
    [before],
  )
  return rows.length
}
