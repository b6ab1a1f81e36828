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
  -- Of a dialect with several ways to the same stock: the one that an order came by, if not the first.
  add column way text check (way ~ '^[a-z0-9-]{1,40}$'),
  drop constraint let_has_number,
  drop constraint closed_has_time,
  drop constraint received_has_message,
  drop constraint orders_kind_check,
  drop constraint orders_state_check;

-- What every order is, in one CHECK that calls a function: a statement reads a table's CHECKs anew each time
-- it runs, and so many long ones took more than half of an insert's time (95 µs against 40).
create function order_is_sound(
  kind text, state text, service_id integer, country text, operator_id integer, pool text,
  number_id integer, email text, duration interval, received_at timestamptz, closed_at timestamptz
) returns boolean language plpgsql immutable parallel safe as $$
begin
  -- Which states each kind knows; the moves between them: src/core/orders/order.ts.
  if kind in ('activation', 'email') then
    if state not in ('allocating', 'failed', 'waiting', 'received', 'finished', 'cancelled',
        'expired') then
      return false;
    end if;
  elsif kind = 'rental' then
    if state not in ('allocating', 'failed', 'active', 'cancelled', 'ended') then
      return false;
    end if;
  elsif kind <> 'esim' or state not in ('allocating', 'failed', 'finished') then
    return false;
  end if;
  return (closed_at is not null) = (state in ('finished', 'cancelled', 'expired', 'failed', 'ended'))
    and (state <> 'received' or received_at is not null)
    and (kind = 'rental') = (duration is not null)
    and case
      when kind in ('activation', 'rental') then service_id is not null and country is not null
        and operator_id is not null and pool is not null
        and (number_id is not null or state in ('allocating', 'failed'))
      when kind = 'email' then email is not null or state in ('allocating', 'failed')
      else true end;
end $$;
alter table orders add constraint sound check (order_is_sound(kind, state, service_id, country,
  operator_id, pool, number_id, email, duration, received_at, closed_at));
create index orders_to_remind on orders (remind_at) where remind_at is not null;

-- A refund takes back what was posted: a rental inside its refund window.
create function transfer_is_sound(kind text, debit_id integer, credit_id integer, hold_id uuid)
returns boolean language plpgsql immutable parallel safe as $$
begin
  return debit_id <> credit_id and case
    when hold_id is null then kind in ('hold', 'credit', 'debit', 'deposit')
    else kind in ('post', 'void', 'release', 'refund') end;
end $$;
alter table transfers
  drop constraint transfers_kind_check,
  drop constraint transfers_check,
  drop constraint transfers_check1,
  add constraint sound check (transfer_is_sound(kind, debit_id, credit_id, hold_id));
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
