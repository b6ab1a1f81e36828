-- What was weighed when a supplier was chosen. It decides nothing: sources_for does.

-- Writes what a choice for an order was made from; `p_chosen` is null if there was no source to ask.
create or replace function write_routing(p_now timestamptz, p_order bigint, p_offer integer, p_attempt integer,
  p_chosen integer) returns void language plpgsql as $$
begin
  insert into routings (order_id, attempt, made_at, policy, candidates)
    values (p_order, p_attempt, p_now, routing_policy_of(p_offer),
      weigh_sources(p_now, p_order, p_offer, p_chosen))
    on conflict (order_id, attempt) do update
      set made_at = excluded.made_at, policy = excluded.policy, candidates = excluded.candidates;
end $$;

-- The sources of an offer, as many as an operator looks at, each with why it was passed over: null for the chosen.
create or replace function weigh_sources(p_now timestamptz, p_order bigint, p_offer integer, p_chosen integer)
returns jsonb language plpgsql volatile as $$
declare
  -- Chance has no order that could be shown.
  policy constant text := replace(routing_policy_of(p_offer), 'weighted', 'cheapest');
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('supplier', w.supplier_id, 'product', w.product,
             'cost', w.cost::text, 'currency', w.currency, 'stock', w.stock_seen, 'numbers', w.numbers,
             'delivered', w.delivered, 'seconds', w.seconds, 'weight', w.weight, 'why', w.why)
             order by w.id = p_chosen desc nulls last, w.place, w.id), '[]')
      from (
        select s.id, s.supplier_id, s.product, s.cost, p.currency, s.stock_seen, p.weight,
               coalesce(b.numbers, 0) as numbers, coalesce(b.delivered, 0) as delivered, b.seconds,
               source_rank(policy => policy, price => o.price, cost => s.cost / r.rate,
                 share => coalesce(b.share, p.delivered_share), seconds => b.seconds, weight => p.weight) as place,
               case
                 when s.id = p_chosen then null
                 when exists (select from allocations a
                   where a.order_id = p_order and a.source_id = s.id) then 'asked before'
                 when exists (select from allocations a where a.order_id = p_order and a.state = 'unknown'
                   and a.supplier_id = s.supplier_id) then 'its supplier has not answered yet'
                 when s.state <> 'on' then 'not listed'
                 when p.state = 'off' then 'its supplier is off'
                 when p.state <> 'on' then 'its supplier is paused'
                 when p.dry_since is not null then 'its supplier has too little money'
                 when s.hidden_until > p_now then 'empty several times'
                 when p.rate_moved_at is not null or rate_has_moved(p.priced_rate, r.rate)
                   then 'its currency has moved'
                 when p.currency is null or r.rate is null then 'no rate of its currency'
                 when s.cost > most_for(o.price, r.rate) then 'loses money'
                 else 'ranks below' end as why
          from sources s
          join suppliers p on p.id = s.supplier_id
          join offers o on o.id = s.offer_id
          left join rates r on r.currency = p.currency
          left join source_results b on b.source_id = s.id
         where s.offer_id = p_offer
         order by s.id = p_chosen desc nulls last, place, s.id
         limit 50) w);
end $$;
