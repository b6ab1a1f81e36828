-- What became of each number's orders, counted from the events: a purchase writes nothing here. And what follows
-- from it: numbers rest from a service, are banned from it, or are taken out of sale as silent.

-- Its first run counts the events that are still there.
insert into event_readers (name, epoch, xid, id) values ('number-results', 0, '0', 0);

-- Of activations, without those of test services.
create table number_results (
  number_id integer primary key,
  orders bigint not null default 0 check (orders >= 0),          -- that ended
  with_message bigint not null default 0 check (with_message >= 0),
  with_code bigint not null default 0 check (with_code >= 0),
  first_order_at timestamptz,
  last_order_at timestamptz,
  -- Of any message to the number, also one that no order wanted.
  last_message_at timestamptz,
  -- How many orders in a row waited in vain, and when the first of them ended.
  silent_orders integer not null default 0 check (silent_orders >= 0),
  silent_since timestamptz,
  check ((silent_orders = 0) = (silent_since is null))
) with (fillfactor = 70);

-- Up to when messages were looked at; null: never.
create table number_upkeep (
  one boolean primary key default true check (one),
  messages_until timestamptz
);
insert into number_upkeep (messages_until) values (null);

-- A number and a service whose last orders waited in vain. Only numbers that may be sold again for the service.
create table failing_numbers (
  number_id integer not null,
  service_id integer not null,
  silent_orders integer not null check (silent_orders >= 0), -- in a row, since its last rest
  rests integer not null default 0 check (rests >= 0),       -- in a row
  last_order_at timestamptz not null,
  banned_at timestamptz, -- not sold for the service until an operator lifts the ban
  primary key (number_id, service_id)
) with (fillfactor = 70);

-- What a supplier has instead of the settings of the same names; null: the setting, 0: off.
create table supplier_upkeep (
  supplier_id integer primary key references suppliers,
  rest_after_orders integer check (rest_after_orders between 0 and 1000),
  rest_hours integer check (rest_hours between 1 and 8760),
  ban_after_rests integer check (ban_after_rests between 0 and 1000),
  silent_after_days integer check (silent_after_days between 0 and 365)
);

-- When it was put back on sale; null: never. A number is judged anew from then on.
alter table numbers add column enabled_at timestamptz;
