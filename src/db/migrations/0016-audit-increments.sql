-- What a clean audit has proved, so that the next one proves what has changed since
-- (docs/decisions/0016-audit-by-increments.md).
-- compatible with the version before

-- At most one row.
create table audit_checkpoint (
  one boolean primary key default true check (one),
  transfer_seq bigint not null,   -- all transfers up to it, none of which can still commit
  event_epoch integer not null,   -- all events before these two
  event_xid xid8 not null,
  message_id bigint not null,     -- all messages up to it
  proved_at timestamptz not null, -- when the audit that wrote it ran
  full_at timestamptz not null    -- when the last full one did
);
-- The sum of each ledger account's entries up to the checkpoint.
create table audit_sums (
  ledger_account_id integer primary key,
  amount bigint not null
);

-- Transfers are only ever added, in this order: a few blocks tell where new ones are, and a purchase pays nothing.
create index transfers_by_seq on transfers using brin (seq) with (autosummarize = on);
