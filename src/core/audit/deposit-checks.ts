// Checks of deposits: what was paid is credited once, nothing unpaid is credited, and every refund was
// taken from the balance.
import type { Check } from './check.ts'

/** The reference in a deposit's transfers: see src/core/deposits/settling.ts. */
const referenceOf = `'deposit ' || d.id || ' by ' || d.gateway`

/** Compares deposits with their transfers of one kind: each must have exactly the expected one. */
const pairs = (wanted: {
  readonly deposits: string
  readonly amount: string
  readonly transfers: string
}) => `
  select coalesce('deposit ' || d.id, 'transfer ' || t.id) as id
    from (select * from deposits where ${wanted.deposits}) d
    full join (select t.* from transfers t
                 join ledger_accounts f on f.id = t.debit_id
                 join ledger_accounts i on i.id = t.credit_id
                where ${wanted.transfers}) t
      on t.reference = ${referenceOf}
   where d.id is null or t.id is null or t.account_id <> d.account_id or t.amount <> ${wanted.amount}
      or t.currency <> d.currency
  union all
  select 'deposit ' || d.id
    from deposits d
    join transfers t on t.reference = ${referenceOf}
    join ledger_accounts f on f.id = t.debit_id
    join ledger_accounts i on i.id = t.credit_id
   where ${wanted.transfers}
   group by d.id having count(*) > 1`

export const depositChecks: readonly Check[] = [
  {
    name: 'deposits-are-credited-once',
    over: 'deposits',
    sql: pairs({
      deposits: 'credited is not null',
      amount: 'd.credited',
      transfers: `t.kind = 'deposit'`,
    }),
  },
  {
    name: 'deposit-credits-are-from-deposits',
    over: 'deposits',
    sql: `
      select 'transfer ' || t.id as id
        from transfers t join ledger_accounts l on l.id = t.debit_id
       where t.kind = 'deposit' and l.kind <> 'deposits'`,
  },
  {
    name: 'deposit-surpluses-are-credited-once',
    over: 'deposits',
    sql: pairs({
      deposits: 'surplus is not null',
      amount: 'd.surplus',
      transfers: `t.kind = 'credit' and f.kind = 'deposits'`,
    }),
  },
  {
    name: 'deposit-refunds-are-debited-once',
    over: 'deposits',
    sql: pairs({
      deposits: `state = 'refunded' and credited is not null`,
      amount: 'd.credited + coalesce(d.surplus, 0)',
      transfers: `t.kind = 'debit' and i.kind = 'deposits'`,
    }),
  },
]
