-- The highest price that a customer wants to pay for a service, and numbers reported as used up.

create table max_prices (
  id integer generated always as identity primary key,
  account_id integer not null references accounts,
  service_id integer not null references services,
  price bigint not null check (price >= 0), -- in the account's currency
  created_at timestamptz not null,
  unique (account_id, service_id)
);

-- Orders cancelled because the service knew their number already.
create table banned_orders (
  order_id bigint primary key,
  created_at timestamptz not null
);
