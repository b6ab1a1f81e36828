// What metrics show of the suppliers that numbers are asked of.
import type { Queryable } from '../../db/database.ts'
import { balanceOfAccount } from '../ledger/suppliers.ts'
import { type Amount, amountAsNumber } from '../money.ts'

export type SupplyTotal = {
  readonly supplier: string
  readonly currency: string
  /** Numbers of which it has not said its last word. */
  readonly numbers: number
  /** Differences that nobody has settled. */
  readonly differences: number
  readonly isDry: boolean
  /** Whether the rate of its currency has moved since its products were priced. */
  readonly hasMoved: boolean
  /** Whether it is asked for nothing new: until a time, or until an operator resumes it. */
  readonly paused: 'timed' | 'resumed' | null
  /** In units of the currency, by what they are: `prepaid`, `at_risk`, `exposure`, `told`. */
  readonly money: ReadonlyMap<string, number>
}

type Row = {
  readonly supplier: string
  readonly currency: string
  readonly numbers: number
  readonly differences: number
  readonly is_dry: boolean
  readonly has_moved: boolean
  readonly paused: SupplyTotal['paused']
  readonly prepaid: Amount
  readonly at_risk: Amount
  readonly exposure: Amount
  readonly told: Amount | null
}

const maxSuppliers = 1_000

/** Reads what is open and what is at stake at each supplier that is not off. */
export async function readSupplyTotals(db: Queryable): Promise<SupplyTotal[]> {
  const sumOf = (
    kind: string,
  ) => `coalesce((select sum(${balanceOfAccount('l')}) from ledger_accounts l
    where l.kind = '${kind}' and l.supplier_id = p.id and l.currency = p.currency), 0)::bigint`
  const rows = await db.query<Row>(
    `select p.name as supplier, p.currency, p.dry_since is not null as is_dry, p.balance as told,
            p.rate_moved_at is not null as has_moved,
            case when p.state = 'paused' then
              case when p.paused_until is null then 'resumed' else 'timed' end end as paused,
            (select count(*)::int from allocations a where a.supplier_id = p.id and a.poll_at is not null
                and a.state in ('got', 'given_up') and a.last_word is null) as numbers,
            (select count(*)::int from differences d
              where d.supplier_id = p.id and d.state = 'open') as differences,
            ${sumOf('prepaid')} as prepaid, ${sumOf('at_risk')} as at_risk,
            coalesce((select sum(a.max_cost) from allocations a where a.supplier_id = p.id
                and (a.state = 'asking' or a.state = 'unknown' and a.poll_at is not null)
                and a.upstream_ref is null), 0)::bigint as exposure
       from suppliers p where p.currency is not null and p.state <> 'off'
      order by p.id limit ${maxSuppliers}`,
  )
  return rows.map(
    ({ supplier, currency, numbers, differences, is_dry, has_moved, paused, ...money }) => ({
      ...{ supplier, currency, numbers, differences, isDry: is_dry, hasMoved: has_moved, paused },
      money: new Map(
        (['prepaid', 'at_risk', 'exposure', 'told'] as const).flatMap((name) => {
          const amount = money[name]
          return amount === null ? [] : [[name, amountAsNumber(amount)] as const]
        }),
      ),
    }),
  )
}
