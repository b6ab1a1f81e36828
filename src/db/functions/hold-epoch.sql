-- Keeps the current epoch until the end of the transaction: the next one begins under a lock that waits for this
-- (src/core/events/epoch.ts). Call it before a number is drawn in a statement of its own. Otherwise a number drawn
-- on a promoted server, where it may be a lost one, could be written after the new epoch has begun.
create or replace function hold_epoch() returns void language plpgsql as $$
begin
  lock table events in row exclusive mode;
  perform event_epoch();
end $$;
