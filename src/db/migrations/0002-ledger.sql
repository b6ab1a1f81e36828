-- Money: double-entry, in 1/10,000 of the currency's unit. A transfer is one row that debits one
-- ledger account and credits another, so it cannot be unbalanced; `entries` shows its two sides.

create table ledger_accounts (
  id integer generated always as identity primary key,
  kind text not null check (kind in ('customer', 'escrow', 'revenue', 'deposits', 'adjustments')),
  account_id integer,
  currency text not null,
  -- Kept for customers only. A platform account's balance is the sum of its entries: were it a
  -- column, every purchase of the platform would queue for one row.
  balance bigint not null default 0,
  created_at timestamptz not null default now(),
  unique nulls not distinct (kind, account_id, currency),
  check ((kind = 'customer') = (account_id is not null)),
  constraint no_overdraft check (balance >= 0),
  check (kind = 'customer' or balance = 0)
) with (fillfactor = 50);

-- Immutable. The id is made by the caller and is the idempotency key: the same id moves money once.
-- No foreign keys in the ledger: they would lock the platform's rows on every purchase. `numlet audit`
-- checks what they would.
create table transfers (
  id uuid primary key,
  seq bigint generated always as identity,
  kind text not null check (kind in ('hold', 'post', 'void', 'release', 'credit', 'debit', 'deposit')),
  debit_id integer not null,
  credit_id integer not null,
  amount bigint not null check (amount >= 0),
  currency text not null,
  hold_id uuid,       -- which hold this ends
  account_id integer, -- the customer whose money it is
  balance_after bigint check (balance_after >= 0), -- of the customer's wallet, when it is a side
  order_id bigint,
  reference text not null default '' check (length(reference) <= 200),
  created_at timestamptz not null,
  check (debit_id <> credit_id),
  check ((hold_id is not null) = (kind in ('post', 'void', 'release')))
);
-- A hold ends once: by a post or a void; a post of a part gives the rest back by one release.
create unique index transfers_hold_end on transfers (hold_id) where kind in ('post', 'void');
create unique index transfers_hold_release on transfers (hold_id) where kind = 'release';
create index transfers_statement on transfers (account_id, seq);
create trigger transfers_immutable before update or delete on transfers
  for each row execute function refuse_change();

create view entries as
  select id as transfer_id, debit_id as ledger_account_id, -amount as amount, currency, created_at
    from transfers
  union all
  select id, credit_id, amount, currency, created_at from transfers;
