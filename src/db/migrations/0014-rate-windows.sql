-- How often each key has asked, counted for all servers. Unlogged: a crash of the database forgets a minute.
create unlogged table rate_windows (
  name text primary key check (length(name) between 1 and 200),
  ends_at timestamptz not null,
  used integer not null check (used >= 0) -- requests that servers have taken to be given out
) with (fillfactor = 50);
