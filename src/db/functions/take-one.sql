-- Takes one number and its price, or nothing. Called by `buy_activations`, which holds the wallet's lock and
-- writes the order, its hold, its lease and its event for the whole batch at once: each statement prepares the
-- table's CHECKs, which is most of the cost of a small insert. The caller's planner settings also apply here.
create or replace function take_one(
  p_now timestamptz, p_max_open integer, p_max_day integer, p_max_cancelled integer,
  p_account integer, p_service integer, p_country text, p_operator integer,
  p_pool text, p_offer integer, p_area text, p_max_price bigint, p_hold uuid
) returns purchase_line language plpgsql
as $$
declare
  today constant date := (p_now at time zone 'utc')::date;
  customer record;
  chosen record;
  number record;
  line purchase_line;
begin
  select a.state, a.currency, r.rate, r.decimals, r.escrow_id, w.id as wallet_id, w.balance,
         coalesce(a.max_open_orders, p_max_open) as max_open,
         coalesce(a.max_orders_a_day, p_max_day) as max_day,
         coalesce(a.max_cancelled_percent, p_max_cancelled) as max_cancelled,
         coalesce(u.open_orders, 0) as open_orders,
         case when u.day = today then u.bought_today else 0 end as bought_today,
         case when u.day = today then u.cancelled_today else 0 end as cancelled_today
    into customer
    from accounts a
    join rates r on r.currency = a.currency
    join ledger_accounts w on w.kind = 'customer' and w.account_id = a.id and w.currency = a.currency
    left join account_usage u on u.account_id = a.id
   where a.id = p_account;

  line.outcome := case
    when customer.state is null or customer.state <> 'active' then 'account_suspended'
    when customer.open_orders >= customer.max_open then 'too_many_open_orders'
    when customer.bought_today >= customer.max_day then 'daily_limit_reached'
    when customer.bought_today >= 20
      and customer.cancelled_today * 100 > customer.max_cancelled * customer.bought_today
      then 'too_many_cancelled' end;
  line.currency := customer.currency;
  line.balance_after := customer.balance;
  if line.outcome is not null then
    return line;
  end if;

  loop
    -- The cheapest for sale: the head of an index, at a cost that does not grow with the stock.
    if p_offer is not null then
      select st.* into chosen from stock st
       where st.offer_id = p_offer and st.for_sale and (p_area is null or st.area = p_area)
       limit 1 for no key update;
    elsif p_country is not null then
      select st.* into chosen from stock st
       where st.service_id = p_service and st.country = p_country and st.for_sale
         and (p_operator is null or st.operator_id = p_operator)
         and case when p_pool is null then not st.reserved else st.pool = p_pool end
         and (p_area is null or st.area = p_area)
       order by st.price limit 1 for no key update;
    else
      select st.* into chosen from stock st
       where st.service_id = p_service and st.for_sale
         and case when p_pool is null then not st.reserved else st.pool = p_pool end
         and (p_area is null or st.area = p_area)
       order by st.price limit 1 for no key update;
    end if;
    if chosen.shelf_id is null then
      line.outcome := why_not_for_sale('activation', p_service, p_country, p_operator, p_pool,
        p_offer, null);
      return line;
    end if;

    line.price := price_in(chosen.price, customer.rate, customer.decimals);
    line.outcome := case
      when p_max_price is not null and line.price > p_max_price then 'price_above_maximum'
      when customer.balance < line.price then 'insufficient_balance' end;
    if line.outcome is not null then
      return line;
    end if;

    select n.id, n.phone, n.position into number from numbers n
     where n.shelf_id = chosen.shelf_id and n.state = 'active' and n.position >= chosen.next_position
     order by n.position limit 1;
    -- Some numbers were taken ahead (take_from_shelf): each is skipped once.
    while chosen.ahead > 0 and number.id is not null loop
      delete from taken_ahead t where t.service_id = chosen.service_id
        and t.shelf_id = chosen.shelf_id and t.position = number.position;
      exit when not found;
      chosen.ahead := chosen.ahead - 1;
      chosen.next_position := number.position + 1;
      select n.id, n.phone, n.position into number from numbers n
       where n.shelf_id = chosen.shelf_id and n.state = 'active' and n.position > number.position
       order by n.position limit 1;
    end loop;
    if number.id is null then
      delete from returned_numbers rn using numbers n
       where rn.position = (select min(r.position) from returned_numbers r
                             where r.service_id = chosen.service_id and r.shelf_id = chosen.shelf_id)
         and n.id = rn.number_id
      returning n.id, n.phone, chosen.next_position - 1 as position, n.state into number;
      continue when number.id is not null and number.state <> 'active';
      insert into relet_numbers (number_id, service_id)
        select number.id, chosen.service_id where number.id is not null on conflict do nothing;
    end if;
    exit when number.id is not null;
    -- The shelf has fewer numbers than counted: correct the count, and try the next shelf.
    update stock st set remaining = 0
     where st.service_id = chosen.service_id and st.shelf_id = chosen.shelf_id;
  end loop;

  update stock st set remaining = st.remaining - 1, next_position = number.position + 1,
      ahead = chosen.ahead
   where st.service_id = chosen.service_id and st.shelf_id = chosen.shelf_id;
  update ledger_accounts w set balance = w.balance - line.price where w.id = customer.wallet_id;
  insert into account_usage as u (account_id, open_orders, day, bought_today, cancelled_today)
    values (p_account, 1, today, 1, 0)
    on conflict (account_id) do update set
      open_orders = u.open_orders + 1, day = today,
      bought_today = customer.bought_today + 1, cancelled_today = customer.cancelled_today;

  line.outcome := 'bought';
  line.order_id := nextval('order_ids');
  line.account_id := p_account;
  line.service_id := chosen.service_id;
  line.country := chosen.country;
  line.operator_id := chosen.operator_id;
  line.pool := chosen.pool;
  line.offer_id := chosen.offer_id;
  line.currency := customer.currency;
  line.hold_id := p_hold;
  line.wallet_id := customer.wallet_id;
  line.escrow_id := customer.escrow_id;
  line.balance_after := customer.balance - line.price;
  line.shelf_id := chosen.shelf_id;
  line.number_id := number.id;
  line.phone := number.phone;
  return line;
end $$;

-- Why nothing was found for sale: slow, and only used for the error. Its cost is limited by the number of shelves.
create or replace function why_not_for_sale(
  p_kind text, p_service integer, p_country text, p_operator integer, p_pool text, p_offer integer,
  p_duration interval
) returns text language sql stable as $$
  select case
    when p_offer is null and not exists (select from services s where s.id = p_service)
      then 'service_not_found'
    when p_country is not null and not exists (select from countries c where c.code = p_country)
      then 'country_not_found'
    when exists (select from services s where s.closed and (s.id = p_service
        or s.id = (select o.service_id from offers o where o.id = p_offer))) then 'service_closed'
    when exists (select from countries c where c.closed and (c.code = p_country
        or c.code = (select o.country from offers o where o.id = p_offer))) then 'country_closed'
    when exists (select from offers o
        where o.kind = p_kind and o.active and (p_duration is null or o.duration = p_duration)
          and (p_offer is null or o.id = p_offer) and (p_service is null or o.service_id = p_service)
          and (p_country is null or o.country = p_country)
          and (p_operator is null or o.operator_id = p_operator)
          and (p_pool is null or o.pool = p_pool)) then 'out_of_stock'
    else 'offer_not_found' end
$$;
