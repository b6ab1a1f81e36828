-- The outbox: what happened, for streams, webhooks and statistics.

-- Written in the transaction that made the change. Ids are drawn before commits, so neither they nor commit times
-- give an order without gaps. (xid, id) does, up to the oldest transaction that is still open: readers stop there
-- (src/core/events/tail.ts), and miss nothing that commits late.
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
create index events_of_order on events (order_id, xid, id) where order_id is not null;

-- How far each reader of the events has come. All readers are here from the start: one that is missing is an
-- error, not a new reader.
create table event_readers (
  name text primary key check (name ~ '^[a-z-]{1,40}$'),
  xid xid8 not null,
  id bigint not null
);
insert into event_readers (name, xid, id) values
  ('outcomes', '0', 0),
  ('webhooks', pg_snapshot_xmin(pg_current_snapshot()), 0);
