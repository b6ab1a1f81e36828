-- What belongs to the platform as a whole: its identity, settings, currencies, and the operator log.

-- One row: random values that are drawn once, and that all servers share.
create table installation (
  only_row boolean primary key default true check (only_row),
  -- Encrypts row numbers into public ids (docs/decisions/0003-tokens-by-permutation.md).
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
  updated_at timestamptz not null default now(),
  -- In the base currency's row: when a feed of exchange rates was last fetched. Rates that are set by hand do
  -- not delay the next fetch.
  fetched_at timestamptz
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

-- What operators and customers did to the platform's set-up, to what and why. Nothing here is ever changed.
create table audit_log (
  id bigint generated always as identity primary key,
  actor text not null check (length(actor) between 1 and 100),
  action text not null check (length(action) between 1 and 100),
  account_id integer,
  subject_type text check (subject_type ~ '^[a-z_]{1,30}$'),
  subject_id text check (length(subject_id) between 1 and 300),
  reason text check (length(reason) between 1 and 500),
  detail jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint subject_is_whole check ((subject_type is null) = (subject_id is null))
);
create index audit_log_of_subject on audit_log (subject_type, subject_id, id);
create index audit_log_of_account on audit_log (account_id, id);
create index audit_log_of_actor on audit_log (actor, id);
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function refuse_change();

-- How often each key has asked, counted for all servers. Unlogged: a crash of the database forgets a minute.
create unlogged table rate_windows (
  name text primary key check (length(name) between 1 and 200),
  ends_at timestamptz not null,
  used integer not null check (used >= 0) -- requests that servers have taken in advance
) with (fillfactor = 50);
