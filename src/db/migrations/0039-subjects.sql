-- What the first request with an idempotency key created or changed: an order, a deposit, a webhook, a delivery.
alter table idempotency_keys rename column order_ids to subject_ids;
alter table idempotency_keys
  add column subject_kind text check (subject_kind in ('order', 'deposit', 'webhook', 'delivery'));
update idempotency_keys set subject_kind = 'order' where subject_ids <> '{}';
alter table idempotency_keys
  add constraint subjects_have_a_kind check ((subject_kind is null) = (subject_ids = '{}'));
