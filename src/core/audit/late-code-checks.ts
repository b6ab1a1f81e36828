// Checks of late codes: each claim was paid once, and only claims show late messages.
import { type Check, clockTolerance } from './check.ts'

export const lateCodeChecks: readonly Check[] = [
  {
    // One hold beyond the order's own, with the order's price, and its post.
    name: 'claims-are-paid-once',
    over: 'orders',
    sql: `
      select 'order ' || o.id as id
        from orders o
        left join transfers h on h.id = o.claim_hold_id and h.kind = 'hold'
        left join (select hold_id, sum(amount) filter (where kind = 'post') as posted,
                          -- An operator may have refunded it.
                          sum(amount) filter (where kind = 'refund') as refunded,
                          count(*) filter (where kind not in ('post', 'refund')) as others
                     from transfers where hold_id is not null group by 1) e
          on e.hold_id = o.claim_hold_id
       where (o.claimed_at is not null or o.claim_hold_id is not null)
         and not coalesce(o.claimed_at is not null and o.claim_hold_id <> o.hold_id
           and o.kind = 'activation' and o.state in ('cancelled', 'expired')
           and h.amount = o.price and h.currency = o.currency and h.account_id = o.account_id
           and h.order_id = o.id and e.posted = o.price and coalesce(e.refunded, o.price) = o.price
           and e.others = 0, false)`,
  },
  {
    // They came when the order was over, within a day, and the order shows at least one. Texts may be purged.
    name: 'claimed-messages-fit-claims',
    over: 'messages',
    comparesTimes: true,
    sql: `
      select 'message ' || m.id as id
        from messages m join orders o on o.id = m.order_id
       where m.state = 'claimed'
         and (o.claimed_at is null or m.claimable is not true
           or m.received_at < least(o.expires_at, o.closed_at) - ${clockTolerance}
           or m.received_at > least(o.expires_at, o.closed_at) + interval '24 hours' + ${clockTolerance})
      union all
      select 'order ' || o.id from orders o
       where o.claimed_at is not null
         and not exists (select from messages m where m.order_id = o.id and m.state = 'claimed')`,
  },
  {
    // An order offers a late code exactly while it has one that nobody has paid for.
    name: 'late-codes-are-there',
    over: 'orders',
    sql: `
      select 'order ' || o.id as id from orders o
       where o.claimed_at is null and o.late_until is not null
         and not exists (select from messages m
           where m.order_id = o.id and m.state = 'late' and m.claimable and m.code is not null)
      union all
      select 'message ' || m.id from messages m left join orders o on o.id = m.order_id
       where m.state = 'late' and m.claimable and m.code is not null
         and o.id is not null and (o.late_until is null or o.claimed_at is not null)`,
  },
]
