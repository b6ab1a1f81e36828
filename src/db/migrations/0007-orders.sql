-- Orders: activations, rentals, inboxes and eSIMs.

create sequence order_ids start with 458731;

-- What every order is, in one CHECK that calls a function (docs/decisions/0008-one-check.md): a statement reads a
-- table's CHECKs anew each time it runs, and many long ones took more than half of an insert's time.
create function order_is_sound(
  kind text, state text, service_id integer, country text, operator_id integer, pool text,
  number_id integer, email text, duration interval, received_at timestamptz, closed_at timestamptz,
  hold_id uuid, services integer[]
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
  elsif kind <> 'esim' or state not in ('allocating', 'failed', 'finished', 'cancelled') then
    return false;
  end if;
  -- Only an order for several services has no hold of its own: each of its services has one.
  if hold_id is null and (services is null or kind <> 'activation') then
    return false;
  end if;
  return (closed_at is not null) = (state in ('finished', 'cancelled', 'expired', 'failed', 'ended'))
    and (state <> 'received' or received_at is not null)
    and (kind = 'rental') = (duration is not null)
    and case
      when kind in ('activation', 'rental') then service_id is not null and country is not null
        and operator_id is not null and pool is not null
        and (number_id is not null or state in ('allocating', 'failed', 'cancelled'))
      when kind = 'email' then email is not null or state in ('allocating', 'failed', 'cancelled')
      else true end;
end $$;

create table orders (
  id bigint primary key,
  account_id integer not null,
  kind text not null,
  state text not null,
  -- What was bought.
  service_id integer,
  services integer[] check (cardinality(services) between 2 and 5), -- only of an order for several
  country text,
  operator_id integer,
  pool text,
  offer_id integer not null,
  duration interval, -- of a rental: what one renewal adds
  renewals integer not null default 0 check (renewals >= 0),
  -- What was allocated.
  number_id integer,
  phone text,
  email text check (length(email) <= 254),
  -- What it costs. An order for several services has no hold: see order_services.
  price bigint not null check (price >= 0),
  currency text not null,
  hold_id uuid,
  -- What arrived.
  code text check (length(code) <= 2000),
  code_as_written text check (length(code_as_written) <= 2000),
  message_count integer not null default 0 check (message_count >= 0),
  resend_count integer not null default 0 check (resend_count >= 0),
  resend_pending boolean not null default false, -- asked again, and no message since
  replaces bigint,
  replaced_by bigint,
  -- What the customer wrote on it (limits: src/core/annotations.ts); null: nothing.
  reference varchar(200),
  metadata jsonb check (jsonb_typeof(metadata) = 'object'), -- one short CHECK: each purchase pays for it
  -- A dialect's own note on how the order was bought, written by the purchase. Nothing but the dialect reads it.
  channel text check (channel ~ '^[a-z0-9-]{1,40}$'),
  created_at timestamptz not null,
  cancel_after timestamptz not null,
  remind_at timestamptz, -- of a rental: when the customer is next told that it ends soon
  expires_at timestamptz not null,
  received_at timestamptz,
  closed_at timestamptz,
  constraint expires_later check (expires_at > created_at),
  constraint sound check (order_is_sound(kind, state, service_id, country,
    operator_id, pool, number_id, email, duration, received_at, closed_at, hold_id, services))
) with (fillfactor = 85);
create index orders_of_account on orders (account_id, id);
create index orders_by_reference on orders (account_id, reference, id) where reference is not null;
create index orders_deadline on orders (expires_at)
  where state in ('allocating', 'waiting', 'received', 'active');
create index orders_resend on orders (id) where resend_pending;
create index orders_to_remind on orders (remind_at) where remind_at is not null;

-- An order for several services holds the price of each separately: the first code for a service pays for it, and
-- services without a code are refunded when the order ends.
create table order_services (
  order_id bigint not null,
  place smallint not null check (place between 1 and 5),
  service_id integer not null,
  offer_id integer not null,
  price bigint not null check (price >= 0), -- in the order's currency
  hold_id uuid not null unique,
  state text not null default 'held' check (state in ('held', 'paid', 'refunded')),
  paid_by bigint unique,                    -- the message whose code paid for it
  settled_at timestamptz,
  primary key (order_id, place),
  unique (order_id, service_id),
  constraint settled_has_time check ((settled_at is not null) = (state <> 'held')),
  constraint paid_by_a_message check ((paid_by is not null) = (state = 'paid'))
);

-- Orders that were cancelled because the service knew their number already.
create table banned_orders (
  order_id bigint primary key,
  created_at timestamptz not null
);

-- A line of `buy_activations` (src/db/functions): what was asked for, then what became of it.
create type purchase_line as (
  party integer,         -- lines of one party are bought together or not at all
  outcome text,          -- 'bought', or why not
  account_id integer,
  service_id integer,
  country text,
  operator_id integer,
  pool text,
  offer_id integer,
  shelf_id integer,
  number_id integer,
  phone text,
  price bigint,
  currency text,
  hold_id uuid,
  order_id bigint,
  wallet_id integer,
  escrow_id integer,
  balance_after bigint
);
