-- Takes one number and its price, or nothing. If the buyer lets suppliers be asked (`p_allocate_s` is not null), a
-- row of stock without numbers of ours may have a source instead (take-upstream.sql): the line then has no number.
-- Called by `buy_activations`, which holds the wallet's lock and
-- writes the order, its hold, its lease and its event for the whole batch at once: each statement prepares the
-- table's CHECKs, which is most of the cost of a small insert. The caller's planner settings also apply here.
drop function if exists take_one(timestamptz, integer, integer, integer, integer, integer, text, integer, text,
  integer, text, bigint, uuid);
drop function if exists take_one(timestamptz, integer, integer, integer, integer, integer, text, integer, text,
  integer, text, bigint, uuid, integer);
create or replace function take_one(
  p_now timestamptz, p_max_open integer, p_max_day integer, p_max_cancelled integer, p_account integer,
  p_service integer, p_country text, p_operator integer, p_pool text, p_offer integer, p_area text,
  p_max_price bigint, p_hold uuid, p_allocate_s integer, p_capped_key integer
) returns purchase_line language plpgsql
as $$
declare
  today constant date := (p_now at time zone 'utc')::date;
  customer record;
  chosen record;
  number record;
  line purchase_line;
begin
  select a.currency, r.rate, r.decimals, r.escrow_id, w.id as wallet_id, w.balance,
         bought_today(u, p_now) as bought_today, cancelled_today(u, p_now) as cancelled_today,
         limit_reached(a => a, u => u, p_now => p_now, p_count => 1, p_max_open => p_max_open,
           p_max_day => p_max_day, p_max_cancelled => p_max_cancelled) as reached
    into customer
    from accounts a
    join rates r on r.currency = a.currency
    join ledger_accounts w on w.kind = 'customer' and w.account_id = a.id and w.currency = a.currency
    left join account_usage u on u.account_id = a.id
   where a.id = p_account;

  line.outcome := case when found then customer.reached else 'account_suspended' end;
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
         and (st.remaining > 0 or p_allocate_s is not null) limit 1 for no key update;
    elsif p_country is not null then
      select st.* into chosen from stock st
       where st.service_id = p_service and st.country = p_country and st.for_sale
         and (p_operator is null or st.operator_id = p_operator)
         and case when p_pool is null then not st.reserved else st.pool = p_pool end
         and (p_area is null or st.area = p_area) and (st.remaining > 0 or p_allocate_s is not null)
       order by st.price limit 1 for no key update;
    else
      select st.* into chosen from stock st
       where st.service_id = p_service and st.for_sale
         and case when p_pool is null then not st.reserved else st.pool = p_pool end
         and (p_area is null or st.area = p_area) and (st.remaining > 0 or p_allocate_s is not null)
       order by st.price limit 1 for no key update;
    end if;
    if chosen.shelf_id is null then
      line.outcome := why_not_for_sale(p_kind => 'activation', p_service => p_service, p_country => p_country,
        p_operator => p_operator, p_pool => p_pool, p_offer => p_offer, p_duration => null);
      return line;
    end if;

    line.price := price_in(chosen.price, customer.rate, customer.decimals);
    line.outcome := case
      when p_max_price is not null and line.price > p_max_price then 'price_above_maximum'
      when customer.balance < line.price then 'insufficient_balance'
      when p_capped_key is not null and not may_spend(p_capped_key, p_now, line.price)
        then 'key_limit_reached' end;
    if line.outcome is not null then
      return line;
    end if;

    if chosen.remaining > 0 then
      select n.id, n.phone, n.position, chosen.ahead as ahead into number from numbers n
       where n.shelf_id = chosen.shelf_id and n.state = 'active' and n.position >= chosen.next_position
       order by n.position limit 1;
      if number.id is null or chosen.ahead > 0 then
        select o.id, o.phone, o.place as position, o.ahead into number from other_number(
          p_service => chosen.service_id, p_shelf => chosen.shelf_id, p_next => chosen.next_position,
          p_found => number.position, ahead => chosen.ahead) o;
      end if;
      exit when number.id is not null;
      -- The shelf has fewer numbers than counted: correct the count.
      update stock st set remaining = 0 where st.service_id = chosen.service_id and st.shelf_id = chosen.shelf_id;
    end if;
    -- None of our own: ask a supplier, or else try the next shelf.
    line.source_id := case when chosen.upstream > 0 and p_allocate_s is not null then take_upstream(
      p_now => p_now, p_service => chosen.service_id, p_shelf => chosen.shelf_id) end;
    exit when line.source_id is not null;
  end loop;

  if line.source_id is null then
    update stock st set remaining = st.remaining - 1, next_position = number.position + 1,
        ahead = number.ahead
     where st.service_id = chosen.service_id and st.shelf_id = chosen.shelf_id;
    line.number_id := number.id; line.phone := number.phone;
  end if;
  perform take_off_balance(p_wallet => customer.wallet_id, p_amount => line.price);
  if p_capped_key is not null then perform spend_with_key(p_capped_key, p_now, line.price); end if;
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
  line.wallet_id := customer.wallet_id; line.escrow_id := customer.escrow_id;
  line.balance_after := customer.balance - line.price;
  line.shelf_id := chosen.shelf_id;
  return line;
end $$;

-- Finds a number where the one at the cursor is none or was taken ahead: the next one that was not, or else one
-- that was returned. `place` is the last one that the cursor has passed then.
create or replace function other_number(
  p_service integer, p_shelf integer, p_next integer, p_found integer, inout ahead integer,
  out id integer, out phone text, out place integer
) language plpgsql as $$
declare
  cursor_at integer := p_next;
begin
  if p_found is not null then
    select s.ahead, s.next_position into ahead, cursor_at
      from skip_taken_ahead(p_service, p_shelf, ahead, p_found) s;
    select n.id, n.phone, n.position into id, phone, place from numbers n
     where n.shelf_id = p_shelf and n.state = 'active' and n.position >= cursor_at
     order by n.position limit 1;
  end if;
  if id is null then
    select n.id, n.phone, cursor_at - 1 into id, phone, place
      from take_returned(p_service, p_shelf) r(id) join numbers n on n.id = r.id;
  end if;
end $$;

-- Moves the cursor of a stock from a position beyond numbers that were taken ahead (take_from_shelf): each is
-- skipped once. Returns the new cursor, and how many numbers taken ahead are left.
create or replace function skip_taken_ahead(
  p_service integer, p_shelf integer, inout ahead integer, p_position integer, out next_position integer
) language plpgsql as $$
declare
  place integer := p_position;
begin
  next_position := p_position;
  while ahead > 0 and place is not null loop
    delete from taken_ahead t where t.service_id = p_service and t.shelf_id = p_shelf and t.position = place;
    exit when not found;
    ahead := ahead - 1;
    next_position := place + 1;
    select min(n.position) into place from numbers n
     where n.shelf_id = p_shelf and n.state = 'active' and n.position >= next_position;
  end loop;
end $$;

-- Takes the first number of a shelf that was returned for a service; null if there is none.
create or replace function take_returned(p_service integer, p_shelf integer) returns integer
language plpgsql as $$
declare
  number record;
begin
  loop
    delete from returned_numbers rn using numbers n
     where rn.position = (select min(r.position) from returned_numbers r
                           where r.service_id = p_service and r.shelf_id = p_shelf)
       and n.id = rn.number_id
    returning n.id, n.state into number;
    if number.id is null then
      return null;
    end if;
    exit when number.state = 'active';
  end loop;
  insert into relet_numbers (number_id, service_id) values (number.id, p_service)
    on conflict do nothing;
  return number.id;
end $$;
