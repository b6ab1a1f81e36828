// The totals of an archived month: what its orders were for each wallet, and what the ledger did for them.
import type { Queryable } from '../../db/database.ts'
import type { Month } from './month.ts'

export type Total = {
  readonly account_id: number
  readonly currency: string
  readonly kind: string
  readonly state: string
  readonly orders: bigint
  readonly price: bigint
  readonly held: bigint
  readonly posted: bigint
  readonly voided: bigint
  readonly released: bigint
  readonly refunded: bigint
}

/** Totals that no orders in order can have. `t` is the row. A rental holds again at each renewal, and an
 * activation without a code when its late code is claimed. */
export const unsoundTotal = `t.held <> t.posted + t.voided + t.released or t.refunded > t.posted
  or case
    when t.kind = 'activation' and t.state in ('cancelled', 'expired')
      then t.voided <> t.price or t.posted > t.price
    when t.kind = 'activation' and t.state = 'failed' then t.voided <> t.held or t.held <> t.price
    else t.kind <> 'rental' and t.held <> t.price end`

/** The sum of a month's transfers of one kind. */
const amount = (kind: string) => `coalesce(sum(amount) filter (where kind = '${kind}'), 0)::bigint`

/** The same columns as in `archived_totals`, from a table of transfers. */
export const movedAmounts = `${amount('hold')} as held, ${amount('post')} as posted,
  ${amount('void')} as voided, ${amount('release')} as released, ${amount('refund')} as refunded`

/** A total with whether it is that of orders that are over and whose money is settled. */
export type CheckedTotal = Total & { readonly sound: boolean }

/**
 * Sums up the orders of a month, and the transfers for each.
 * @NOTE an order without transfers, and transfers without an order, have nulls: that is not sound, either
 */
export function totalsOf(tx: Queryable, { orders: { from, to } }: Month): Promise<CheckedTotal[]> {
  return tx.query<CheckedTotal>(
    `with moved as (
       select order_id, ${movedAmounts} from transfers
        where order_id >= $1 and order_id < $2 group by 1),
     totals as (
       select o.account_id, o.currency, o.kind, o.state, count(*) as orders, sum(o.price)::bigint as price,
              sum(m.held)::bigint as held, sum(m.posted)::bigint as posted, sum(m.voided)::bigint as voided,
              sum(m.released)::bigint as released, sum(m.refunded)::bigint as refunded
         from (select * from orders where id >= $1 and id < $2) o
         full join moved m on m.order_id = o.id
        group by 1, 2, 3, 4)
     select t.*, (${unsoundTotal}) is false as sound from totals t order by 1, 2, 3, 4`,
    [from, to],
  )
}

const columns = [
  ['account_id', 'int'],
  ['currency', 'text'],
  ['kind', 'text'],
  ['state', 'text'],
  ['orders', 'bigint'],
  ['price', 'bigint'],
  ['held', 'bigint'],
  ['posted', 'bigint'],
  ['voided', 'bigint'],
  ['released', 'bigint'],
  ['refunded', 'bigint'],
] as const satisfies readonly (readonly [keyof Total, string])[]

/** Writes the totals of a month whose row in `archived_months` is there. */
export async function insertTotals(tx: Queryable, month: string, totals: readonly Total[]) {
  const names = columns.map(([name]) => name)
  await tx.query(
    `insert into archived_totals (month, ${names.join(', ')})
     select $1, t.* from unnest(${columns.map(([, type], i) => `$${i + 2}::${type}[]`).join(', ')})
       as t(${names.join(', ')})`,
    [month, ...names.map((name) => totals.map((total) => total[name]))],
  )
}

/** The hash of the totals of the month `m`, as a subquery. */
export const totalsHash = `(select sha256(convert_to(coalesce(string_agg(
    concat_ws(' ', ${columns.map(([name]) => `t.${name}`).join(', ')}), ', '
    order by t.account_id, t.currency, t.kind, t.state), ''), 'UTF8'))
  from archived_totals t where t.month = m.month)`
