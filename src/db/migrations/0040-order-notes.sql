-- Customers' notes on orders, what finds orders in a large account, and the products that an account has pinned.
-- compatible with the version before
-- online

-- step: notes and pins

-- Written by hand, for the customer's own use (length: src/core/annotations.ts).
alter table orders add column note varchar(1000);

create table pinned_products (
  id integer generated always as identity primary key,
  account_id integer not null,
  service_id integer not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  pool text check (length(pool) between 1 and 20), -- null: all of them
  created_at timestamptz not null,
  unique nulls not distinct (account_id, service_id, country, pool)
);

-- step: index orders with a text of their customer, on each partition of orders
create index concurrently orders_each_noted on orders_each (account_id, id)
  where note is not null or metadata is not null;

-- step: index orders with a text of their customer
create index orders_noted on orders (account_id, id) where note is not null or metadata is not null;

-- step: index the orders of an account by what they are of, on each partition of orders
-- Filters are applied in the index: without it a list of what is rare reads all rows of the account.
create index concurrently orders_each_listed on orders_each (account_id, id, service_id, kind, country);

-- step: index the orders of an account by what they are of
create index orders_listed on orders (account_id, id, service_id, kind, country);

-- step: the index that the last one replaces
drop index orders_of_account;

-- step: index the last digits of numbers
create index concurrently numbers_last_digits on numbers (right(phone, 4));

-- step: index the last digits of suppliers' numbers
create index concurrently upstream_leases_last_digits on upstream_leases (right(phone, 4));
