-- Renewals of rentals with a supplier's number: held while the supplier is asked, and posted or voided by its
-- answer.
-- compatible with the version before

alter table allocations
  add column renew_hold_id uuid, -- the customer's hold; null: it is no renewal
  add column renew_price bigint check (renew_price >= 0);
create index allocations_renewing on allocations (order_id)
  where purpose = 'renew' and state in ('planned', 'asking', 'unknown');
