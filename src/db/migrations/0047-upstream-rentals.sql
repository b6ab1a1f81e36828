-- Rentals of other platforms' numbers.
-- compatible with the version before

-- The numbers that suppliers show for an offer of rentals, less what was sold since. Those for activations are in
-- the stock of their shelf, which rentals share with them.
create table rental_stock (
  offer_id integer primary key references offers,
  upstream integer not null default 0 check (upstream >= 0)
);

alter table upstream_leases add column remind_at timestamptz; -- when the customer is next told that it ends
create index upstream_leases_to_remind on upstream_leases (remind_at)
  where ended_at is null and remind_at is not null;
