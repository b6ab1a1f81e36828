// Checks of orders for several services: each service has its own hold, which is posted or voided separately.
import type { Check } from './check.ts'

export const orderServiceChecks: readonly Check[] = [
  {
    name: 'service-holds-fit-states',
    over: 'order_services',
    sql: `
      select 'order ' || s.order_id || ', service ' || s.service_id as id
        from order_services s
        left join orders o on o.id = s.order_id
        left join transfers h on h.id = s.hold_id and h.kind = 'hold'
        left join (select hold_id, sum(amount) filter (where kind = 'post') as posted,
                          sum(amount) filter (where kind = 'void') as voided,
                          -- What an operator refunded was paid before.
                          count(*) filter (where kind <> 'refund') as ends
                     from transfers where hold_id is not null group by 1) e on e.hold_id = s.hold_id
       where o.id is null or h.id is null or h.amount <> s.price or h.currency <> o.currency
          or h.account_id is distinct from o.account_id or h.order_id is distinct from o.id
          or not coalesce(case s.state
            when 'held' then e.ends is null
            when 'paid' then e.posted = s.price and e.ends = 1
            else e.voided = s.price and e.ends = 1 end, false)`,
  },
  {
    name: 'services-fit-their-order',
    over: 'orders',
    sql: `
      select 'order ' || o.id as id
        from orders o
        left join (select order_id, sum(price) as price, array_agg(service_id order by place) as ids,
                          count(*) filter (where state = 'held') as held,
                          count(*) filter (where state = 'paid') as paid
                     from order_services group by 1) s on s.order_id = o.id
       where (o.hold_id is null or s.order_id is not null)
         and not coalesce(o.hold_id is null and s.price = o.price and s.ids = o.services
           and case o.state
             when 'waiting' then s.held = cardinality(o.services)
             when 'received' then s.paid > 0
             when 'finished' then s.paid > 0 and s.held = 0
             else s.paid = 0 and s.held = 0 end, false)`,
  },
  {
    // By a message of the order whose code is for this service, or for a service outside the order.
    name: 'services-are-paid-by-their-messages',
    over: 'order_services',
    sql: `
      select 'order ' || s.order_id || ', service ' || s.service_id as id
        from order_services s
        left join messages m on m.id = s.paid_by and m.state = 'delivered'
       where s.paid_by is not null
         and (m.order_id is distinct from s.order_id
           or coalesce(m.service_id, s.service_id) <> s.service_id
           -- An operator may have taken a wrong code away; the money moves only with a refund.
           or (m.code is null and m.purged_at is null and m.corrected_at is null))`,
  },
]
