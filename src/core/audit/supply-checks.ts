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
         and not exists (select from sources s where s.offer_id = st.offer_id and s.state = 'on')`,
  },
]
