-- A dialect's own note on how an order was bought, written by the purchase. Nothing but the dialect reads it.
alter table orders rename column way to channel;

-- Its arguments change (functions/buy-activations.sql).
drop function if exists buy_activations(timestamptz, interval, interval, integer, integer, integer,
  integer[], integer[], integer[], text[], integer[], text[], integer[], text[], bigint[], uuid[], text[],
  bytea[], text[], jsonb[]);
