// What became of each number's orders. Each event that ends an order is counted once, and each message noted,
// by jobs: neither a purchase nor a message waits for it.
import type { Database, Tx } from '../../db/database.ts'
import { readOn } from '../events/reader.ts'
import { endings } from '../orders/order.ts'

const eventsATurn = 5_000

/** As many as the largest `rest_after_orders`. */
const maxAccounts = 1_000

/** Whoever cancels earlier may have changed their mind: that says nothing of the number. */
const minWaitS = 5 * 60

/** Events that end an order. */
const closing: ReadonlySet<string> = new Set(endings.map((ending) => ending.event))

/** The activations among the orders $1 that ended, in the order of their ends. Each was `heard` from, or
 * `silent` (waited in vain), or neither: cancelled early, or reported by its customer. What its supplier
 * failed is no result of the number. */
const endedOrders = `ended as (
  select o.id, o.number_id, o.account_id, o.service_id, o.services, o.created_at, o.closed_at,
         o.received_at is not null as has_code, o.message_count > 0 as heard,
         o.message_count = 0 and b.order_id is null
           and (o.state = 'expired' or (o.state = 'cancelled'
             and o.closed_at >= o.created_at + make_interval(secs => ${minWaitS}))) as silent,
         row_number() over (order by o.closed_at, o.id) as place
    from orders o
    left join banned_orders b on b.order_id = o.id
   where o.id = any($1) and o.kind = 'activation' and o.closed_at is not null and o.state <> 'failed'
     and o.number_id is not null
     and not exists (select from services s where s.test is not null
           and s.id = any (o.services || o.service_id)))`

/**
 * Counts the orders that ended since the last run, by number.
 * @returns the number of events read if there may be more; otherwise 0
 */
export async function countResults(db: Database): Promise<number> {
  const { isMore } = await readOn(db, 'number-results', eventsATurn, async (tx, events) => {
    const ended = events.flatMap(({ type, orderId }) =>
      orderId !== null && closing.has(type) ? [orderId] : [],
    )
    if (ended.length === 0) return
    await countNumbers(tx, ended)
    await countServices(tx, ended)
  })
  return isMore ? eventsATurn : 0
}

function countNumbers(tx: Tx, ended: readonly bigint[]) {
  return tx.query(
    `with ${endedOrders}, since as (
       select e.*, max(e.place) filter (where e.heard) over (partition by e.number_id) as heard_at
         from ended e
     )
     insert into number_results as r (number_id, orders, with_message, with_code, first_order_at,
       last_order_at, silent_orders, silent_since)
     select s.number_id, count(*), count(*) filter (where s.heard), count(*) filter (where s.has_code),
            min(s.created_at), max(s.closed_at),
            count(*) filter (where s.silent and s.place > coalesce(s.heard_at, 0)),
            min(s.closed_at) filter (where s.silent and s.place > coalesce(s.heard_at, 0))
       from since s group by s.number_id order by s.number_id
     on conflict (number_id) do update set
       orders = r.orders + excluded.orders, with_message = r.with_message + excluded.with_message,
       with_code = r.with_code + excluded.with_code,
       first_order_at = least(r.first_order_at, excluded.first_order_at),
       last_order_at = greatest(r.last_order_at, excluded.last_order_at),
       silent_orders = excluded.silent_orders
         + case when excluded.with_message = 0 then r.silent_orders else 0 end,
       silent_since = case when excluded.with_message = 0
         then coalesce(r.silent_since, excluded.silent_since) else excluded.silent_since end`,
    [ended],
  )
}

/** The same for each service of a number, as long as the number may be sold again for it. A code for one
 * service of an order for several says nothing of the others. Each customer counts once in a row, so that
 * nobody alone has a number rest. */
async function countServices(tx: Tx, ended: readonly bigint[]) {
  const uses = `${endedOrders}, uses as (
    select e.number_id, e.account_id, u.service_id, e.closed_at, e.heard, e.silent,
           max(e.place) filter (where e.heard) over (partition by e.number_id, u.service_id) as heard_at,
           e.place
      from ended e cross join lateral unnest(coalesce(e.services, array[e.service_id])) as u(service_id)
     where (e.heard and e.services is null) or e.silent)`
  await tx.query(
    `with ${uses}
     delete from failing_numbers f using uses u
      where u.heard and f.number_id = u.number_id and f.service_id = u.service_id and f.banned_at is null`,
    [ended],
  )
  await tx.query(
    `with ${uses}
     insert into failing_numbers as f (number_id, service_id, silent_orders, silent_accounts, last_order_at)
     select u.number_id, u.service_id, count(*), array_agg(distinct u.account_id), max(u.closed_at)
       from uses u
      where u.silent and u.place > coalesce(u.heard_at, 0) and (
            exists (select from resting_numbers r
                     where r.number_id = u.number_id and r.service_id = u.service_id)
         or exists (select from returned_numbers r
                     where r.number_id = u.number_id and r.service_id = u.service_id)
         or exists (select from relet_numbers r
                     where r.number_id = u.number_id and r.service_id = u.service_id))
      group by 1, 2 order by 1, 2
     on conflict (number_id, service_id) do update set
       silent_orders = f.silent_orders + excluded.silent_orders,
       silent_accounts = array(
         select distinct unnest(f.silent_accounts || excluded.silent_accounts) limit ${maxAccounts}),
       last_order_at = excluded.last_order_at`,
    [ended],
  )
}
