-- Orders and the events that tell of them.

create sequence order_ids start with 458731;

create table orders (
  id bigint primary key,
  account_id integer not null,
  kind text not null check (kind in ('activation', 'rental', 'email', 'esim')),
  state text not null check (state in ('allocating', 'waiting', 'received', 'active',
    'finished', 'cancelled', 'expired', 'failed', 'ended')),
  service_id integer not null,
  country text not null,
  operator_id integer not null,
  pool text not null,
  offer_id integer not null,
  number_id integer,
  phone text,
  price bigint not null check (price >= 0),
  currency text not null,
  hold_id uuid not null,
  code text check (length(code) <= 64),
  code_as_written text check (length(code_as_written) <= 128),
  message_count integer not null default 0 check (message_count >= 0),
  resend_count integer not null default 0 check (resend_count >= 0),
  resend_pending boolean not null default false, -- asked again, and no message since
  replaces bigint,
  replaced_by bigint,
  created_at timestamptz not null,
  cancel_after timestamptz not null,
  expires_at timestamptz not null,
  received_at timestamptz,
  closed_at timestamptz,
  constraint closed_has_time check ((closed_at is not null) =
    (state in ('finished', 'cancelled', 'expired', 'failed', 'ended'))),
  constraint received_has_message check (state not in ('received') or received_at is not null),
  constraint let_has_number check (number_id is not null or state in ('allocating', 'failed')),
  constraint expires_later check (expires_at > created_at)
) with (fillfactor = 85);
create index orders_of_account on orders (account_id, id);
create index orders_deadline on orders (expires_at)
  where state in ('allocating', 'waiting', 'received', 'active');
create index orders_resend on orders (id) where resend_pending;

-- The outbox: written in the transaction that made the change. Ids are drawn before commits, so neither
-- they nor commit times give an order without gaps. (xid, id) does, up to the oldest transaction that is
-- still open: readers stop there (src/core/events/tail.ts), and miss nothing that commits late.
create table events (
  xid xid8 not null default pg_current_xact_id(),
  id bigint generated always as identity,
  account_id integer not null,
  type text not null check (type ~ '^[a-z]+\.[a-z_]+$'),
  order_id bigint,
  data jsonb not null default '{}',
  created_at timestamptz not null,
  primary key (xid, id)
);
create index events_of_account on events (account_id, xid, id);

-- A line of `buy_activations`: what is asked for, then what became of it.
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
