-- The request log: what was called with each key, for its customer.
-- compatible with the version before

-- Tells requests of one millisecond apart.
create sequence request_places as integer minvalue 0 maxvalue 9999 start with 0 cycle;

-- A partition a day (UTC), made before it is needed, and dropped as a whole (src/core/request-log/days.ts).
create table request_log (
  account_id integer not null,
  id bigint not null, -- when it was answered, in milliseconds, and four digits of request_places
  key_id integer not null,
  dialect text not null check (length(dialect) <= 40),
  method text not null check (length(method) <= 20),
  -- Without a query, a key or a whole phone number.
  path text not null check (length(path) <= 200),
  status smallint not null,
  ms integer not null check (ms >= 0),
  request_id text not null check (length(request_id) <= 100),
  address inet,
  primary key (account_id, id)
) partition by range (id);
