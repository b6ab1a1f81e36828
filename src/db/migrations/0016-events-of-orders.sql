-- The stream of one order reads that order's events, and not the account's.
create index events_of_order on events (order_id, xid, id) where order_id is not null;

-- Each reader of the events is there from the start: one that is missing is an error, and not a new reader.
insert into event_readers (name, xid, id) values ('outcomes', '0', 0) on conflict do nothing;
