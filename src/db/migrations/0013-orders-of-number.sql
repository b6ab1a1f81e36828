-- For an operator who looks up the orders of a phone number. Open orders are found by their leases, so that a
-- purchase makes no entry here; an order gets its only one when it is closed.
create index orders_of_number on orders (number_id) where closed_at is not null and number_id is not null;
