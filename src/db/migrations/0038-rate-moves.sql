-- By which exchange rate a supplier's products are priced, and whether it has moved since.
-- compatible with the version before

alter table suppliers
  add column priced_rate numeric check (priced_rate > 0), -- of its currency, when its price list was applied last
  add column rate_moved_at timestamptz; -- nothing of it is for sale until it is priced again

update suppliers p set priced_rate = r.rate from rates r where r.currency = p.currency and p.listed_at is not null;
