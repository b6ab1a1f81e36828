-- Caps of keys: how much may be spent with one on a day (UTC). Whoever calls these holds the lock of the wallet,
-- so purchases that are made at once never pass a cap together.

-- Whether an amount may be spent with a key now.
create or replace function may_spend(p_key integer, p_now timestamptz, p_amount bigint) returns boolean
language plpgsql stable as $$
begin
  return not exists (
    select from api_keys k
      left join key_spending s on s.key_id = k.id and s.day = (p_now at time zone 'utc')::date
     where k.id = p_key and coalesce(s.spent, 0) + p_amount > k.max_spend_a_day);
end $$;

-- Counts what is spent with a key.
create or replace function spend_with_key(p_key integer, p_now timestamptz, p_amount bigint) returns void
language plpgsql as $$
begin
  insert into key_spending as s (key_id, day, spent)
    values (p_key, (p_now at time zone 'utc')::date, p_amount)
    on conflict (key_id) do update set day = excluded.day,
      spent = case when s.day = excluded.day then s.spent else 0 end + excluded.spent;
end $$;

-- Takes orders whose money was given back off what was spent today with the keys that bought them today. The
-- bounds of the ids let the plan skip the other partitions of orders.
create or replace function unspend_with_keys(p_now timestamptz, p_order bigint[]) returns void
language plpgsql as $$
declare
  first constant bigint := (select min(i) from unnest(p_order) i);
  last constant bigint := (select max(i) from unnest(p_order) i);
begin
  update key_spending s set spent = greatest(0, s.spent - g.amount)
    from (select o.key_id, sum(o.price)::bigint as amount from orders o
           where o.id = any (p_order) and o.id between first and last and o.key_id is not null
             and (o.created_at at time zone 'utc')::date = (p_now at time zone 'utc')::date
           group by o.key_id) g
   where s.key_id = g.key_id and s.day = (p_now at time zone 'utc')::date;
end $$;
