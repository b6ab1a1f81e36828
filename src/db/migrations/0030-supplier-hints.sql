-- Suppliers that call when something has changed: a number that they name is read at once.
-- compatible with the version before

-- Of the token in the URL that they call; null: none was made.
alter table suppliers add column hook_token_hash bytea;

-- When the last reading was due that nobody had planned. It is due as long as `poll_at` is the same.
alter table allocations add column hinted_at timestamptz;
create index allocations_hinted on allocations (supplier_id, poll_at) where poll_at = hinted_at;

alter table supplier_feeds
  add column swept_at timestamptz, -- when everything that was due was read for the last time
  add column barred_until timestamptz; -- the supplier asks to be left alone until then
