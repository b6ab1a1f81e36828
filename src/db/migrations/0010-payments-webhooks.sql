-- Money on its way in, and where webhooks go.

create table deposits (
  id bigint generated always as identity (start with 1001) primary key,
  account_id integer not null references accounts,
  gateway text not null check (gateway ~ '^[a-z0-9-]{1,40}$'),
  state text not null default 'pending' check (state in ('pending', 'success', 'expired', 'failed')),
  amount bigint not null check (amount > 0),     -- what the account is credited
  total bigint not null check (total >= amount), -- what is to be paid, fees in
  currency text not null references currencies,
  pay_token text not null unique check (pay_token ~ '^[0-9A-Za-z]{32}$'), -- opens the payer's page
  qris text check (length(qris) between 1 and 1000), -- a QR code's EMV payload, of gateways that give one
  created_at timestamptz not null,
  expires_at timestamptz not null,
  paid_at timestamptz,
  constraint expires_later check (expires_at > created_at),
  constraint paid_has_time check ((paid_at is not null) = (state = 'success'))
);
create index deposits_of_account on deposits (account_id, id);
create index deposits_deadline on deposits (expires_at) where state = 'pending';

create table webhook_endpoints (
  id integer generated always as identity primary key,
  account_id integer not null references accounts,
  -- In whose words and with whose signature it is told.
  format text not null check (format in ('standard', 'otpzap', 'smsverificationservice', 'handler-api')),
  url text not null check (length(url) between 1 and 2048),
  -- Types of events as the outbox has them, or '*' alone.
  events text[] not null check (cardinality(events) between 1 and 100),
  description text not null default '' check (length(description) <= 200),
  -- As src/core/webhooks/secrets.ts keeps it: every delivery is signed with it, so it must be read again.
  secret text not null check (length(secret) between 16 and 2000),
  -- The one before it, which signs, too, until its time is over.
  old_secret text check (length(old_secret) between 16 and 2000),
  old_secret_until timestamptz,
  active boolean not null default true,
  -- Why it was switched off, where its owner did not do so.
  off_reason text check (off_reason in ('gone', 'failing')),
  failing_since timestamptz, -- the first failure after the last success
  quiet_until timestamptz,   -- nothing is sent before: the receiver asked for it
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint old_secret_has_end check ((old_secret is null) = (old_secret_until is null)),
  constraint off_has_reason check (off_reason is null or not active)
);
create index webhook_endpoints_of_account on webhook_endpoints (account_id, id);
