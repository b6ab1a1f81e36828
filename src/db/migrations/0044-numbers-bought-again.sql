-- A supplier's number that is bought again: which allocation it came by at first.
-- compatible with the version before

alter table allocations add column again_of bigint; -- null: it is a new one
