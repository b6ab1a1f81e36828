-- What is to be told to the endpoints of webhooks, and what became of each attempt: queue and log in one.

create table webhook_deliveries (
  id bigint generated always as identity,
  endpoint_id integer not null,
  account_id integer not null,
  cause text not null check (cause in ('event', 'test', 'replay')),
  -- The event, copied: it may be told after the outbox has forgotten it. Its body is made when it is sent.
  type text not null check (type ~ '^[a-z]+\.[a-z_]+$'),
  event_xid xid8,
  event_id bigint,
  order_id bigint,
  data jsonb not null,
  happened_at timestamptz not null,
  fast boolean not null, -- codes go before everything else, and are tried again sooner
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed', 'dropped')),
  attempts smallint not null default 0 check (attempts >= 0),
  -- Counted up by whoever takes it, so that one who was thought dead does not report for another.
  claims integer not null default 0 check (claims >= 0),
  -- The next attempt; of one that is being sent, when another may take it over.
  due_at timestamptz not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (endpoint_id, id), -- the log of an endpoint is read by it, too
  constraint only_tests_have_no_event
    check ((event_xid is null) = (event_id is null) and (event_xid is null) = (cause = 'test')),
  constraint ended_has_time check ((ended_at is null) = (state = 'pending'))
);
create index webhook_queue on webhook_deliveries (fast, endpoint_id, due_at) where state = 'pending';
create index webhook_deliveries_old on webhook_deliveries using brin (created_at);
-- An event is queued for an endpoint once, whatever becomes of its reader.
create unique index webhook_deliveries_event on webhook_deliveries (endpoint_id, event_xid, event_id)
  where cause = 'event';
create index webhook_deliveries_replay on webhook_deliveries (endpoint_id, event_xid, event_id)
  where cause = 'replay';

create table webhook_attempts (
  delivery_id bigint not null,
  number smallint not null check (number >= 1),
  at timestamptz not null,
  duration_ms integer not null check (duration_ms >= 0),
  status smallint check (status between 100 and 999), -- null: there was no answer
  error text check (length(error) <= 100),
  response text check (length(response) <= 1000), -- the beginning of the answer's body
  primary key (delivery_id, number)
);

-- What happened before there were webhooks is told to nobody.
insert into event_readers (name, xid, id) values ('webhooks', pg_snapshot_xmin(pg_current_snapshot()), 0);
