-- Webhooks: where events are sent, and what became of each attempt.

create table webhook_endpoints (
  id integer generated always as identity primary key,
  account_id integer not null references accounts,
  -- Of an endpoint for one order: it gets that order's events only, and is deleted some days after its end.
  order_id bigint,
  -- The form of its bodies and signatures. Dialects register formats, so only the name's form is checked here.
  format text not null check (format ~ '^[a-z][a-z-]{0,40}$'),
  url text not null check (length(url) between 1 and 2048),
  events text[] not null check (cardinality(events) between 1 and 100), -- types of events, or '*' alone
  description text not null default '' check (length(description) <= 200),
  -- Encrypted (src/core/webhooks/secrets.ts): every delivery is signed with it, so it must be readable.
  secret text not null check (length(secret) between 16 and 2000),
  -- The secret before it, which also signs until its time is over.
  old_secret text check (length(old_secret) between 16 and 2000),
  old_secret_until timestamptz,
  -- The one before that: who rotates twice in a day, because the first response was lost, can still verify.
  older_secret text check (length(older_secret) between 16 and 2000),
  active boolean not null default true,
  off_reason text check (off_reason in ('gone', 'failing')), -- why we switched it off; null: its owner did
  failing_since timestamptz, -- the first failure after the last success
  quiet_until timestamptz,   -- nothing is sent before: the receiver asked for it
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint old_secret_has_end check ((old_secret is null) = (old_secret_until is null)),
  constraint older_secret_has_younger check (older_secret is null or old_secret is not null),
  constraint off_has_reason check (off_reason is null or not active)
);
create index webhook_endpoints_of_account on webhook_endpoints (account_id, id);
create unique index webhook_endpoints_of_order on webhook_endpoints (order_id) where order_id is not null;

-- The queue and the log in one (docs/decisions/0009-a-queue-of-our-own.md).
create table webhook_deliveries (
  id bigint generated always as identity,
  endpoint_id integer not null,
  account_id integer not null,
  cause text not null check (cause in ('event', 'test', 'replay')),
  -- The event, copied: it may be sent after the outbox has deleted it. The body is made when it is sent.
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
  -- The next attempt; while one is being made, when another worker may take it over.
  due_at timestamptz not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (endpoint_id, id), -- also for reading the log of an endpoint
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
  status smallint check (status between 100 and 999), -- null: there was no response
  error text check (length(error) <= 100),
  response text check (length(response) <= 1000), -- the beginning of the response's body
  primary key (delivery_id, number)
);
