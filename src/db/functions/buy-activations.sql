-- Buys activations in one transaction and one round trip: purchases that arrive while a call is running are
-- batched into the next one (src/core/orders/buying/buy.ts). Measured: docs/benchmarks.md, "buy".
--
-- Each line asks for one number: of an offer, or of a service with optional country, operator, pool, area and
-- maximum price (in the account's currency). It gets the cheapest in stock. Lines of one party are adjacent, and
-- are bought together or not at all. Each line has an outcome: 'bought', or the reason for the refusal.
-- `p_allocate_s` has the seconds for which suppliers may be asked for a number, null if only our own are wanted:
-- the order of a line that is bought and has no number waits for one so long. `p_via` has the platforms that a
-- line came through, with commas between them, `p_key` the key that it is bought with,
-- and `p_capped_key` the same if what may be spent with it is limited. Like `p_reference`,
-- `p_metadata` and `p_channel` they are null if no line has any.
--
-- Locks: wallets by id, then stock. An account's balance and counts cannot change while its wallet is locked.
-- A wallet that another transaction holds is not waited for: its lines are 'wallet_locked'. Nor is stock, for
-- longer than half a second: the call fails with lock_not_available, and the caller buys in smaller parts. Inside
-- a transaction that has written before (those smaller parts), the session's own limit applies.
drop function if exists buy_activations(timestamptz, interval, interval, integer, integer, integer, integer[],
  integer[], integer[], text[], integer[], text[], integer[], text[], bigint[], uuid[], text[], bytea[], text[],
  jsonb[], text[]);
drop function if exists buy_activations(timestamptz, interval, interval, integer, integer, integer, integer[],
  integer[], integer[], text[], integer[], text[], integer[], text[], bigint[], uuid[], text[], bytea[], text[],
  jsonb[], text[], integer[], text[]);
create or replace function buy_activations(
  p_now timestamptz, p_window interval, p_cooldown interval,
  p_max_open integer, p_max_day integer, p_max_cancelled integer,
  p_party integer[], p_account integer[], p_service integer[], p_country text[], p_operator integer[],
  p_pool text[], p_offer integer[], p_area text[], p_max_price bigint[], p_hold uuid[],
  p_once_key text[], p_once_fingerprint bytea[], p_reference text[], p_metadata jsonb[], p_channel text[],
  p_allocate_s integer[] default null, p_via text[] default null, p_key integer[] default null,
  p_capped_key integer[] default null
) returns setof purchase_line language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  lines constant integer := cardinality(p_party);
  first integer := 1;
  last integer;
  line purchase_line;
  bought purchase_line[];
  all_bought purchase_line[] := '{}';
  refusal text;
  refused purchase_line;
  wallets integer[];
  some_locked boolean;
begin
  if pg_current_xact_id_if_assigned() is null then
    perform set_config('lock_timeout', '500ms', true);
  end if;
  perform hold_epoch();
  select array_agg(w.id) into wallets
    from (select w.id from ledger_accounts w
           where w.kind = 'customer' and w.account_id = any (p_account)
           order by w.id for no key update skip locked) w;
  -- Each account has one wallet.
  some_locked := case when lines = 1 then wallets is null
    else cardinality(wallets) is distinct from (select count(distinct a) from unnest(p_account) a) end;

  while first <= lines loop
    last := first;
    while last < lines and p_party[last + 1] = p_party[first] loop
      last := last + 1;
    end loop;
    bought := '{}'; refusal := null; refused := null;

    if some_locked and exists (select from ledger_accounts w where w.kind = 'customer'
                  and w.account_id = p_account[first] and w.id <> all (coalesce(wallets, '{}'))) then
      refusal := 'wallet_locked';
    end if;

    if refusal is null and p_once_key[first] is not null then
      -- A concurrent request with the same key held the wallet's lock: by now it has committed or rolled back.
      insert into idempotency_keys (account_id, key, fingerprint, created_at)
        values (p_account[first], p_once_key[first], p_once_fingerprint[first], p_now)
        on conflict do nothing;
      refusal := case when not found then 'repeated' end;
    end if;

    if refusal is null and first = last then
      line := take_one(
        p_now => p_now, p_max_open => p_max_open, p_max_day => p_max_day, p_max_cancelled => p_max_cancelled,
        p_account => p_account[first], p_service => p_service[first], p_country => p_country[first],
        p_operator => p_operator[first], p_pool => p_pool[first], p_offer => p_offer[first],
        p_area => p_area[first], p_max_price => p_max_price[first], p_hold => p_hold[first],
        p_allocate_s => p_allocate_s[first], p_capped_key => p_capped_key[first]);
      refusal := line.outcome;
      bought := array[line];
    elsif refusal is null then
      begin
        for i in first..last loop
          line := take_one(
            p_now => p_now, p_max_open => p_max_open, p_max_day => p_max_day, p_max_cancelled => p_max_cancelled,
            p_account => p_account[i], p_service => p_service[i], p_country => p_country[i],
            p_operator => p_operator[i], p_pool => p_pool[i], p_offer => p_offer[i], p_area => p_area[i],
            p_max_price => p_max_price[i], p_hold => p_hold[i], p_allocate_s => p_allocate_s[i],
            p_capped_key => p_capped_key[i]);
          if line.outcome <> 'bought' then
            refusal := line.outcome;
            refused := line;
            -- Reported: the balance before the party, and the party's cost up to this line.
            refused.balance_after := line.balance_after
              + coalesce((select sum(b.price) from unnest(bought) b), 0);
            if refusal = 'insufficient_balance' then
              refused.price := line.price
                + coalesce((select sum(b.price) from unnest(bought) b), 0);
            end if;
            raise exception 'the party is undone' using errcode = 'NL001';
          end if;
          bought := bought || line;
        end loop;
        refusal := 'bought';
      exception when sqlstate 'NL001' then
        bought := '{}';
      end;
    end if;

    if p_once_key[first] is not null and refusal not in ('repeated', 'wallet_locked') then
      perform settle_key(p_account[first], p_once_key[first], case when refusal = 'bought' then bought end);
    end if;

    if refusal = 'bought' then
      all_bought := all_bought || bought;
    end if;
    for i in first..last loop
      line := coalesce(bought[i - first + 1], refused);
      line.party := p_party[i];
      line.account_id := p_account[i];
      line.outcome := refusal;
      return next line;
    end loop;
    first := last + 1;
  end loop;

  perform write_activations(p_now => p_now, p_window => p_window, p_cooldown => p_cooldown,
    p_bought => all_bought, p_hold => p_hold, p_reference => p_reference, p_metadata => p_metadata,
    p_channel => p_channel, p_allocate_s => p_allocate_s, p_via => p_via, p_key => p_key);
end $$;

-- Notes what a request with an idempotency key bought; a refused request leaves no key.
create or replace function settle_key(p_account integer, p_key text, p_bought purchase_line[]) returns void
language plpgsql as $$
begin
  if p_bought is null then
    delete from idempotency_keys k where k.account_id = p_account and k.key = p_key;
  else
    update idempotency_keys k
       set subject_kind = 'order',
           subject_ids = (select array_agg(b.order_id order by b.order_id) from unnest(p_bought) b)
     where k.account_id = p_account and k.key = p_key;
  end if;
end $$;

-- Writes what was bought, by one statement for each table: holds, orders, leases and events, and allocations if a
-- supplier is to be asked.
drop function if exists write_activations(timestamptz, interval, interval, purchase_line[], uuid[], text[],
  jsonb[], text[]);
drop function if exists write_activations(timestamptz, interval, interval, purchase_line[], uuid[], text[],
  jsonb[], text[], integer[], text[]);
create or replace function write_activations(
  p_now timestamptz, p_window interval, p_cooldown interval, p_bought purchase_line[], p_hold uuid[],
  p_reference text[], p_metadata jsonb[], p_channel text[], p_allocate_s integer[], p_via text[],
  p_key integer[]
) returns void language plpgsql as $$
begin
  perform write_holds(
    p_now => p_now, p_hold => array_agg(b.hold_id), p_order => array_agg(b.order_id),
    p_account => array_agg(b.account_id), p_currency => array_agg(b.currency),
    p_wallet => array_agg(b.wallet_id), p_escrow => array_agg(b.escrow_id),
    p_amount => array_agg(b.price), p_balance_after => array_agg(b.balance_after))
    from unnest(p_bought) b;
  insert into orders (id, account_id, kind, state, service_id, country, operator_id, pool, offer_id,
      number_id, phone, price, currency, hold_id, created_at, cancel_after, expires_at, allocate_by,
      reference, metadata, channel, key_id)
    select b.order_id, b.account_id, 'activation',
           case when b.source_id is null then 'waiting' else 'allocating' end, b.service_id, b.country,
           b.operator_id, b.pool, b.offer_id, b.number_id, b.phone, b.price, b.currency, b.hold_id,
           p_now, p_now + p_cooldown, p_now + p_window,
           case when b.source_id is not null
             then p_now + make_interval(secs => p_allocate_s[array_position(p_hold, b.hold_id)]) end,
           case when p_reference is not null then p_reference[array_position(p_hold, b.hold_id)] end,
           case when p_metadata is not null then p_metadata[array_position(p_hold, b.hold_id)] end,
           case when p_channel is not null then p_channel[array_position(p_hold, b.hold_id)] end,
           case when p_key is not null then p_key[array_position(p_hold, b.hold_id)] end
      from unnest(p_bought) b;
  insert into leases (order_id, service_id, account_id, number_id, shelf_id, starts_at, until)
    select b.order_id, b.service_id, b.account_id, b.number_id, b.shelf_id, p_now, p_now + p_window
      from unnest(p_bought) b
     where b.source_id is null;
  if p_allocate_s is not null then
    perform plan_allocations(
      p_now => p_now, p_order => array_agg(b.order_id), p_source => array_agg(b.source_id),
      p_unwanted => null,
      p_via => array_agg(case when p_via is not null then p_via[array_position(p_hold, b.hold_id)] end))
      from unnest(p_bought) b where b.source_id is not null;
  end if;
  insert into events (account_id, type, order_id, created_at)
    select b.account_id, 'order.created', b.order_id, p_now from unnest(p_bought) b;
end $$;
