// Checks of inboxes: each belongs to at most one open order, and the count of open inboxes is correct.
import { isArchived } from '../archive/archived.ts'
import type { Check } from './check.ts'

export const inboxChecks: readonly Check[] = [
  {
    name: 'inboxes-are-their-orders',
    over: 'inboxes',
    sql: `
      select 'order ' || coalesce(i.order_id, o.id) as id
        from inboxes i
        full join (select * from orders where kind = 'email') o on o.id = i.order_id
       where case when i.order_id is null then true
         -- Addresses stay for ever: none is sold twice.
         when o.id is null then i.ended_at is null or not ${isArchived('i.order_id')}
         else o.email is distinct from i.address
           or o.account_id <> i.account_id or o.offer_id <> i.offer_id or i.cancel_fee > o.price
           or (i.ended_at is null) <> (o.closed_at is null)
           or (i.ended_at is null and i.until <> o.expires_at) end`,
  },
  {
    name: 'open-inboxes-counted',
    over: 'email_domains',
    sql: `
      select 'domain ' || coalesce(d.offer_id, i.offer_id) as id
        from email_domains d
        full join (select offer_id, count(*) as inboxes from inboxes where ended_at is null group by 1) i
          on i.offer_id = d.offer_id
       where coalesce(d.open_inboxes, 0) <> coalesce(i.inboxes, 0)`,
  },
  {
    name: 'mail-domains-have-their-offer',
    over: 'email_domains',
    sql: `
      select 'domain ' || coalesce(d.offer_id, o.id) as id
        from email_domains d
        full join (select id from offers where kind = 'email') o on o.id = d.offer_id
       where d.offer_id is null or o.id is null`,
  },
]
