// Checks of what suppliers are asked for: each order has its number, and no number is let twice.
import { isArchived } from '../archive/archived.ts'
import { type Check, clockTolerance } from './check.ts'

/** A job fails overdue orders every second: one that is this late was forgotten. */
const forgottenAfter = `interval '60 seconds'`

export const supplyChecks: readonly Check[] = [
  {
    // An order without a number has money held, and somebody who still looks for its number.
    name: 'allocating-orders-are-looked-after',
    over: 'orders',
    comparesTimes: true,
    sql: `
      select 'order ' || o.id as id
        from orders o
       where o.state = 'allocating' and (o.phone is not null
          or o.allocate_by + ${forgottenAfter} < (select now from clock)
          or not exists (select from allocations a
                          where a.order_id = o.id and a.state in ('planned', 'asking', 'unknown')))`,
  },
  {
    name: 'allocations-fit-their-orders',
    over: 'allocations',
    sql: `
      select 'order ' || coalesce(o.id, g.order_id) as id
        from (select * from allocations where state = 'got' and purpose <> 'renew') g
        full join (select * from orders where allocation_id is not null) o on o.id = g.order_id
       where case when g.id is null then true
         when o.id is null then not ${isArchived('g.order_id')}
         else o.allocation_id <> g.id or o.phone is distinct from g.phone end`,
  },
  {
    name: 'open-upstream-leases-are-open-orders',
    over: 'upstream_leases',
    sql: `
      select 'order ' || coalesce(l.order_id, o.id) as id
        from (select * from upstream_leases where ended_at is null) l
        full join (select * from orders where allocation_id is not null and closed_at is null) o
          on o.id = l.order_id
       where l.order_id is null or o.id is null or l.allocation_id <> o.allocation_id
          or l.phone <> o.phone or l.account_id <> o.account_id or l.service_id <> o.service_id
          or l.until <> o.expires_at`,
  },
  {
    // What a number costs is at risk until its supplier keeps or returns it: once.
    name: 'costs-fit-allocations',
    over: 'allocations',
    sql: `
      select 'order ' || g.order_id as id
        from allocations g
        left join (
          select coalesce(t.hold_id, t.id) as hold_id,
                 count(*) filter (where t.kind = 'supply_hold') as holds,
                 count(*) filter (where t.kind in ('supply_post', 'supply_void')) as ends,
                 sum(case when c.kind = 'at_risk' then t.amount when d.kind = 'at_risk' then -t.amount
                     else 0 end) as at_risk
            from transfers t
            join ledger_accounts c on c.id = t.credit_id
            join ledger_accounts d on d.id = t.debit_id
           where t.kind in ('supply_hold', 'supply_post', 'supply_void', 'supply_adjust')
           group by 1) m on m.hold_id = g.cost_hold_id
       where g.cost_hold_id is not null and not coalesce(m.holds = 1 and case g.cost_state
         when 'held' then m.ends = 0 and m.at_risk = g.cost
         else m.ends = 1 and m.at_risk = 0 end, false)`,
  },
  {
    name: 'suppliers-holds-have-their-allocation',
    over: 'transfers',
    sql: `
      select 'hold ' || t.id as id
        from transfers t left join allocations g on g.cost_hold_id = t.id
       where t.kind = 'supply_hold' and g.id is null`,
  },
  {
    // Somebody still has to hear what became of it: a command, or a person with a difference.
    name: 'numbers-given-back-are-looked-after',
    over: 'allocations',
    sql: `
      select 'order ' || g.order_id as id
        from allocations g left join orders o on o.id = g.order_id
       where (g.state = 'given_up' or (g.state = 'got' and (o.id is null or o.closed_at is not null)))
         and g.last_word is null
         and not exists (select from supplier_commands c where c.allocation_id = g.id and c.state = 'open')
         and not exists (select from differences d where d.allocation_id = g.id)`,
  },
  {
    // What is held for a renewal ends with its supplier's answer.
    name: 'renewals-fit-their-holds',
    over: 'allocations',
    sql: `
      select 'order ' || g.order_id as id
        from allocations g
        left join (select hold_id, count(*) filter (where kind = 'post') as posts,
                          count(*) filter (where kind = 'void') as voids
                     from transfers where kind in ('post', 'void') group by 1) e
          on e.hold_id = g.renew_hold_id
       where g.purpose = 'renew' and not coalesce(case
         when g.state in ('planned', 'asking', 'unknown') then e.hold_id is null
         when g.state = 'got' then e.posts = 1 and e.voids = 0
         else e.voids = 1 and e.posts = 0 end, false)`,
  },
  {
    // Over our own numbers and all suppliers: the same number may come from several.
    name: 'no-phone-let-twice',
    over: 'upstream_leases',
    comparesTimes: true,
    sql: `
      select 'order ' || order_id as id from (
        select order_id, is_upstream, ended_at, starts_at,
               count(*) filter (where ended_at is null) over (partition by phone, service_id) as open_ones,
               max(coalesce(ended_at, 'infinity')) over (partition by phone, service_id
                 order by starts_at, order_id rows between unbounded preceding and 1 preceding) as taken_until
          from (select order_id, phone, service_id, starts_at, ended_at, true as is_upstream
                  from upstream_leases
                union all
                select l.order_id, n.phone, l.service_id, l.starts_at, l.ended_at, false
                  from leases l join numbers n on n.id = l.number_id
                 where n.phone in (select phone from upstream_leases)) l) s
       where is_upstream
         and ((open_ones > 1 and ended_at is null) or taken_until > starts_at + ${clockTolerance})`,
  },
  {
    name: 'upstream-stock-has-a-source',
    over: 'stock',
    sql: `
      select 'service ' || st.service_id || ' on shelf ' || st.shelf_id as id
        from stock st
       where st.upstream > 0
         and not exists (select from sources s where s.offer_id = st.offer_id and s.state = 'on')
      union all
      select 'rentals of offer ' || st.offer_id
        from rental_stock st
       where st.upstream > 0
         and not exists (select from sources s where s.offer_id = st.offer_id and s.state = 'on')`,
  },
]
