-- Keeps the current epoch until the end of the transaction: the next one begins under a lock that waits for it
-- (src/core/events/epoch.ts). Call it before a number is drawn in a statement of its own. Otherwise a number
-- drawn on a promoted server, where it may be a lost one, could be written after the new epoch has begun. What is
-- written afterwards checks whether the epoch is that of the server.
create or replace function hold_epoch() returns void language plpgsql as $$
begin
  lock table events in row exclusive mode;
end $$;
