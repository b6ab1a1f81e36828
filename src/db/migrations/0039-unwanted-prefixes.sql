-- What a customer does not want the number of an order to begin with: kept for its replacement.
-- compatible with the version before

alter table orders add column unwanted text[]; -- digits, with the calling code; null: anything is wanted
