-- What can be bought, where, and under which names other protocols know it.

create table countries (
  code text primary key check (code ~ '^[A-Z]{2}$'), -- ISO 3166-1 alpha-2
  alpha3 text not null unique check (alpha3 ~ '^[A-Z]{3}$'),
  iso_numeric smallint,
  number integer not null unique check (number > 0), -- the id of dialects that want a number
  name text not null check (length(name) between 1 and 100),
  calling_code text not null check (calling_code ~ '^[0-9]{0,4}$'),
  currency text check (currency ~ '^[A-Z]{3}$'),
  handler_id integer,   -- handler_api's id
  fivesim_slug text,    -- 5sim's name
  closed boolean not null default false
);

create table services (
  id integer primary key check (id > 0), -- the numeric id that dialects show
  uuid uuid not null unique,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9_.-]{0,60}$'),
  name text not null check (length(name) between 1 and 100),
  category text not null default 'other' check (category ~ '^[a-z-]{1,40}$'),
  senders text[] not null default '{}',
  words text[] not null default '{}',
  rules jsonb not null default '[]' check (jsonb_typeof(rules) = 'array'),
  default_price bigint check (default_price >= 0), -- where no offer tells one, in the base currency
  takes_any boolean not null default false, -- a message of no other service is for this one
  handler_code text unique,
  fivesim_slug text unique,
  closed boolean not null default false
);

create table operators (
  id integer generated always as identity primary key,
  country text not null references countries,
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9_-]{0,40}$'),
  name text not null check (length(name) between 1 and 100),
  unique (country, slug)
);

create table pools (
  id text primary key check (id ~ '^[a-z0-9_-]{1,20}$'),
  name text not null check (length(name) between 1 and 60)
);

create table offers (
  id integer generated always as identity primary key,
  kind text not null check (kind in ('activation', 'rental', 'email', 'esim')),
  service_id integer not null references services,
  country text not null references countries,
  operator_id integer not null references operators,
  pool text not null references pools,
  price bigint not null check (price >= 0), -- in the base currency
  duration interval not null default '0',
  success_rate smallint check (success_rate between 0 and 100), -- until outcomes tell
  active boolean not null default true,
  unique (service_id, country, kind, operator_id, pool, duration)
);
create index offers_of_shelf on offers (country, operator_id, pool);

-- The smallest amount of a currency of so many decimals.
create function smallest_unit(decimals smallint) returns bigint
language sql immutable parallel safe return
  case decimals when 2 then 100 when 0 then 10000 when 3 then 10 when 1 then 1000 else 1 end;

-- The price of an offer in an account's currency: the one rounding rule, for showing and charging.
-- Rounded half up to the currency's decimals, and never to nothing where the price is something.
create function price_in(price bigint, rate numeric, decimals smallint) returns bigint
language sql immutable parallel safe return
  case
    when price = 0 then 0
    when rate = 1 and price % smallest_unit(decimals) = 0 then price
    else greatest(1, round(price * rate / smallest_unit(decimals)))::bigint * smallest_unit(decimals)
  end;
