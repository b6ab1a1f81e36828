-- Buys many activations in one transaction and one round trip: the requests that arrive while one call
-- runs are gathered into the next (src/core/orders/buy.ts). Measured: docs/BENCHMARKS.md, "buy".
--
-- Each line asks for one number: of an offer, or of a service with optional country, operator, pool,
-- area and highest price (in the account's currency). It gets the cheapest that is in stock. The answer
-- has a line for each, `outcome` being 'bought' or why not; 'again' means that others of this very call
-- or of a concurrent one came first, and asking again will tell.
--
-- Locks, always in this order: stock rows by (service, shelf), then wallets by id.
create or replace function buy_activations(
  p_now timestamptz, p_window interval, p_cooldown interval,
  p_max_open integer, p_max_day integer, p_max_cancelled integer,
  p_party integer[], p_account integer[], p_service integer[], p_country text[], p_operator integer[],
  p_pool text[], p_offer integer[], p_area text[], p_max_price bigint[], p_hold uuid[],
  p_once_key text[], p_once_fingerprint bytea[]
) returns setof purchase_line language plpgsql
set plan_cache_mode = force_generic_plan
as $$
declare
  today constant date := (p_now at time zone 'utc')::date;
  lines purchase_line[];
  claimed integer[] := '{}'; -- parties whose idempotency key is new
  repeated integer[] := '{}';
begin
  -- 1. Idempotency keys. A running twin in another transaction is waited for here.
  if array_length(array_remove(p_once_key, null), 1) > 0 then
    with wanted as (
      select distinct w.party, w.account_id, w.key, w.fingerprint
        from unnest(p_party, p_account, p_once_key, p_once_fingerprint)
          as w(party, account_id, key, fingerprint)
       where w.key is not null
    ), inserted as (
      insert into idempotency_keys (account_id, key, fingerprint, created_at)
      select w.account_id, w.key, w.fingerprint, p_now from wanted w order by w.account_id, w.key
      on conflict do nothing
      returning account_id, key
    )
    select coalesce(array_agg(w.party) filter (where i.key is not null), '{}'),
           coalesce(array_agg(w.party) filter (where i.key is null), '{}')
      into claimed, repeated
      from wanted w left join inserted i using (account_id, key);
  end if;

  -- 2. What each line would get. Lines that ask for the same are spread over the candidates by price.
  with item as (
    select t.item::integer, t.party, t.account_id, coalesce(t.service_id, f.service_id) as service_id,
           coalesce(t.country, f.country) as country, t.operator_id, t.pool, t.offer_id, t.area,
           t.max_price, t.hold_id, a.currency, a.state, r.rate, c.decimals
      from unnest(p_party, p_account, p_service, p_country, p_operator, p_pool, p_offer, p_area,
             p_max_price, p_hold) with ordinality
             as t(party, account_id, service_id, country, operator_id, pool, offer_id, area,
             max_price, hold_id, item)
      join accounts a on a.id = t.account_id
      join rates r on r.currency = a.currency
      join currencies c on c.code = a.currency
      left join offers f on f.id = t.offer_id
     where t.party <> all (repeated)
  ), wanted as (
    select i.*,
           dense_rank() over (order by i.service_id, i.country, i.operator_id, i.pool, i.offer_id,
             i.area, i.max_price, i.currency) as selection
      from item i
  ), placed as (
    select w.*, row_number() over (partition by w.selection order by w.item) as place from wanted w
  ), candidate as (
    select s.selection, o.id as offer_id, o.country, o.operator_id, o.pool, sh.id as shelf_id,
           p.price, s.max_price is null or p.price <= s.max_price as affordable, st.remaining
      from placed s
      join offers o on o.service_id = s.service_id and o.country = coalesce(s.country, o.country)
       and o.kind = 'activation' and o.active
      join countries oc on oc.code = o.country and (not oc.closed or s.country is not null)
       and (s.offer_id is null or o.id = s.offer_id)
       and (s.operator_id is null or o.operator_id = s.operator_id)
       and (s.pool is null or o.pool = s.pool)
      cross join lateral (select price_in(o.price, s.rate, s.decimals) as price) p
      join shelves sh on sh.country = o.country and sh.operator_id = o.operator_id
       and sh.pool = o.pool and (s.area is null or sh.area = s.area)
      join stock st on st.service_id = o.service_id and st.shelf_id = sh.id
     where s.place = 1
  ), ranked as (
    select c.*, sum(c.remaining) over (
             partition by c.selection order by c.price, c.remaining desc, c.shelf_id) as reach
      from candidate c where c.affordable and c.remaining > 0
  ), supply as (
    select c.selection, bool_or(c.remaining > 0) as in_stock,
           bool_or(c.remaining > 0 and c.affordable) as in_reach
      from candidate c group by c.selection
  )
  select array_agg((p.item, p.party, p.account_id, p.service_id, coalesce(g.country, p.country),
           g.operator_id, g.pool,
           g.offer_id, g.shelf_id, g.price, p.currency, p.hold_id,
           case when p.state <> 'active' then 'account_suspended'
                when sv.id is null then 'service_not_found'
                when p.country is not null and co.code is null then 'country_not_found'
                when sv.closed then 'service_closed'
                when co.closed then 'country_closed'
                when s.selection is null then 'offer_not_found'
                when not s.in_stock then 'out_of_stock'
                when not s.in_reach then 'price_above_maximum'
                when g.offer_id is null then 'out_of_stock' end,
           null, null, null)::purchase_line order by p.item)
    into lines
    from placed p
    left join services sv on sv.id = p.service_id
    left join countries co on co.code = p.country
    left join supply s on s.selection = p.selection
    left join ranked g on g.selection = p.selection
      and p.place > g.reach - g.remaining and p.place <= g.reach;

  -- 3. Locks.
  perform 1 from stock st
    where (st.service_id, st.shelf_id) in
      (select l.service_id, l.shelf_id from unnest(lines) l where l.outcome is null)
    order by st.service_id, st.shelf_id for no key update;
  perform 1 from ledger_accounts w
    where w.kind = 'customer' and w.account_id in
      (select l.account_id from unnest(lines) l where l.outcome is null)
    order by w.id for no key update;

  -- 4. Money, limits and stock, judged on what is locked; a number for each line that passes.
  with judged as (
    select l.*, case
        when w.id is null or w.balance < l.price then 'insufficient_balance'
        when w.balance < sum(l.price) over mine then 'again'
        when coalesce(a.max_open_orders, p_max_open) < coalesce(u.open_orders, 0) + 1
          then 'too_many_open_orders'
        when coalesce(a.max_orders_a_day, p_max_day)
          < case when u.day = today then u.bought_today else 0 end + 1 then 'daily_limit_reached'
        when least(coalesce(a.max_open_orders, p_max_open) - coalesce(u.open_orders, 0),
            coalesce(a.max_orders_a_day, p_max_day)
              - case when u.day = today then u.bought_today else 0 end) < row_number() over mine
          then 'again'
        when u.day = today and u.bought_today >= 20 and u.cancelled_today * 100
          > coalesce(a.max_cancelled_percent, p_max_cancelled) * u.bought_today
          then 'too_many_cancelled'
        when st.remaining < row_number() over same then 'again' end as verdict
      from unnest(lines) l
      join accounts a on a.id = l.account_id
      left join ledger_accounts w on w.kind = 'customer' and w.account_id = l.account_id
        and w.currency = l.currency
      left join account_usage u on u.account_id = l.account_id
      left join stock st on st.service_id = l.service_id and st.shelf_id = l.shelf_id
     where l.outcome is null
    window mine as (partition by l.account_id order by l.item),
           same as (partition by l.service_id, l.shelf_id order by l.item)
  ), held_up as (
    -- a party fails together
    select distinct on (b.party) b.party, b.reason from (
      select j.party, j.verdict as reason, j.item from judged j where j.verdict is not null
      union all
      select l.party, l.outcome, l.item from unnest(lines) l where l.outcome is not null
    ) b order by b.party, (b.reason = 'again'), b.item
  ), passed as (
    select j.*, row_number() over (partition by j.service_id, j.shelf_id order by j.item) as turn
      from judged j where j.party not in (select h.party from held_up h)
  ), found as (
    select d.service_id, d.shelf_id, n.id, n.phone,
           row_number() over (partition by d.service_id, d.shelf_id
             order by n.came_back, n.position) as turn
      from (select p.service_id, p.shelf_id, count(*) as wanted from passed p group by 1, 2) d
      join stock st on st.service_id = d.service_id and st.shelf_id = d.shelf_id
      cross join lateral (
        (select f.id, f.phone, f.position::bigint as position, false as came_back from numbers f
          where f.shelf_id = d.shelf_id and f.state = 'active' and f.position >= st.next_position
          order by f.position limit d.wanted)
        union all
        (select f.id, f.phone, rn.position, true from returned_numbers rn
          join numbers f on f.id = rn.number_id and f.state = 'active'
          where rn.service_id = d.service_id and rn.shelf_id = d.shelf_id
          order by rn.position limit d.wanted)
      ) n
  )
  select array_agg((l.item, l.party, l.account_id, l.service_id, l.country, l.operator_id, l.pool,
           l.offer_id, l.shelf_id, l.price, l.currency, l.hold_id,
           coalesce(l.outcome, h.reason, case when n.id is null then 'again' else 'bought' end),
           n.id, n.phone, case when n.id is not null then nextval('order_ids') end)::purchase_line
           order by l.item)
    into lines
    from unnest(lines) l
    left join held_up h on h.party = l.party
    left join passed p on p.item = l.item
    left join found n on n.service_id = p.service_id and n.shelf_id = p.shelf_id and n.turn = p.turn;

  -- A shelf that held less than it counted breaks its party: undo nothing, ask again.
  if exists (select from unnest(lines) l join unnest(lines) m on m.party = l.party
              where l.outcome = 'bought' and m.outcome <> 'bought') then
    raise exception 'the stock of a shelf is less than counted' using errcode = 'serialization_failure';
  end if;

  -- 5. Write it all down.
  update stock st
     set remaining = st.remaining - t.taken,
         next_position = greatest(st.next_position, t.last_position + 1)
    from (select l.service_id, l.shelf_id, count(*) as taken,
                 max(n.position) filter (where n.position >= s.next_position) as last_position
            from unnest(lines) l
            join numbers n on n.id = l.number_id
            join stock s on s.service_id = l.service_id and s.shelf_id = l.shelf_id
           where l.outcome = 'bought' group by 1, 2) t
   where st.service_id = t.service_id and st.shelf_id = t.shelf_id;
  if not found then
    if cardinality(claimed) > 0 then
      delete from idempotency_keys k using unnest(p_party, p_account, p_once_key) w(party, account_id, key)
        where k.account_id = w.account_id and k.key = w.key and w.party = any (claimed);
    end if;
  else
    delete from returned_numbers rn using unnest(lines) l
      where l.outcome = 'bought' and rn.number_id = l.number_id and rn.service_id = l.service_id;
    insert into transfers (id, kind, debit_id, credit_id, amount, currency, account_id, balance_after,
        order_id, created_at)
      select l.hold_id, 'hold', w.id, e.id, l.price, l.currency, l.account_id,
             w.balance - sum(l.price) over (partition by l.account_id order by l.item),
             l.order_id, p_now
        from unnest(lines) l
        join ledger_accounts w on w.kind = 'customer' and w.account_id = l.account_id
          and w.currency = l.currency
        join ledger_accounts e on e.kind = 'escrow' and e.currency = l.currency
          and e.account_id is null
       where l.outcome = 'bought' order by l.item;
    update ledger_accounts w set balance = w.balance - t.amount
      from (select l.account_id, l.currency, sum(l.price)::bigint as amount from unnest(lines) l
             where l.outcome = 'bought' group by 1, 2) t
     where w.kind = 'customer' and w.account_id = t.account_id and w.currency = t.currency;
    insert into account_usage as u (account_id, open_orders, day, bought_today)
      select l.account_id, count(*), today, count(*) from unnest(lines) l
       where l.outcome = 'bought' group by 1
      on conflict (account_id) do update set
        open_orders = u.open_orders + excluded.open_orders,
        bought_today = case when u.day = excluded.day then u.bought_today else 0 end
          + excluded.bought_today,
        cancelled_today = case when u.day = excluded.day then u.cancelled_today else 0 end,
        day = excluded.day;
    insert into orders (id, account_id, kind, state, service_id, country, operator_id, pool, offer_id,
        number_id, phone, price, currency, hold_id, created_at, cancel_after, expires_at)
      select l.order_id, l.account_id, 'activation', 'waiting', l.service_id, l.country,
             l.operator_id, l.pool, l.offer_id, l.number_id, l.phone, l.price, l.currency, l.hold_id,
             p_now, p_now + p_cooldown, p_now + p_window
        from unnest(lines) l where l.outcome = 'bought';
    insert into leases (order_id, service_id, account_id, number_id, shelf_id, starts_at, until)
      select l.order_id, l.service_id, l.account_id, l.number_id, l.shelf_id, p_now, p_now + p_window
        from unnest(lines) l where l.outcome = 'bought';
    insert into events (account_id, type, order_id, created_at)
      select l.account_id, 'order.created', l.order_id, p_now
        from unnest(lines) l where l.outcome = 'bought' order by l.item;
    if cardinality(claimed) > 0 then
      delete from idempotency_keys k using unnest(p_party, p_account, p_once_key) w(party, account_id, key)
        where k.account_id = w.account_id and k.key = w.key and w.party = any (claimed)
          and w.party not in (select l.party from unnest(lines) l where l.outcome = 'bought');
      update idempotency_keys k set order_ids = b.order_ids
        from (select l.account_id, w.key, array_agg(l.order_id order by l.item) as order_ids
                from unnest(lines) l
                join unnest(p_party, p_once_key) with ordinality w(party, key, item)
                  on w.item = l.item
               where l.outcome = 'bought' and w.key is not null group by 1, 2) b
       where k.account_id = b.account_id and k.key = b.key;
    end if;
  end if;

  return query
    select * from unnest(lines)
    union all
    select r.item::integer, r.party, r.account_id, null::integer, null, null::integer, null,
           null::integer, null::integer, null::bigint, null, null::uuid, 'repeated', null::integer,
           null, null::bigint
      from unnest(p_party, p_account) with ordinality r(party, account_id, item)
     where r.party = any (repeated);
end $$;
