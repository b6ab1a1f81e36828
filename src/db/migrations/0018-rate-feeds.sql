-- When a feed of exchange rates was last fetched, in the base currency's row: whatever is set by hand in between
-- does not put the next fetch off.
alter table rates add column fetched_at timestamptz;
