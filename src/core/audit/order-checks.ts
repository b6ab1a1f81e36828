// Checks of orders: their money, their numbers, their events.

import { isArchived } from '../archive/archived.ts'
import { endings } from '../orders/order.ts'
import { type Check, clockTolerance } from './check.ts'

/** The events that close an order, by the resulting state. */
const closingEvents = endings.map(({ state, event }) => `('${state}', '${event}')`).join(', ')

/** Less than the 30 days after which the job `forget-events` may delete them. */
const eventsKept = `interval '29 days'`

const isOpen = (order: string) =>
  `${order}.state in ('allocating', 'waiting', 'received', 'active')`

export const orderChecks: readonly Check[] = [
  {
    name: 'order-money-fits-state',
    over: 'orders',
    sql: `
      select 'order ' || o.id as id
        from orders o
        left join (select hold_id, sum(amount) filter (where kind = 'post') as posted,
                          sum(amount) filter (where kind = 'void') as voided,
                          sum(amount) filter (where kind = 'release') as released,
                          sum(amount) filter (where kind = 'refund') as refunded
                     from transfers where hold_id is not null group by 1) e
          on e.hold_id = o.hold_id
       where o.hold_id is not null and not coalesce(case
         when o.state in ('allocating', 'waiting') then e.hold_id is null
         when o.state in ('received', 'active')
           then e.posted = o.price and e.voided is null and e.released is null
             and e.refunded is null
         -- An operator may have refunded it.
         when o.state in ('finished', 'ended')
           then e.posted = o.price and e.voided is null and e.released is null
             and coalesce(e.refunded, o.price) = o.price
         when o.kind = 'rental' and o.state = 'cancelled' and e.posted is not null
           then e.posted = o.price and e.refunded = o.price and e.voided is null
         -- Closed without a code: all given back, or (never for an activation) all but a fee.
         else (e.voided = o.price and e.posted is null and e.released is null)
           or (o.kind <> 'activation' and e.voided is null
             and e.posted + coalesce(e.released, 0) = o.price) end, false)`,
  },
  {
    name: 'orders-have-their-hold',
    over: 'orders',
    sql: `
      select 'order ' || o.id as id
        from orders o
        left join transfers h on h.id = o.hold_id and h.kind = 'hold'
       where o.hold_id is not null
         and (h.id is null or h.amount <> o.price or h.currency <> o.currency
           or h.account_id is distinct from o.account_id or h.order_id is distinct from o.id)`,
  },
  {
    // A rental holds again at each renewal, an order for several services once per service, a claim of a late
    // code once more; others hold once.
    name: 'holds-have-their-order',
    over: 'transfers',
    sql: `
      select 'hold ' || h.id as id
        from transfers h
        left join orders o on o.id = h.order_id
       where h.kind = 'hold' and h.order_id is not null
         and (case when o.id is null then not ${isArchived('h.order_id')}
                   else o.account_id is distinct from h.account_id end
           or o.currency <> h.currency
           or (o.hold_id is distinct from h.id and o.claim_hold_id is distinct from h.id
             and o.kind <> 'rental' and not exists (
               select from order_services s where s.order_id = o.id and s.hold_id = h.id)))`,
  },
  {
    name: 'open-leases-are-open-orders',
    over: 'leases',
    sql: `
      select 'order ' || coalesce(l.order_id, o.id) as id
        from (select * from leases where ended_at is null) l
        full join (select * from orders o where ${isOpen('o')} and o.number_id is not null) o
          on o.id = l.order_id
       where l.order_id is null or o.id is null or l.number_id <> o.number_id
          or l.account_id <> o.account_id or l.until <> o.expires_at
          or l.service_id <> all (coalesce(o.services, array[o.service_id]))`,
  },
  {
    name: 'no-number-leased-twice',
    over: 'leases',
    comparesTimes: true,
    sql: `
      select 'order ' || order_id as id from (
        select order_id, starts_at,
               count(*) filter (where ended_at is null) over (partition by number_id, service_id)
                 as open_ones, ended_at,
               max(coalesce(ended_at, 'infinity')) over (partition by number_id, service_id
                 order by starts_at, order_id rows between unbounded preceding and 1 preceding)
                 as taken_until
          from leases) s
       where (open_ones > 1 and ended_at is null) or taken_until > starts_at + ${clockTolerance}`,
  },
  {
    name: 'no-number-let-twice',
    over: 'orders',
    comparesTimes: true,
    sql: `
      select 'order ' || order_id as id from (
        select id as order_id, created_at, closed_at,
               count(*) filter (where closed_at is null) over (partition by number_id, service_id)
                 as open_ones,
               max(coalesce(closed_at, 'infinity')) over (partition by number_id, service_id
                 order by created_at, id rows between unbounded preceding and 1 preceding)
                 as taken_until
          from orders where number_id is not null) s
       where (open_ones > 1 and closed_at is null) or taken_until > created_at + ${clockTolerance}`,
  },
  {
    name: 'open-orders-counted',
    over: 'accounts',
    sql: `
      select 'account ' || coalesce(u.account_id, o.account_id) as id
        from account_usage u
        full join (select account_id, count(*) as open_orders from orders o
                    where ${isOpen('o')} group by 1) o on o.account_id = u.account_id
       where coalesce(u.open_orders, 0) <> coalesce(o.open_orders, 0)`,
  },
  {
    // Old events are deleted in time; those of recent orders must all exist.
    name: 'orders-have-their-events',
    over: 'orders',
    sql: `
      with closing (state, type) as (values ${closingEvents}),
      told as (
        select e.order_id, count(*) filter (where e.type = 'order.created') as created,
               count(c.type) as closed, max(c.state) as state
          from events e left join (select distinct state, type from closing) c on c.type = e.type
         where e.order_id is not null group by 1)
      -- A renewed rental may have ended before and come back.
      select 'order ' || o.id as id
        from orders o left join told t on t.order_id = o.id
       where (o.created_at > (select now from clock) - ${eventsKept} and t.created is distinct from 1)
          or (o.closed_at > (select now from clock) - ${eventsKept} and coalesce(t.closed, 0) = 0)
          or (o.renewals = 0 and o.closed_at is null and t.closed > 0)
          or (t.closed = 1 and o.closed_at is not null and t.state <> o.state)
          or t.created > 1 or (t.closed > 1 and o.renewals = 0)`,
  },
]
