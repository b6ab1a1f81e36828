// Checks of vendors' requests: what was acknowledged is read.
import type { Check } from './check.ts'

export const inboundChecks: readonly Check[] = [
  {
    // While a worker runs, which the readers of the events show: none of them has left an event for minutes.
    name: 'inbound-requests-are-read',
    over: 'inbound_requests',
    sql: `
      select 'request ' || r.id as id from inbound_requests r, clock
       where r.state = 'new' and r.due_at < clock.now - interval '5 minutes'
         and not exists (
           select from event_readers e, lateral (
             select n.created_at from events n where (n.epoch, n.xid, n.id) > (e.epoch, e.xid, e.id)
              order by n.epoch, n.xid, n.id limit 1) unread
            where unread.created_at < clock.now - interval '2 minutes')`,
  },
  {
    name: 'message-parts-are-handed-out',
    over: 'split_messages',
    sql: `
      select 'split message ' || s.id as id from split_messages s
       where s.state <> 'handed' and not exists (select from message_parts p where p.split_id = s.id)
          or s.state = 'handed' and exists (
            select from message_parts p where p.split_id = s.id and p.text is not null)
          or (select count(*) from message_parts p where p.split_id = s.id) > s.total`,
  },
]
