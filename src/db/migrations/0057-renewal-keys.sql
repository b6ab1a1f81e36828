-- The key that a renewal at a supplier was counted against: what is returned no longer counts there.
-- compatible with the version before

-- Null: no key with a limit, or it was planned before this was noted.
alter table allocations add column renew_key_id integer;
