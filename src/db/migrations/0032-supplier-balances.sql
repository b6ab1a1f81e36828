-- What suppliers say of our balance there: read every hour, and compared with what was booked.
-- compatible with the version before

alter table suppliers
  add column balance bigint, -- as it was told last, in the supplier's currency
  add column balance_at timestamptz,
  add column balance_fits_at timestamptz, -- when it was last what was booked
  add column balance_off smallint not null default 0, -- how often in a row it was not: less (below 0) or more
  add column balance_off_at timestamptz, -- when that was counted last
  add column dry_since timestamptz; -- below its alarm: nothing of it is for sale until it is topped up
