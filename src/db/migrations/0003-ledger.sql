-- Money: double-entry, in 1/10,000 of the currency's unit. A transfer is one row that debits one ledger account
-- and credits another, so it cannot be unbalanced; `entries` shows its two sides.

create table ledger_accounts (
  id integer generated always as identity primary key,
  kind text not null check (kind in ('customer', 'escrow', 'revenue', 'deposits', 'adjustments')),
  account_id integer,
  currency text not null,
  -- Kept for customers only. A platform account's balance is the sum of its entries: were it a column, every
  -- purchase of the platform would queue for one row.
  balance bigint not null default 0,
  -- The customer's threshold for the event balance.low; null: none.
  low_balance bigint,
  created_at timestamptz not null default now(),
  unique nulls not distinct (kind, account_id, currency),
  check ((kind = 'customer') = (account_id is not null)),
  constraint no_overdraft check (balance >= 0),
  check (kind = 'customer' or balance = 0),
  check (low_balance is null or (low_balance > 0 and kind = 'customer'))
) with (fillfactor = 50);

-- The event is written in the transaction that made the balance fall, whichever that is.
create function tell_low_balance() returns trigger language plpgsql as $$
begin
  insert into events (account_id, type, data, created_at)
    values (new.account_id, 'balance.low', jsonb_build_object('balance', new.balance::text,
      'low_balance', new.low_balance::text, 'currency', new.currency), now());
  return null;
end $$;
-- The condition is checked without a call of the function: a purchase above the threshold pays next to nothing.
create trigger ledger_accounts_low after update of balance on ledger_accounts for each row
  when (new.low_balance is not null and old.balance >= new.low_balance
    and new.balance < new.low_balance)
  execute function tell_low_balance();

-- Posts, voids, releases and refunds name their hold. A refund gives back what was posted: for a rental that is
-- cancelled in its refund window.
create function transfer_is_sound(kind text, debit_id integer, credit_id integer, hold_id uuid)
returns boolean language plpgsql immutable parallel safe as $$
begin
  return debit_id <> credit_id and case
    when hold_id is null then kind in ('hold', 'credit', 'debit', 'deposit')
    else kind in ('post', 'void', 'release', 'refund') end;
end $$;

-- Immutable. The id is made by the caller and is the idempotency key: the same id moves money once.
-- No foreign keys in the ledger: they would lock the platform's rows on every purchase. `numlet audit` checks
-- what they would.
create table transfers (
  id uuid primary key,
  seq bigint generated always as identity,
  kind text not null,
  debit_id integer not null,
  credit_id integer not null,
  amount bigint not null check (amount >= 0),
  currency text not null,
  hold_id uuid,       -- the hold that this ends or refunds
  account_id integer, -- the customer whose money it is
  balance_after bigint check (balance_after >= 0), -- of the customer's wallet, if that is a side
  order_id bigint,
  reference text not null default '' check (length(reference) <= 200),
  created_at timestamptz not null,
  constraint sound check (transfer_is_sound(kind, debit_id, credit_id, hold_id))
);
-- A hold ends once: by a post or a void. A post of a part gives the rest back by one release.
create unique index transfers_hold_end on transfers (hold_id) where kind in ('post', 'void');
create unique index transfers_hold_release on transfers (hold_id) where kind = 'release';
create unique index transfers_hold_refund on transfers (hold_id) where kind = 'refund';
create index transfers_statement on transfers (account_id, seq);
create trigger transfers_immutable before update or delete on transfers
  for each row execute function refuse_change();

create view entries as
  select id as transfer_id, debit_id as ledger_account_id, -amount as amount, currency, created_at
    from transfers
  union all
  select id, credit_id, amount, currency, created_at from transfers;
