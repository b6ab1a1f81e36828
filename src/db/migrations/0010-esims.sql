-- eSIMs: data plans, and the activation codes that are sold with them.

-- A plan is sold by its offer, which has the price and the country.
create table esim_plans (
  id integer generated always as identity primary key,
  offer_id integer not null unique references offers,
  name text not null check (length(name) between 1 and 100),
  data_gb numeric(8, 3) not null check (data_gb > 0),
  validity_days integer not null check (validity_days between 1 and 3650),
  -- Codes are sold in the order of their positions, 1 to `imported`: the next one is `sold` + 1. What a sale costs
  -- grows neither with the stock nor with what was sold.
  imported integer not null default 0,
  sold integer not null default 0,
  remaining integer not null generated always as (imported - sold) stored,
  check (sold between 0 and imported)
) with (fillfactor = 50);
create unique index esim_plans_name on esim_plans (lower(name));

-- Codes are kept encrypted, because they are as good as money. `fingerprint` is a keyed hash that finds a code
-- which is imported a second time; without the key it says nothing.
create table esim_codes (
  plan_id integer not null references esim_plans,
  position integer not null check (position > 0),
  key_id text not null check (key_id ~ '^[0-9a-f]{8}$'), -- which key decrypts it
  fingerprint bytea not null unique check (length(fingerprint) = 32),
  sealed bytea not null check (length(sealed) between 29 and 1024),
  order_id bigint unique, -- to which it was sold
  sold_at timestamptz,
  created_at timestamptz not null,
  primary key (plan_id, position),
  check ((order_id is null) = (sold_at is null))
) with (fillfactor = 80);
create index esim_codes_of_key on esim_codes (key_id, plan_id, position);
