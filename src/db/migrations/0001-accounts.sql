-- Customers, their keys, and what the operator has set.

create table installation (
  -- One row: what is random once for a platform and shared by all its nodes.
  only_row boolean primary key default true check (only_row),
  id_key bytea not null default decode(replace(gen_random_uuid()::text, '-', ''), 'hex')
    check (length(id_key) = 16),
  created_at timestamptz not null default now()
);
insert into installation default values;

create table settings (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{1,60}$'),
  value jsonb not null,
  updated_at timestamptz not null default now()
);

create table currencies (
  code text primary key check (code ~ '^[A-Z]{3}$'),
  decimals smallint not null check (decimals between 0 and 4),
  name text not null check (length(name) between 1 and 80)
);

-- What one unit of the base currency (USD) costs in each currency.
create table rates (
  currency text primary key references currencies,
  rate numeric(24, 10) not null check (rate > 0),
  decimals smallint not null, -- copied from the currency
  escrow_id integer not null, -- the platform's escrow account in it
  updated_at timestamptz not null default now()
);

create table accounts (
  id integer generated always as identity (start with 1001) primary key,
  email text not null check (length(email) between 3 and 254 and position('@' in email) > 1),
  name text not null default '' check (length(name) <= 200),
  currency text not null references currencies,
  state text not null default 'active' check (state in ('active', 'suspended')),
  -- Limits of this account; null takes the platform's default (settings).
  max_open_orders integer check (max_open_orders >= 0),
  max_orders_a_day integer check (max_orders_a_day >= 0),
  max_cancelled_percent integer check (max_cancelled_percent between 0 and 100),
  created_at timestamptz not null default now()
);
create unique index accounts_email on accounts (lower(email));

-- How much an account has bought: read and written only under its wallet's row lock.
create table account_usage (
  account_id integer primary key,
  open_orders integer not null default 0 check (open_orders >= 0),
  day date not null,
  bought_today integer not null default 0 check (bought_today >= 0),
  cancelled_today integer not null default 0 check (cancelled_today >= 0)
) with (fillfactor = 50);

create table api_keys (
  id integer generated always as identity primary key,
  account_id integer not null references accounts,
  name text not null default '' check (length(name) <= 200),
  hash bytea not null unique check (length(hash) = 32), -- SHA-256 of the key
  hint text not null check (length(hint) = 6),          -- its first six characters
  scopes text[] not null check (
    cardinality(scopes) > 0 and scopes <@ array['read', 'buy', 'manage', 'handler-api']),
  default_country text check (default_country ~ '^[A-Z]{2}$'), -- for dialects that name no country
  allowed_ips cidr[] not null default '{}' check (cardinality(allowed_ips) <= 100),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now()
);
create index api_keys_account on api_keys (account_id, id);

-- The first answer to a request that carried an Idempotency-Key. The row is written in the
-- transaction of what the request did; the answer's text is added once it has been made.
create table idempotency_keys (
  account_id integer not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint bytea not null check (length(fingerprint) = 32),
  order_ids bigint[] not null default '{}',
  status smallint,
  body json, -- and no jsonb, which would give its fields again in another order
  created_at timestamptz not null,
  primary key (account_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

-- What operators and customers did to the platform's set-up. Nothing here is ever changed.
create table audit_log (
  id bigint generated always as identity primary key,
  actor text not null check (length(actor) between 1 and 100),
  action text not null check (length(action) between 1 and 100),
  account_id integer,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function refuse_change();
