// What the numbers of other platforms have brought: how many had a code, and how soon. Routing ranks by it.
import type { Database } from '../../db/database.ts'

/** So many numbers of a source are counted, the newest first, and none that are older than these days. */
const lastNumbers = 200
const maxDays = 30
/** What is known of a supplier, or of all, counts like so many numbers of the source itself. */
const priorNumbers = 10

/**
 * Counts the results of each source. A source with few numbers is judged by those of its supplier as well,
 * and a supplier with few by all suppliers. A number counts when its order is over, or has a code.
 * @returns 0: one run is enough
 */
export async function countSourceResults(db: Database, now: Date): Promise<number> {
  await db.query(
    `with counted as (
       select s.id as source_id, s.supplier_id, r.*
         from sources s
        cross join lateral (
          select count(*)::int as numbers, count(o.received_at)::int as delivered,
                 percentile_cont(0.5) within group (
                   order by extract(epoch from o.received_at - a.asked_at)) as seconds
            from (select order_id, id, asked_at from allocations
                   where source_id = s.id and created_at > $1::timestamptz - make_interval(days => $2)
                     and state = 'got'
                   order by created_at desc limit $3) a
            join orders o on o.id = a.order_id and o.allocation_id = a.id
             and o.kind = 'activation' and (o.received_at is not null or o.closed_at is not null)) r
        where r.numbers > 0
     ), everyone as (
       select (sum(delivered) + $4 * 0.5) / (sum(numbers) + $4) as share from counted
     ), each as (
       select c.supplier_id, (sum(c.delivered) + $4 * e.share) / (sum(c.numbers) + $4) as share
         from counted c cross join everyone e group by c.supplier_id, e.share
     ), suppliers_told as (
       update suppliers p set delivered_share = l.share
         from (select q.id, e.share::real from suppliers q left join each e on e.supplier_id = q.id
                where q.delivered_share is distinct from e.share::real
                order by q.id for no key update of q) l
        where p.id = l.id
     ), forgotten as (
       delete from source_results b
        where not exists (select from counted c where c.source_id = b.source_id)
     )
     insert into source_results as b (source_id, numbers, delivered, share, seconds)
     select c.source_id, c.numbers, c.delivered, (c.delivered + $4 * e.share) / (c.numbers + $4),
            greatest(0, c.seconds)
       from counted c join each e on e.supplier_id = c.supplier_id order by c.source_id
     on conflict (source_id) do update set numbers = excluded.numbers, delivered = excluded.delivered,
       share = excluded.share, seconds = excluded.seconds
      where (b.numbers, b.delivered, b.share, b.seconds) is distinct from
        (excluded.numbers, excluded.delivered, excluded.share, excluded.seconds)`,
    [now, maxDays, lastNumbers, priorNumbers],
  )
  return 0
}
