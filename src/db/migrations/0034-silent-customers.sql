-- A number rests from a service after orders in vain of several customers: one alone can have none rest.
-- compatible with the version before

-- The accounts of these orders, each once. Rows of before count anew.
alter table failing_numbers add column silent_accounts integer[] not null default '{}';
