-- How often codes came for each offer, and how soon: counted from the events, so that a purchase writes nothing.
-- compatible with the version before

-- Its first run counts the events that are still there, of 30 days.
insert into event_readers (name, epoch, xid, id) values ('offer-days', 0, '0', 0);

-- How many orders of an offer ended on a day (UTC) of their end, by the seconds to their first code.
create table offer_days (
  offer_id integer not null,
  day date not null,
  up_to_s integer not null, -- -1: no code came; 0: later than every bound
  orders integer not null check (orders >= 0),
  primary key (offer_id, day, up_to_s)
) with (fillfactor = 70);
create index offer_days_day on offer_days (day);

-- The sums of the last 30 days that customers are shown. None has fewer orders than the least sample.
create table offer_statistics (
  offer_id integer not null,
  -- Whether it is of the offer's service, country and pool, over all operators.
  of_pool boolean not null,
  orders integer not null check (orders > 0),
  with_code integer not null check (with_code between 0 and orders),
  median_s integer check (median_s >= 0), -- null: no code came
  p90_s integer check (p90_s >= 0),
  primary key (offer_id, of_pool)
);
