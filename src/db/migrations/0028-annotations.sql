-- What customers write on their orders and deposits: a reference of their own, and metadata.

alter table orders
  add column reference varchar(200), -- the customer's own; null: none
  -- Names and texts (limits: src/core/annotations.ts); null: none. One short CHECK: purchases pay for each.
  add column metadata jsonb check (jsonb_typeof(metadata) = 'object');
create index orders_by_reference on orders (account_id, reference, id) where reference is not null;

-- `deposits.reference` is ours: the one that payers write on a transfer and that gateways know.
alter table deposits
  add column customer_reference varchar(200),
  add column metadata jsonb check (jsonb_typeof(metadata) = 'object');
create index deposits_by_customer_reference on deposits (account_id, customer_reference, id)
  where customer_reference is not null;

-- Its arguments change (functions/buy-activations.sql).
drop function if exists buy_activations(timestamptz, interval, interval, integer, integer, integer,
  integer[], integer[], integer[], text[], integer[], text[], integer[], text[], bigint[], uuid[], text[],
  bytea[]);
