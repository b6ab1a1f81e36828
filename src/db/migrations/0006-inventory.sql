-- Our own stock of numbers. How a number is found at a cost that does not grow: docs/ARCHITECTURE.md,
-- "Allocation".

create table suppliers (
  id integer generated always as identity primary key,
  name text not null unique check (name ~ '^[a-z0-9][a-z0-9_-]{0,40}$'),
  kind text not null check (kind in ('simulator', 'http-callback')),
  secret_hash bytea check (length(secret_hash) = 32), -- SHA-256 of the bearer secret
  state text not null default 'active' check (state in ('active', 'disabled')),
  created_at timestamptz not null default now()
);
create unique index suppliers_secret on suppliers (secret_hash);
create trigger suppliers_access after delete or update of secret_hash, state, name, kind on suppliers
  for each statement execute function count_access_version();

-- Numbers that are alike to a buyer: one country, operator, pool and area code.
create table shelves (
  id integer generated always as identity primary key,
  country text not null references countries,
  operator_id integer not null references operators,
  pool text not null references pools,
  area text not null default '' check (area ~ '^[0-9]{0,6}$'),
  next_position integer not null default 1, -- where the next imported number goes
  unique (country, operator_id, pool, area)
);

create table numbers (
  id integer generated always as identity primary key,
  phone text not null unique check (phone ~ '^\+[1-9][0-9]{5,14}$'), -- E.164
  supplier_id integer not null references suppliers,
  shelf_id integer not null references shelves,
  position integer not null, -- its place on the shelf, drawn by lot at import
  state text not null default 'active' check (state in ('active', 'disabled')),
  created_at timestamptz not null default now(),
  unique (shelf_id, position)
);
create index numbers_on_shelf on numbers (shelf_id, position) include (id, phone)
  where state = 'active';

-- Whether a shelf has numbers of the simulator. Test services are sold on such shelves only, never on a real
-- supplier's.
create function has_simulated_numbers(shelf integer) returns boolean language sql stable as $$
  select exists (select from numbers n
                   join suppliers s on s.id = n.supplier_id and s.kind = 'simulator'
                  where n.shelf_id = shelf)
$$;

-- How far a service has gone through a shelf, and what a number of it costs. Every active number at or after
-- `next_position` is unused for the service, except those taken ahead; `remaining` counts the unused ones and the
-- returned ones.
--
-- `for_sale` is a column of its own so that a purchase changes no indexed value until the last number is gone: its
-- updates stay in the row's page and leave no dead entries at the indexes' heads.
-- No foreign keys: a row that is updated twice in a transaction has them checked again. `numlet audit` checks what
-- they would.
create table stock (
  service_id integer not null,
  shelf_id integer not null,
  -- copied from the shelf
  country text not null,
  operator_id integer not null,
  pool text not null,
  area text not null,
  reserved boolean not null default false, -- copied from the pool
  -- the activation offer that sells it, and its price in the base currency; null: not sold
  offer_id integer,
  price bigint,
  closed boolean not null default false, -- its service or its country is
  next_position integer not null default 1,
  ahead integer not null default 0 check (ahead >= 0), -- how many rows of taken_ahead it has
  remaining integer not null default 0 check (remaining >= 0),
  for_sale boolean not null generated always as
    (remaining > 0 and offer_id is not null and not closed) stored,
  primary key (service_id, shelf_id),
  check ((offer_id is null) = (price is null))
) with (fillfactor = 50);
create index stock_cheapest_in_country on stock (service_id, country, price) where for_sale;
create index stock_cheapest on stock (service_id, price) where for_sale;
create index stock_of_offer on stock (offer_id);
create index stock_of_shelf on stock (shelf_id);

-- Numbers beyond `next_position` that are gone: taken for several services at once, or because the customer did
-- not want the next one (docs/decisions/0007-taken-ahead.md).
create table taken_ahead (
  service_id integer not null,
  shelf_id integer not null,
  position integer not null,
  primary key (service_id, shelf_id, position)
);

-- A number that an order has for one service. Rows of ended leases are kept for a day, so that a late message can
-- be told from a stray one; the order itself remembers the rest.
create table leases (
  order_id bigint not null,
  service_id integer not null,
  account_id integer not null,
  number_id integer not null,
  shelf_id integer not null,
  starts_at timestamptz not null,
  until timestamptz not null,
  ended_at timestamptz,
  primary key (order_id, service_id),
  -- One open lease for a number and service at a time: nulls are alike here.
  constraint one_open_lease unique nulls not distinct (number_id, service_id, ended_at)
);
create index leases_ended on leases (ended_at) where ended_at is not null;

-- Used numbers, resting until they may be sold again for the service (the setting `reuse_after_days`).
create table resting_numbers (
  number_id integer not null,
  service_id integer not null,
  shelf_id integer not null,
  order_id bigint, -- whose customer may have the number back while it rests
  until timestamptz not null,
  primary key (number_id, service_id)
);
create index resting_numbers_due on resting_numbers (until);

-- Numbers that have rested, and are for sale again for the service.
create table returned_numbers (
  position bigint generated always as identity primary key,
  service_id integer not null,
  shelf_id integer not null,
  number_id integer not null,
  unique (service_id, shelf_id, position),
  unique (number_id, service_id)
);

-- Numbers that were for sale again for a service and were sold: no earlier customer gets them back.
create table relet_numbers (
  number_id integer not null,
  service_id integer not null,
  primary key (number_id, service_id)
);
