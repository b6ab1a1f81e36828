-- With which key an order was bought, for the account's own usage.
-- compatible with the version before
-- online

-- step: keys of orders
alter table orders add column key_id integer; -- null: a session, an operator, or an order from before this column
