// Why a month cannot be archived: something of it is not over.
import type { Queryable } from '../../db/database.ts'
import { inShownState } from '../messages/shown.ts'
import { isOldEnough, type Month, minAgeDays } from './month.ts'
import { astray } from './tables.ts'

type Counts = {
  open: number
  leased: number
  events: number
  deliveries: number
  esims: number
  strays: number
  asked: number
}

/** What follows a count of one and other counts, and what to do. */
type Words = { readonly one: string; readonly many: string; readonly advice: string }

const words: Readonly<Record<keyof Counts, Words>> = {
  open: {
    one: 'order is still open',
    many: 'orders are still open',
    advice:
      'They end at their time; numlet orders find lists them, and numlet orders cancel or refund ends one.',
  },
  leased: {
    one: 'order still has its number',
    many: 'orders still have their numbers',
    advice: 'Leases are kept for a day after their end. Wait, and see that numlet work runs.',
  },
  events: {
    one: 'event of its orders is still kept for streams, webhooks and success rates',
    many: 'events of its orders are still kept for streams, webhooks and success rates',
    advice: 'Events are kept for 30 days: archive the month after that.',
  },
  deliveries: {
    one: 'delivery of a webhook for its orders is still due or kept',
    many: 'deliveries of webhooks for its orders are still due or kept',
    advice: 'Deliveries are kept for 30 days: archive the month after that.',
  },
  esims: {
    one: 'of its eSIMs may still be in use, by the validity of its plan',
    many: 'of its eSIMs may still be in use, by the validity of their plans',
    advice: 'Customers return for their activation codes.',
  },
  strays: {
    one: 'message to a number of its orders reached nobody and still has its text',
    many: 'messages to numbers of its orders reached nobody and still have their texts',
    advice: 'Assign each (numlet messages assign), purge it, or wait for its retention.',
  },
  asked: {
    one: 'number that a supplier was asked for is not settled with it',
    many: 'numbers that suppliers were asked for are not settled with them',
    advice: 'Their suppliers are asked until they have said how each ended.',
  },
}

function sentences(name: keyof Counts, count: number): string {
  const { one, many, advice } = words[name]
  return `${count} ${count === 1 ? one : many}. ${advice}`
}

/** @returns whole sentences; none if nothing is in the way */
export async function reasonsAgainst(tx: Queryable, month: Month, now: Date): Promise<string[]> {
  if (!isOldEnough(month, now))
    return [`It can be archived ${minAgeDays} days after its end at the earliest.`]
  const { from, to } = month.orders
  const [row] = await tx.query<Counts>(
    `select
       (select count(*) from orders where id >= $1 and id < $2 and closed_at is null)::int as open,
       (select count(distinct order_id) from leases where order_id >= $1 and order_id < $2)::int as leased,
       (select count(*) from events where order_id >= $1 and order_id < $2)::int as events,
       (select count(*) from webhook_deliveries where order_id >= $1 and order_id < $2)::int as deliveries,
       (select count(*) from esim_codes c join esim_plans p on p.id = c.plan_id
         where c.order_id >= $1 and c.order_id < $2
           and c.sold_at + make_interval(days => p.validity_days) > $3)::int as esims,
       (select count(distinct m.id)
          from messages m join orders o on o.number_id = m.number_id and o.id >= $1 and o.id < $2
           and m.received_at between o.created_at and o.closed_at + interval '1 day'
         where not ${inShownState('m.state')} and m.purged_at is null
           and m.id not in (select t.id from ${astray(month).from}))::int as strays,
       (select count(*) from allocations
         where order_id >= $1 and order_id < $2
           and (cost_state = 'held' or state in ('planned', 'asking', 'unknown')))::int as asked`,
    [from, to, now],
  )
  const counts = Object.entries(row ?? {}) as [keyof Counts, number][]
  return counts.filter(([, count]) => count > 0).map(([name, count]) => sentences(name, count))
}

/** Whether an order of the month was touched since its events were deleted: an event is written then. */
export async function hasNews(tx: Queryable, { orders: { from, to } }: Month): Promise<boolean> {
  const [row] = await tx.query<{ news: boolean }>(
    'select exists (select from events where order_id >= $1 and order_id < $2) as news',
    [from, to],
  )
  return row?.news === true
}
