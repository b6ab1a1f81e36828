-- What suppliers can be asked for. Own numbers need none of this.

-- Takes one off the upstream stock of a row that the caller has locked, and returns the source to ask; null if
-- none of the row's offer can be asked: the stock is corrected then.
create or replace function take_upstream(p_now timestamptz, p_service integer, p_shelf integer) returns integer
language plpgsql as $$
declare
  source integer := (
    select s.source_id from stock st
     cross join lateral sources_for(p_now => p_now, p_offer => st.offer_id, p_asked => '{}') s
     where st.service_id = p_service and st.shelf_id = p_shelf limit 1);
begin
  update stock st set upstream = case when source is null then 0 else st.upstream - 1 end
   where st.service_id = p_service and st.shelf_id = p_shelf;
  return source;
end $$;

-- The sources of an offer that can be asked, the best first: those that would lose money are none.
create or replace function sources_for(p_now timestamptz, p_offer integer, p_asked integer[])
returns table (source_id integer) language plpgsql stable as $$
begin
  return query
    select s.id
      from sources s
      join suppliers p on p.id = s.supplier_id
      join offers o on o.id = s.offer_id
      join rates r on r.currency = p.currency
     where s.offer_id = p_offer and s.id <> all (p_asked)
       and s.state = 'on' and (s.hidden_until is null or s.hidden_until <= p_now) and p.state = 'on'
       and p.dry_since is null
       and s.cost <= most_for(o.price, r.rate)
     order by s.cost / r.rate, s.weight desc, s.id;
end $$;

-- The highest cost at which a sale for a price in the base currency does not fall below the least margin, in a
-- currency of which a unit of the base currency is worth `p_rate`. Costs are rounded against us.
create or replace function most_for(p_price bigint, p_rate numeric) returns bigint language plpgsql stable as $$
declare
  percent constant numeric := coalesce((select (s.value #>> '{}')::numeric from settings s
                                         where s.name = 'least_margin_percent'), 0);
begin
  return floor(p_price * (100 - percent) / 100 * p_rate)::bigint;
end $$;

-- Writes the first allocation of each order that waits for a supplier, and how it was chosen. `p_via` has for each
-- order the platforms that it came through, with commas between them.
drop function if exists plan_allocations(timestamptz, bigint[], integer[], text[]);
create or replace function plan_allocations(
  p_now timestamptz, p_order bigint[], p_source integer[], p_unwanted text[], p_via text[]
) returns void language plpgsql as $$
begin
  insert into allocations (order_id, supplier_id, source_id, attempt, request_key, unwanted, via, created_at,
      allocate_by, price_base, currency)
    select l.order_id, s.supplier_id, s.id, 1, gen_random_uuid()::text, p_unwanted,
           string_to_array(l.via, ','), p_now, b.allocate_by, o.price, p.currency
      from unnest(p_order, p_source, p_via) l(order_id, source_id, via)
      join orders b on b.id = l.order_id
      join sources s on s.id = l.source_id
      join suppliers p on p.id = s.supplier_id
      join offers o on o.id = s.offer_id
     order by l.order_id;
  perform write_routing(p_now, l.order_id, s.offer_id, 1, l.source_id)
    from unnest(p_order, p_source) l(order_id, source_id) join sources s on s.id = l.source_id;
end $$;
