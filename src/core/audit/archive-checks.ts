// Checks of archived months: the ledger still has what their orders did, and only that.
import { movedAmounts, totalsHash, unsoundTotal } from '../archive/totals.ts'
import type { Check } from './check.ts'

export const archiveChecks: readonly Check[] = [
  {
    name: 'archived-totals-are-whole',
    over: 'archived_months',
    sql: `
      select m.month as id from archived_months m
       where m.totals_hash <> ${totalsHash}
          or m.orders <> (select coalesce(sum(t.orders), 0) from archived_totals t where t.month = m.month)
      union
      select t.month from archived_totals t
       where ${unsoundTotal} or not exists (select from archived_months m where m.month = t.month)`,
  },
  {
    // The orders are gone, the transfers stay: for each wallet they must be what the orders were.
    name: 'archived-totals-match-transfers',
    over: 'archived_months',
    sql: `
      with bounds as (
        select array_agg(b order by b) as list
          from (select orders_from as b from due_months union select orders_to from due_months) b
      ), moved as (
        select m.month, t.account_id, t.currency, ${movedAmounts}
          from transfers t cross join bounds
          -- The place of an order among the bounds, which is found without a join.
          join due_months m on m.orders_from = bounds.list[width_bucket(t.order_id, bounds.list)]
         where t.order_id is not null and t.order_id < m.orders_to
         group by 1, 2, 3
      ), due as (
        select t.month, t.account_id, t.currency, sum(t.held) as held, sum(t.posted) as posted,
               sum(t.voided) as voided, sum(t.released) as released, sum(t.refunded) as refunded
          from due_months m join archived_totals t on t.month = m.month
         group by 1, 2, 3
      )
      select coalesce(m.month, d.month) || ', account ' || coalesce(m.account_id, d.account_id) as id
        from moved m
        full join due d using (month, account_id, currency)
       where (m.held, m.posted, m.voided, m.released, m.refunded)
          is distinct from (d.held, d.posted, d.voided, d.released, d.refunded)`,
  },
]
