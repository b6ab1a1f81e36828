-- What can be bought, where, at which price, and under which names other protocols know it.

create table countries (
  code text primary key check (code ~ '^[A-Z]{2}$'), -- ISO 3166-1 alpha-2
  alpha3 text not null unique check (alpha3 ~ '^[A-Z]{3}$'),
  iso_numeric smallint,
  number integer not null unique check (number > 0), -- the id in dialects that want a number
  name text not null check (length(name) between 1 and 100),
  calling_code text not null check (calling_code ~ '^[0-9]{0,4}$'),
  currency text check (currency ~ '^[A-Z]{3}$'),
  closed boolean not null default false
);

-- Ids of services that operators add. They are larger than any id that the catalog will give out.
create sequence service_ids start with 1000001;

create table services (
  id integer primary key check (id > 0), -- the numeric id that dialects show
  uuid uuid not null unique,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9_.-]{0,60}$'),
  name text not null check (length(name) between 1 and 100),
  category text not null default 'other' check (category ~ '^[a-z-]{1,40}$'),
  -- The domain that its mails come from, and that orders of inboxes name.
  site text unique check (length(site) <= 253 and site ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$'),
  -- How its messages are told from those of other services.
  senders text[] not null default '{}',
  words text[] not null default '{}',
  rules jsonb not null default '[]' check (jsonb_typeof(rules) = 'array'),
  takes_any boolean not null default false, -- gets messages that match no other service
  default_price bigint check (default_price >= 0), -- where no offer has a price, in the base currency
  -- A test service, for integrators: how its orders end. Test services come with the demo data only, and lists
  -- show them only on request.
  test text check (test in ('now', 'late', 'two', 'never', 'none_left', 'fails', 'slow')),
  -- Fields that an operator has set: a new version of the catalog does not change them.
  set_by_operator text[] not null default '{}',
  closed boolean not null default false
);

-- What other protocols call our services and countries. Written at each start from the catalog's data.
create table protocol_ids (
  dialect text not null check (dialect ~ '^[a-z][a-z-]{0,40}$'),
  kind text not null check (kind in ('service', 'country', 'operator')),
  ours text not null, -- a service's id, a country's code
  theirs text not null check (length(theirs) between 1 and 100),
  primary key (kind, ours, dialect),
  unique (dialect, kind, theirs)
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
  name text not null check (length(name) between 1 and 60),
  description text not null default '' check (length(description) <= 300),
  reserved boolean not null default false -- sold only to customers who name the pool
);

create table offers (
  id integer generated always as identity primary key,
  kind text not null check (kind in ('activation', 'rental', 'email', 'esim')),
  service_id integer references services,
  country text references countries,
  operator_id integer references operators,
  pool text references pools,
  price bigint not null check (price >= 0), -- in the base currency
  duration interval not null default '0',   -- of a rental
  success_rate smallint check (success_rate between 0 and 100), -- as stated; used until it can be measured
  -- As measured from its recent orders (src/core/catalog/outcomes.ts); null: too few of them.
  measured_rate smallint check (measured_rate between 0 and 100),
  active boolean not null default true,
  unique (service_id, country, kind, operator_id, pool, duration),
  constraint numbers_have_a_shelf check (kind not in ('activation', 'rental')
    or (service_id is not null and country is not null and operator_id is not null
      and pool is not null)),
  constraint mail_has_no_shelf check (kind <> 'email'
    or (service_id is null and country is null and operator_id is null and pool is null)),
  constraint rentals_last check ((kind = 'rental') = (duration > '0'))
);
create index offers_of_shelf on offers (country, operator_id, pool);

-- The highest price that a customer wants to pay for a service.
create table max_prices (
  id integer generated always as identity primary key,
  account_id integer not null references accounts,
  service_id integer not null references services,
  price bigint not null check (price >= 0), -- in the account's currency
  created_at timestamptz not null,
  unique (account_id, service_id)
);

-- How many orders of each hour ended with a message, and how many without. Counted from the events, each once.
create table outcomes (
  offer_id integer not null,
  service_id integer not null, -- 0: none
  hour timestamptz not null,
  good integer not null default 0 check (good >= 0),
  bad integer not null default 0 check (bad >= 0),
  primary key (offer_id, service_id, hour)
);
create index outcomes_hour on outcomes (hour);

-- The smallest amount of a currency with so many decimals.
create function smallest_unit(decimals smallint) returns bigint
language sql immutable parallel safe return
  case decimals when 2 then 100 when 0 then 10000 when 3 then 10 when 1 then 1000 else 1 end;

-- The price of an offer in an account's currency: the one rounding rule, for display and for payment.
-- Rounded half up to the currency's decimals, and never to nothing if the price is something.
create function price_in(price bigint, rate numeric, decimals smallint) returns bigint
language sql immutable parallel safe return
  case
    when price = 0 then 0
    when rate = 1 and price % smallest_unit(decimals) = 0 then price
    else greatest(1, round(price * rate / smallest_unit(decimals)))::bigint * smallest_unit(decimals)
  end;
