// Checks of messages: each belongs to the right order, and codes are stored only where and while allowed.

import { isArchived } from '../archive/archived.ts'
import { repeatWindowS } from '../messages/fingerprint.ts'
import { inShownState } from '../messages/shown.ts'
import { type Check, clockTolerance } from './check.ts'

export const messageChecks: readonly Check[] = [
  {
    name: 'messages-reach-their-order',
    over: 'messages',
    sql: `
      select 'message ' || m.id as id
        from messages m left join orders o on o.id = m.order_id
       where ${inShownState('m.state')}
         and case when o.id is null
           -- Messages of archived orders are out of reach until they are deleted.
           then not coalesce(${isArchived('m.order_id')}, false)
           else o.account_id is distinct from m.account_id
             or o.number_id is distinct from m.number_id or o.email is distinct from m.address end`,
  },
  {
    name: 'messages-in-their-orders-time',
    over: 'messages',
    comparesTimes: true,
    sql: `
      select 'message ' || m.id as id
        from messages m join orders o on o.id = m.order_id
       where m.state = 'delivered'
         and (m.received_at < o.created_at - ${clockTolerance}
           -- An operator may give a late message to its order.
           or (m.received_at > o.closed_at + ${clockTolerance} and m.assigned_at is null))`,
  },
  {
    // A repeat has the same text and number as a message seconds before it, which is not a repeat itself.
    name: 'repeats-have-their-first',
    over: 'messages',
    sql: `
      select 'message ' || m.id as id
        from messages m left join messages f on f.id = m.repeat_of
       where m.state = 'repeat'
         and (f.id is null or f.state = 'repeat' or f.phone <> m.phone
           or f.fingerprint <> m.fingerprint
           or abs(extract(epoch from m.received_at - f.received_at)) >= ${repeatWindowS})`,
  },
  {
    name: 'codes-purged-with-texts',
    over: 'messages',
    sql: `
      select 'message ' || id as id from messages
       where (text is null or purged_at is not null)
         and (text is not null or purged_at is null or code is not null or code_as_written is not null)
      union all
      select 'order ' || o.id from orders o
       where (o.code is not null or o.code_as_written is not null)
         and not exists (select from messages m where m.order_id = o.id and m.code is not null)`,
  },
  {
    // In event data only text values can be a code; short ones (such as years) only as the whole value.
    name: 'no-code-in-events',
    over: 'events',
    sql: `
      with strings as materialized (
        select e.id, e.order_id, v.value #>> '{}' as words
          from events e, jsonb_path_query(e.data, 'strict $.** ? (@.type() == "string")') as v(value)
         where e.order_id is not null and e.data <> '{}'
      ), codes as (
        select id as order_id, code, code_as_written from orders where code is not null
        union all
        select order_id, code, code_as_written from messages where code is not null
      )
      select distinct 'event ' || s.id as id
        from strings s join codes c on c.order_id = s.order_id
       where s.words in (c.code, c.code_as_written)
          or (length(c.code) > 4
            and (position(c.code in s.words) > 0 or position(c.code_as_written in s.words) > 0))`,
  },
]
