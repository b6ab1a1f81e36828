-- How the other functions, and src/core/ledger, move a customer's money: holds, and posts of holds. No other
-- function writes transfers or changes balances (test/tidy/owners.test.ts).

-- Takes the amount of a hold off a wallet's balance, ahead of `write_holds` in the same transaction: purchases
-- look at the balance for each line, and write the holds of all lines at once. The caller has locked the wallet.
create or replace function take_off_balance(p_wallet integer, p_amount bigint) returns void
language plpgsql as $$
begin
  update ledger_accounts w set balance = w.balance - p_amount where w.id = p_wallet;
end $$;

-- Writes the holds of purchases. The caller has locked the wallets, and took the amounts off their balances.
create or replace function write_holds(
  p_now timestamptz, p_hold uuid[], p_order bigint[], p_account integer[], p_currency text[], p_wallet integer[],
  p_escrow integer[], p_amount bigint[], p_balance_after bigint[]
) returns void language plpgsql as $$
begin
  insert into transfers (id, kind, debit_id, credit_id, amount, currency, account_id, balance_after,
      order_id, created_at)
    select h.id, 'hold', h.wallet_id, h.escrow_id, h.amount, h.currency, h.account_id, h.balance_after,
           h.order_id, p_now
      from unnest(p_hold, p_order, p_account, p_currency, p_wallet, p_escrow, p_amount, p_balance_after)
           with ordinality as h(id, order_id, account_id, currency, wallet_id, escrow_id, amount, balance_after,
           place)
     order by h.place;
end $$;

-- Holds amounts of one wallet, all or none, and skips holds that exist. Returns the holds that were made now and
-- the balance after them: below zero if it does not suffice, and then nothing was held. No row: no such wallet.
create or replace function hold_all(
  p_now timestamptz, p_account integer, p_currency text, p_hold uuid[], p_order bigint[], p_amount bigint[]
) returns table (held uuid[], balance_after bigint) language plpgsql as $$
declare
  wallet record;
  fresh record;
  count integer[];
begin
  select w.id, w.balance, e.id as escrow_id into wallet
    from ledger_accounts w
    join ledger_accounts e on e.kind = 'escrow' and e.account_id is null and e.currency = w.currency
   where w.kind = 'customer' and w.account_id = p_account and w.currency = p_currency
     for no key update of w;
  if wallet.id is null then
    return;
  end if;

  select coalesce(array_agg(h.id order by h.place), '{}') as ids,
         array_agg(h.order_id order by h.place) as orders,
         array_agg(h.amount order by h.place) as amounts,
         array_agg((wallet.balance - h.so_far)::bigint order by h.place) as balances,
         (wallet.balance - coalesce(sum(h.amount), 0))::bigint as balance
    into fresh
    from (select t.*, sum(t.amount) over (order by t.place) as so_far
            from unnest(p_hold, p_order, p_amount) with ordinality as t(id, order_id, amount, place)
           where not exists (select from transfers e where e.id = t.id)) h;
  if fresh.balance >= 0 and cardinality(fresh.ids) > 0 then
    count := array[cardinality(fresh.ids)];
    perform write_holds(
      p_now => p_now, p_hold => fresh.ids, p_order => fresh.orders,
      p_account => array_fill(p_account, count), p_currency => array_fill(p_currency, count),
      p_wallet => array_fill(wallet.id, count), p_escrow => array_fill(wallet.escrow_id, count),
      p_amount => fresh.amounts, p_balance_after => fresh.balances);
    update ledger_accounts w set balance = fresh.balance where w.id = wallet.id;
  end if;
  return query select fresh.ids, fresh.balance;
end $$;

-- Posts holds, each with the amount that is earned of it, and skips those that have ended. Returns the holds that
-- were posted now.
create or replace function post_holds(
  p_now timestamptz, p_post uuid[], p_hold uuid[], p_order bigint[], p_account integer[], p_currency text[],
  p_amount bigint[]
) returns setof uuid language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  return query
    insert into transfers (id, kind, debit_id, credit_id, amount, currency, hold_id, account_id,
        order_id, created_at)
      select h.id, 'post', e.id, r.id, h.amount, h.currency, h.hold_id, h.account_id, h.order_id, p_now
        from unnest(p_post, p_hold, p_order, p_account, p_currency, p_amount)
             with ordinality as h(id, hold_id, order_id, account_id, currency, amount, place)
        join ledger_accounts e on e.kind = 'escrow' and e.currency = h.currency and e.account_id is null
        join ledger_accounts r on r.kind = 'revenue' and r.currency = h.currency and r.account_id is null
       order by h.place
      on conflict do nothing
      returning hold_id;
end $$;

-- Posts open holds. Fails if one of them has ended: whoever calls it holds the lock under which they are open.
create or replace function post_earned(
  p_now timestamptz, p_post uuid[], p_hold uuid[], p_order bigint[], p_account integer[], p_currency text[],
  p_amount bigint[]
) returns void language plpgsql as $$
begin
  if (select count(*) from post_holds(p_now => p_now, p_post => p_post, p_hold => p_hold, p_order => p_order,
        p_account => p_account, p_currency => p_currency, p_amount => p_amount))
      <> coalesce(cardinality(p_hold), 0) then
    raise exception 'an open order had no open hold';
  end if;
end $$;
