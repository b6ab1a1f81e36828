// Checks of the stock: the counted stock is correct, and no leased number is still on its shelf.
import type { Check } from './check.ts'

export const stockChecks: readonly Check[] = [
  {
    // One pass over each shelf from its end: numbers add one, and each stock row reads the count at its
    // position. Checking the stock of many services costs no more than checking one.
    name: 'stock-counted',
    over: 'stock',
    sql: `
      with walk as (
        select shelf_id, position, 1 as numbers, null::int as service_id, null::int as remaining
          from numbers where state = 'active'
        union all
        select shelf_id, next_position, 0, service_id, remaining from stock
      ), passed as (
        select service_id, shelf_id, remaining,
               sum(numbers) over (partition by shelf_id order by position desc, numbers desc
                 rows unbounded preceding) as unused
          from walk
      ), returned as (
        select r.service_id, r.shelf_id, count(*) as numbers
          from returned_numbers r join numbers n on n.id = r.number_id and n.state = 'active'
         group by 1, 2
      ), ahead as (
        select t.service_id, t.shelf_id, count(*) as numbers
          from taken_ahead t
          join stock s on s.service_id = t.service_id and s.shelf_id = t.shelf_id
           and t.position >= s.next_position
          join numbers n on n.shelf_id = t.shelf_id and n.position = t.position
           and n.state = 'active'
         group by 1, 2
      )
      select 'service ' || p.service_id || ' on shelf ' || p.shelf_id as id
        from passed p
        left join ahead a on a.service_id = p.service_id and a.shelf_id = p.shelf_id
        left join returned r on r.service_id = p.service_id and r.shelf_id = p.shelf_id
       where p.service_id is not null
         and p.remaining <> p.unused + coalesce(r.numbers, 0) - coalesce(a.numbers, 0)`,
  },
  {
    // A stock row has copies of its shelf's attributes and its offer's price; purchases use these copies.
    name: 'stock-fits-offers',
    over: 'stock',
    sql: `
      select 'service ' || s.service_id || ' on shelf ' || s.shelf_id as id
        from stock s
        left join shelves sh on sh.id = s.shelf_id
        left join offers o on o.service_id = s.service_id and o.country = s.country
         and o.operator_id = s.operator_id and o.pool = s.pool and o.kind = 'activation' and o.active
       where sh.id is null
          or (sh.country, sh.operator_id, sh.pool, sh.area) <> (s.country, s.operator_id, s.pool, s.area)
          or (s.offer_id, s.price) is distinct from (o.id, o.price)`,
  },
  {
    name: 'stock-beyond-let-numbers',
    over: 'stock',
    sql: `
      select distinct 'service ' || o.service_id || ' on shelf ' || n.shelf_id as id
        from (select number_id, unnest(coalesce(services, array[service_id])) as service_id
                from orders where number_id is not null
              union all
              select number_id, service_id from leases where ended_at is null) o
        join numbers n on n.id = o.number_id
        left join stock s on s.service_id = o.service_id and s.shelf_id = n.shelf_id
       where s.next_position is null
          or (s.next_position <= n.position and not exists (
            select from taken_ahead t where t.service_id = o.service_id
               and t.shelf_id = n.shelf_id and t.position = n.position))`,
  },
  {
    // A number that was returned for a service is not leased for it, for sale, and in the right place.
    name: 'returned-numbers-are-free',
    over: 'stock',
    sql: `
      select 'number ' || r.number_id || ' for service ' || r.service_id as id
        from returned_numbers r
        left join numbers n on n.id = r.number_id
        left join stock s on s.service_id = r.service_id and s.shelf_id = r.shelf_id
       where n.shelf_id is distinct from r.shelf_id
          or n.state <> 'active'
          -- One that was taken ahead comes back before the cursor has passed it.
          or (n.position >= coalesce(s.next_position, 0)
            and not exists (select from taken_ahead t where t.service_id = r.service_id
              and t.shelf_id = r.shelf_id and t.position = n.position))
          or exists (select from leases l where l.number_id = r.number_id
                      and l.service_id = r.service_id and l.ended_at is null)`,
  },
  {
    // A number that is banned from a service is neither for sale for it, nor on its way back, nor let.
    name: 'banned-numbers-stay-off-sale',
    over: 'stock',
    sql: `
      select 'number ' || f.number_id || ' for service ' || f.service_id as id
        from failing_numbers f
       where f.banned_at is not null
         and (exists (select from returned_numbers r
                       where r.number_id = f.number_id and r.service_id = f.service_id)
           or exists (select from resting_numbers r
                       where r.number_id = f.number_id and r.service_id = f.service_id)
           or exists (select from leases l where l.number_id = f.number_id
                       and l.service_id = f.service_id and l.ended_at is null))`,
  },
  {
    name: 'batches-have-their-numbers',
    over: 'stock',
    sql: `
      select 'batch ' || b.id as id
        from number_batches b
       where b.added <> (select count(*) from numbers n where n.batch_id = b.id)`,
  },
  {
    name: 'shelves-end-after-their-numbers',
    over: 'stock',
    sql: `
      select 'shelf ' || n.shelf_id as id
        from (select shelf_id, max(position) as last_position from numbers group by 1) n
        left join shelves sh on sh.id = n.shelf_id
       where sh.id is null or sh.next_position <= n.last_position`,
  },
]
