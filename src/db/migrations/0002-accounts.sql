-- Customers, their keys, and the requests that they may repeat.

create table accounts (
  id integer generated always as identity (start with 1001) primary key,
  email text not null check (length(email) between 3 and 254 and position('@' in email) > 1),
  name text not null default '' check (length(name) <= 200),
  currency text not null references currencies,
  state text not null default 'active' check (state in ('active', 'suspended')),
  -- Limits of this account; null means the platform's default (settings).
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
  -- Scopes belong to the dialects that register them, so only their form is checked here.
  scopes text[] not null check (
    cardinality(scopes) > 0
    and array_to_string(scopes, ' ', '?') ~ '^[a-z][a-z-]{0,40}( [a-z][a-z-]{0,40})*$'),
  default_country text check (default_country ~ '^[A-Z]{2}$'), -- for dialects whose requests name no country
  -- In which of its forms a dialect answers failures to this key.
  error_form text not null default 'plain' check (error_form ~ '^[a-z][a-z-]{0,40}$'),
  allowed_ips cidr[] not null default '{}' check (cardinality(allowed_ips) <= 100),
  -- Whoever creates a key can keep it, and read its account's messages with it. So a key says who created it,
  -- and the operator log has the first use of each key that an operator created.
  made_by text check (length(made_by) between 1 and 100),   -- the operator; null: the account itself
  made_for text check (length(made_for) between 1 and 500), -- the operator's reason
  made_with integer,                                        -- the key that the request used
  first_used_at timestamptz,                                -- only of keys that operators created
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);
create index api_keys_account on api_keys (account_id, id);

-- Servers keep copies of who may do what for moments (src/core/accounts/access.ts). Whatever takes a right away
-- counts this up, in its own transaction.
create table access_version (
  only_row boolean primary key default true check (only_row),
  version bigint not null default 1
) with (fillfactor = 10);
insert into access_version default values;

create function count_access_version() returns trigger language plpgsql as $$
begin
  update access_version set version = version + 1;
  return null;
end $$;
create trigger api_keys_access
  after delete or update of revoked_at, expires_at, scopes, allowed_ips, default_country, account_id, hash
  on api_keys for each statement execute function count_access_version();
create trigger accounts_access after delete or update of state, currency on accounts
  for each statement execute function count_access_version();

-- The first response to a request with an Idempotency-Key. The row is written in the transaction of what the
-- request did; the response is added once it is known.
create table idempotency_keys (
  account_id integer not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint bytea not null check (length(fingerprint) = 32), -- of the request: a key is for one request
  -- What the request created or changed.
  subject_kind text check (subject_kind in ('order', 'deposit', 'webhook', 'delivery')),
  subject_ids bigint[] not null default '{}',
  status smallint,
  body json, -- not jsonb, which would change the order of its fields
  created_at timestamptz not null,
  primary key (account_id, key),
  constraint subjects_have_a_kind check ((subject_kind is null) = (subject_ids = '{}'))
);
create index idempotency_keys_age on idempotency_keys (created_at);
