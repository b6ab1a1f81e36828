-- An endpoint of one order: it is told of that order alone, and taken away some days after its end.
alter table webhook_endpoints add column order_id bigint;
create unique index webhook_endpoints_of_order on webhook_endpoints (order_id) where order_id is not null;

-- The secret before the old one: who rotates twice in a day, having lost the first answer, is still understood.
alter table webhook_endpoints
  add column older_secret text check (length(older_secret) between 16 and 2000),
  add constraint older_secret_has_younger check (older_secret is null or old_secret is not null);
