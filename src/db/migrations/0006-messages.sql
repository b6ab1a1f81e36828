-- Messages as they came in.

create table messages (
  id bigint generated always as identity primary key,
  supplier_id integer not null,
  supplier_ref text check (length(supplier_ref) between 1 and 200), -- the supplier's id of it
  channel text not null default 'sms' check (channel in ('sms', 'email')),
  phone text not null check (length(phone) <= 40),
  number_id integer,
  sender text not null check (length(sender) <= 100),
  text text check (length(text) <= 20000), -- null once purged
  code text check (length(code) <= 64),
  code_as_written text check (length(code_as_written) <= 128),
  -- delivered to an order; late: its order had ended; unmatched: for no order we know
  state text not null check (state in ('delivered', 'late', 'unmatched')),
  order_id bigint,
  account_id integer,
  received_at timestamptz not null,
  purged_at timestamptz,
  check ((purged_at is null) = (text is not null)),
  check (purged_at is null or code is null),
  check (state <> 'delivered' or (order_id is not null and account_id is not null)),
  check (state <> 'unmatched' or order_id is null)
);
create unique index messages_once on messages (supplier_id, supplier_ref)
  where supplier_ref is not null;
create index messages_of_order on messages (order_id, id) where order_id is not null;
create index messages_to_purge on messages (received_at) where purged_at is null;
create index messages_astray on messages (id) where state <> 'delivered';
