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

-- As `take_upstream`, for an offer of rentals, which has a stock of its own.
create or replace function take_upstream_rental(p_now timestamptz, p_offer integer) returns integer
language plpgsql as $$
declare
  shown constant integer := (
    select r.upstream from rental_stock r where r.offer_id = p_offer for no key update);
  source integer;
begin
  if coalesce(shown, 0) = 0 then
    return null;
  end if;
  source := (select s.source_id
               from sources_for(p_now => p_now, p_offer => p_offer, p_asked => '{}') s limit 1);
  update rental_stock r set upstream = case when source is null then 0 else r.upstream - 1 end
   where r.offer_id = p_offer;
  return source;
end $$;

-- The sources of an offer that can be asked, the best first by its policy: those that would lose money are none.
create or replace function sources_for(p_now timestamptz, p_offer integer, p_asked integer[])
returns table (source_id integer) language plpgsql volatile as $$
declare
  policy constant text := routing_policy_of(p_offer);
begin
  return query
    select s.id
      from sources s
      join suppliers p on p.id = s.supplier_id
      join offers o on o.id = s.offer_id
      join rates r on r.currency = p.currency
      left join source_results b on b.source_id = s.id
     where s.offer_id = p_offer and s.id <> all (p_asked)
       and s.state = 'on' and (s.hidden_until is null or s.hidden_until <= p_now) and p.state = 'on'
       and p.dry_since is null and p.rate_moved_at is null and not rate_has_moved(p.priced_rate, r.rate)
       and s.cost <= most_for(o.price, r.rate)
     order by source_rank(policy => policy, price => o.price, cost => s.cost / r.rate,
         share => coalesce(b.share, p.delivered_share), seconds => b.seconds, weight => p.weight),
       s.cost / r.rate, s.id;
end $$;

-- Whether a rate differs so much from the one that prices were made by that they are not right any more.
create or replace function rate_has_moved(p_then numeric, p_now numeric) returns boolean language plpgsql immutable
as $$
begin
  return coalesce(abs(p_now / p_then - 1) > 0.05, false);
end $$;

-- By what the sources of an offer are ranked: what is set for its service and country, for its service, for its
-- country, or for all.
create or replace function routing_policy_of(p_offer integer) returns text language plpgsql stable as $$
begin
  return coalesce((
    select r.policy from routing_policies r join offers o on o.id = p_offer
     where (r.service_id is null or r.service_id = o.service_id) and (r.country is null or r.country = o.country)
     order by r.service_id nulls last, r.country nulls last limit 1), 'cheapest');
end $$;

-- The rank of a source by a policy: the lowest is asked first. Price and cost are in the base currency.
create or replace function source_rank(policy text, price bigint, cost numeric, share real, seconds real,
  weight integer) returns numeric language plpgsql volatile as $$
declare
  -- A supplier without results is taken for one of which every second number brings a code.
  likely constant numeric := coalesce(share::numeric, 0.5);
begin
  return case policy
    -- The likeliest code first. A minute that it takes longer counts like one code in a hundred; ten at most.
    when 'best' then least(coalesce(seconds::numeric, 60), 600) / 6000 - likely
    -- What is left of the price, on average: nothing is left of a number without a code.
    when 'balanced' then -likely * (price - cost)
    -- At random, each as often as its weight says (Efraimidis and Spirakis, 2006).
    when 'weighted' then case weight when 0 then 1e9 else -ln(1 - random()::numeric) / weight end
    else cost end;
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
