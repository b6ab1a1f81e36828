-- The format that a delivery is sent in: that of its endpoint when it was queued.
-- compatible with the version before

-- Null: it was queued by the version before, and is sent in the format that its endpoint has then.
alter table webhook_deliveries add column format text;
