-- A number that is asked for to replace another: the idempotency key of the request stands for the old order until
-- the new one is there.
-- compatible with the version before

alter table allocations add column once_key text; -- null: the request had none, or it is no replacement
