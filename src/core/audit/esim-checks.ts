// Checks of eSIMs: each code is sold once, to an order of its plan, and the counted stock is correct.
import { isArchived } from '../archive/archived.ts'
import type { Check } from './check.ts'

export const esimChecks: readonly Check[] = [
  {
    name: 'esims-sold-once',
    over: 'esim_codes',
    sql: `
      select 'code ' || c.position || ' of plan ' || c.plan_id as id
        from sold_codes c
        join esim_plans p on p.id = c.plan_id
        left join orders o on o.id = c.order_id
       where (o.id is null and not ${isArchived('c.order_id')})
          or o.kind <> 'esim' or o.offer_id <> p.offer_id
      union all
      select 'order ' || order_id from esim_codes
       where order_id is not null group by order_id having count(*) > 1
      union all
      select 'code ' || min(position) || ' of plan ' || min(plan_id) from esim_codes
       group by fingerprint having count(*) > 1`,
  },
  {
    name: 'esim-orders-have-their-code',
    over: 'orders',
    sql: `
      select 'order ' || o.id as id from orders o
       where o.kind = 'esim' and o.state = 'finished'
         and not exists (select from esim_codes c where c.order_id = o.id)`,
  },
  {
    // Sold codes come first, without a gap: a sale relies on this to find the next code.
    name: 'esims-counted',
    over: 'esim_plans',
    sql: `
      select 'plan ' || p.id as id
        from esim_plans p
        left join (select plan_id, count(*) as codes, max(position) as last_position,
                          count(order_id) as sold,
                          max(position) filter (where order_id is not null) as last_sold
                     from esim_codes group by 1) c on c.plan_id = p.id
       where (p.imported, p.imported, p.sold, p.sold, p.remaining)
          <> (coalesce(c.codes, 0), coalesce(c.last_position, 0), coalesce(c.sold, 0),
              coalesce(c.last_sold, 0), coalesce(c.codes - c.sold, 0))`,
  },
  {
    name: 'esim-plans-have-their-offer',
    over: 'esim_plans',
    sql: `
      select 'plan ' || p.id as id from esim_plans p
        left join offers o on o.id = p.offer_id where o.kind is distinct from 'esim'
      union all
      select 'offer ' || o.id from offers o
       where o.kind = 'esim' and not exists (select from esim_plans p where p.offer_id = o.id)`,
  },
]
