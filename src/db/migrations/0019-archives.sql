-- Months of orders that are in an archive, and no longer here (docs/decisions/0018-archives.md).
-- compatible with the version before

create table archived_months (
  month text primary key check (month ~ '^[0-9]{4}-[0-9]{2}$'), -- when its first orders were made (UTC)
  -- The ids that it covers: the first one, and the one after the last.
  orders_from bigint not null,
  orders_to bigint not null check (orders_to > orders_from),
  messages_from bigint not null,
  messages_to bigint not null check (messages_to >= messages_from),
  orders bigint not null check (orders > 0),
  messages bigint not null check (messages >= 0),
  texts bigint not null check (texts >= 0), -- how many of its messages have a text
  manifest_hash bytea not null check (length(manifest_hash) = 32), -- SHA-256 of its manifest.json
  totals_hash bytea not null check (length(totals_hash) = 32), -- SHA-256 of its rows in archived_totals
  archived_by text not null,
  archived_at timestamptz not null
);
create unique index archived_months_orders on archived_months (orders_from);

-- What the orders of a month were, for each wallet: the audit compares the transfers, which stay, with it.
create table archived_totals (
  month text not null references archived_months on delete cascade,
  account_id integer not null,
  currency text not null,
  kind text not null,
  state text not null,
  orders bigint not null,
  price bigint not null,
  held bigint not null,
  posted bigint not null,
  voided bigint not null,
  released bigint not null,
  refunded bigint not null,
  primary key (month, account_id, currency, kind, state)
);
