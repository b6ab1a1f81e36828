-- Suppliers of many kinds, with settings of their own, and what vendors' webhooks bring: requests as they came,
-- and messages in parts.

alter table suppliers drop constraint suppliers_kind_check, drop constraint suppliers_state_check;
update suppliers set state = case state when 'active' then 'on' else 'off' end;
alter table suppliers
  -- The program has the list of kinds (src/supply/kinds.ts).
  add constraint suppliers_kind_check check (kind ~ '^[a-z][a-z0-9-]{0,40}$'),
  -- paused: its messages are taken, and it is asked for nothing new; off: nothing is taken either
  add constraint suppliers_state_check check (state in ('on', 'paused', 'off')),
  alter column state set default 'on',
  -- Both by key. Secrets are encrypted, each by itself (src/core/vault/secret-keeper.ts).
  add column config jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
  add column secrets jsonb not null default '{}' check (jsonb_typeof(secrets) = 'object');
drop trigger suppliers_access on suppliers;
create trigger suppliers_access
  after delete or update of secret_hash, state, name, kind, config, secrets on suppliers
  for each statement execute function count_access_version();

-- A vendor's request, stored before it is read, and deleted when its messages are stored.
create table inbound_requests (
  id bigint generated always as identity primary key,
  supplier_id integer not null,
  received_at timestamptz not null,
  method text not null check (method in ('GET', 'POST')),
  query text not null check (octet_length(query) <= 65536), -- without the question mark
  headers jsonb not null, -- those that its kind reads
  body bytea not null check (octet_length(body) <= 131072),
  -- new: to be read; unreadable: not as the vendor documents; failed: given up after several tries
  state text not null default 'new' check (state in ('new', 'unreadable', 'failed')),
  reason text check (length(reason) <= 200), -- why it was set aside
  tries integer not null default 0,
  due_at timestamptz not null, -- until then it belongs to whoever works on it
  check ((state = 'new') = (reason is null))
) with (fillfactor = 90);
create index inbound_requests_due on inbound_requests (due_at) where state = 'new';
create index inbound_requests_aside on inbound_requests (supplier_id, id) where state <> 'new';
create trigger inbound_requests_in_epoch before insert on inbound_requests
  for each statement execute function assert_epoch();

-- A message that comes in parts. Its row is kept for some days after it was handed out, so that a part that a
-- vendor sends again is recognised.
create table split_messages (
  id bigint generated always as identity primary key,
  supplier_id integer not null,
  phone text not null,
  sender text not null,
  reference text not null,
  total smallint not null check (total between 2 and 255),
  -- open: waits for its parts; closed: takes no more, to be handed out; handed: stored as a message
  state text not null default 'open' check (state in ('open', 'closed', 'handed')),
  begun_at timestamptz not null,
  due_at timestamptz not null -- when a job hands it out as it is
);
create trigger split_messages_in_epoch before insert on split_messages
  for each statement execute function assert_epoch();
create unique index split_messages_open on split_messages (supplier_id, phone, sender, reference, total)
  where state = 'open';
create index split_messages_known on split_messages (supplier_id, phone, reference, begun_at);
create index split_messages_due on split_messages (due_at) where state <> 'handed';
create index split_messages_handed on split_messages (begun_at) where state = 'handed';

create table message_parts (
  split_id bigint not null references split_messages on delete cascade,
  number smallint not null check (number between 1 and 255),
  ref text not null check (length(ref) between 1 and 200),
  has_id boolean not null, -- whether the supplier names its parts; otherwise the reference is a hash of the text
  text text, -- null once it was handed out
  received_at timestamptz not null,
  primary key (split_id, number)
);

-- What each supplier has done in an hour, for operators. Written by each node once a second.
create table supplier_hours (
  supplier_id integer not null,
  hour timestamptz not null,
  messages bigint not null default 0,
  refused bigint not null default 0, -- requests with a missing or wrong signature
  last_message_at timestamptz,
  primary key (supplier_id, hour)
);
