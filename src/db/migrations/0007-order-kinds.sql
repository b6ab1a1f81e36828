-- Rentals, orders for several services, mail and eSIMs beside activations; measured success.

alter table offers
  alter column service_id drop not null,
  alter column country drop not null,
  alter column operator_id drop not null,
  alter column pool drop not null,
  -- What became of its orders lately (src/core/catalog/outcomes.ts); null: too few to tell.
  add column measured_rate smallint check (measured_rate between 0 and 100),
  add constraint numbers_have_a_shelf check (kind not in ('activation', 'rental')
    or (service_id is not null and country is not null and operator_id is not null
      and pool is not null)),
  add constraint rentals_last check ((kind = 'rental') = (duration > '0'));

alter table orders
  alter column service_id drop not null,
  alter column country drop not null,
  alter column operator_id drop not null,
  alter column pool drop not null,
  add column services integer[] check (cardinality(services) between 2 and 5), -- of one for several
  add column duration interval,               -- of a rental: what one renewal adds
  add column renewals integer not null default 0 check (renewals >= 0),
  add column remind_at timestamptz,           -- when the customer is next told that it ends soon
  add column email text check (length(email) <= 254),
  drop constraint let_has_number,
  add constraint let_has_number check (state in ('allocating', 'failed') or kind = 'esim'
    or (kind = 'email' and email is not null)
    or (kind in ('activation', 'rental') and number_id is not null)),
  add constraint numbers_have_a_place check (kind not in ('activation', 'rental')
    or (service_id is not null and country is not null and operator_id is not null
      and pool is not null)),
  add constraint rentals_last check ((kind = 'rental') = (duration is not null)),
  -- Which states each kind knows; the moves between them: src/core/orders/order.ts.
  add constraint states_of_kind check (state in ('allocating', 'failed')
    or (kind in ('activation', 'email')
      and state in ('waiting', 'received', 'finished', 'cancelled', 'expired'))
    or (kind = 'rental' and state in ('active', 'cancelled', 'ended'))
    or (kind = 'esim' and state = 'finished'));
create index orders_to_remind on orders (remind_at) where remind_at is not null;

-- A refund takes back what was posted: a rental inside its refund window.
alter table transfers
  drop constraint transfers_kind_check,
  drop constraint transfers_check1,
  add constraint transfers_kind_check check (kind in
    ('hold', 'post', 'void', 'release', 'refund', 'credit', 'debit', 'deposit')),
  add constraint ends_a_hold check
    ((hold_id is not null) = (kind in ('post', 'void', 'release', 'refund')));
create unique index transfers_hold_refund on transfers (hold_id) where kind = 'refund';

-- A pool set apart: its numbers are sold only to those who name it.
alter table pools add column reserved boolean not null default false;
alter table stock
  add column reserved boolean not null default false, -- copied from the pool
  -- Numbers beyond `next_position` that are gone: taken for several services at once, or because the
  -- one in turn was not wanted.
  add column ahead integer not null default 0 check (ahead >= 0);
create table taken_ahead (
  service_id integer not null,
  shelf_id integer not null,
  position integer not null,
  primary key (service_id, shelf_id, position)
);

-- Whose rest it is: until a number is on sale again, its last customer may have it back.
alter table resting_numbers add column order_id bigint;
-- Numbers that were on sale again for a service and were let: no earlier customer gets them back.
create table relet_numbers (
  number_id integer not null,
  service_id integer not null,
  primary key (number_id, service_id)
);

-- It asks for kinds now (functions/take-one.sql).
drop function if exists why_not_for_sale(integer, text, integer, text, integer);

-- Which of an order's services a message is for.
alter table messages add column service_id integer;

-- Orders that ended, by the hour: with a message or without. Filled from the events, each once.
create table outcomes (
  offer_id integer not null,
  service_id integer not null, -- 0: none
  hour timestamptz not null,
  good integer not null default 0 check (good >= 0),
  bad integer not null default 0 check (bad >= 0),
  primary key (offer_id, service_id, hour)
);
create index outcomes_hour on outcomes (hour);

-- How far a reader of the events has come.
create table event_readers (
  name text primary key check (name ~ '^[a-z-]{1,40}$'),
  xid xid8 not null,
  id bigint not null
);

-- In which of its forms the handler_api dialect answers failures to this key.
alter table api_keys add column error_form text not null default 'plain'
  check (error_form in ('plain', 'hero'));
