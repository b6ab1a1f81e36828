-- What the metrics count of orders: kept by a reader of the events, so that no scrape has to read all orders.
-- compatible with the version before

insert into event_readers (name, epoch, xid, id) values ('totals', 0, '0', 0);

-- How many orders had each outcome so far. An order counts once for each outcome that it had.
create table order_totals (
  kind text not null,
  service_id integer not null, -- 0: none
  outcome text not null,
  orders bigint not null check (orders >= 0),
  primary key (kind, service_id, outcome)
);

-- How many orders had their first code within so many seconds, and in more than the bound below.
create table code_times (
  kind text not null,
  up_to_s integer not null, -- 0: longer than every bound
  orders bigint not null check (orders >= 0),
  seconds numeric not null check (seconds >= 0), -- of all of them together
  primary key (kind, up_to_s)
);
