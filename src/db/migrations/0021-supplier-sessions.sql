-- Suppliers that Numlet connects to: which node holds a connection, and what has come over it.
-- compatible with the version before

-- A connection that a node holds, or tries to. Whoever has the row may connect; it is free when its time is over.
create table supplier_sessions (
  supplier_id integer not null,
  slot smallint not null check (slot between 1 and 8),
  holder uuid, -- the process; null: it was given back
  until timestamptz not null,
  bound_at timestamptz, -- null: not connected
  reason text check (length(reason) <= 200), -- why the last attempt failed, or the last connection ended
  primary key (supplier_id, slot)
);

-- Messages that came over a connection whose protocol has no ids, until the other side is known to have read our
-- acknowledgement. One that comes again is recognised by it.
create table supplier_arrivals (
  id uuid primary key,
  supplier_id integer not null,
  session uuid not null, -- the connection
  digest bytea not null check (octet_length(digest) = 32), -- of all that came
  arrived_at timestamptz not null
);
create index supplier_arrivals_known on supplier_arrivals (supplier_id, digest);
create index supplier_arrivals_old on supplier_arrivals (arrived_at);

-- Half of a character that two parts share, which no text can hold: a UTF-16 code unit.
alter table message_parts
  add column head integer check (head between 56320 and 57343), -- before the text
  add column tail integer check (tail between 55296 and 56319); -- after it
