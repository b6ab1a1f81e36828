-- What is read of a supplier again and again, by one node of all at a time.
-- compatible with the version before

create table supplier_feeds (
  supplier_id integer not null,
  feed text not null check (feed in ('list', 'stream', 'balance')),
  cursor text check (length(cursor) <= 200), -- where a stream goes on; null: from the moment on
  due_at timestamptz not null, -- it rests until then
  leased_until timestamptz, -- null: nobody reads it
  claims integer not null default 0 check (claims >= 0),
  primary key (supplier_id, feed)
) with (fillfactor = 50);
