-- Orders and transfers of before, beside the work.
-- online

-- step: validate orders
alter table orders validate constraint sound;

-- step: index the ends of suppliers' holds
create unique index concurrently transfers_supply_end on transfers (hold_id)
  where kind in ('supply_post', 'supply_void');

-- step: index the corrections of costs
create index concurrently transfers_supply_correction on transfers (hold_id)
  where kind in ('supply_refund', 'supply_adjust');
