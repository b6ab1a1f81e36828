// The deposits: what was paid is credited once, and nothing is credited that was not paid.
import type { Check } from './check.ts'

export const depositChecks: readonly Check[] = [
  {
    // A deposit's transfer names it in its reference: src/core/deposits/deposits.ts.
    name: 'deposits-are-credited-once',
    over: 'deposits',
    sql: `
      select coalesce('deposit ' || d.id, 'transfer ' || t.id) as id
        from (select * from deposits where state = 'success') d
        full join (select t.*, l.kind as from_kind
                     from transfers t join ledger_accounts l on l.id = t.debit_id
                    where t.kind = 'deposit') t
          on t.reference = 'deposit ' || d.id || ' by ' || d.gateway
       where d.id is null or t.id is null or t.account_id <> d.account_id or t.amount <> d.amount
          or t.currency <> d.currency or t.from_kind <> 'deposits'
      union all
      select 'deposit ' || d.id
        from deposits d
        join transfers t on t.kind = 'deposit' and t.reference = 'deposit ' || d.id || ' by ' || d.gateway
       group by d.id having count(*) > 1`,
  },
]
