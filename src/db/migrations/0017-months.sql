-- Orders are partitioned by their ids, about a month each (docs/decisions/0017-months-by-ids.md). A partition is
-- named after its first id. src/core/months begins the next ones.

alter table orders rename to orders_0;
alter table orders_0 rename constraint orders_pkey to orders_0_pkey;
alter index orders_of_account rename to orders_0_of_account;
alter index orders_by_reference rename to orders_0_by_reference;

create table orders (like orders_0 including defaults including constraints) partition by range (id);
alter table orders add primary key (id);
create index orders_of_account on orders (account_id, id);
create index orders_by_reference on orders (account_id, reference, id) where reference is not null;

-- The table becomes the first partition: nothing is copied, but it is read once. The second one has no end, so
-- that no insert ever fails.
do $$
declare
  -- A boundary of src/core/months/cells.ts, above all ids that were drawn.
  upto constant bigint := (select (last_value / 1048576 + 1) * 1048576 from order_ids);
begin
  if exists (select from orders_0) then
    execute format('alter table orders attach partition orders_0 for values from (minvalue) to (%s)', upto);
  else
    -- One without traces of dropped columns: its rows need no conversion.
    drop table orders_0;
    execute format('create table orders_0 partition of orders for values from (minvalue) to (%s) '
      'with (fillfactor = 70)', upto);
  end if;
  execute format('create table %I partition of orders for values from (%s) to (maxvalue) '
    'with (fillfactor = 70)', 'orders_' || upto, upto);
end $$;

-- PostgreSQL gathers statistics of partitions by itself, and of the whole only when it is asked.
analyze orders;
