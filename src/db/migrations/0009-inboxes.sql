-- Inboxes sold by the order: mail domains and addresses. Their mails are in messages.

-- A domain whose inboxes are sold, beside its offer. Its stock is how many inboxes may still be opened at once.
create table email_domains (
  offer_id integer primary key references offers,
  domain text not null unique
    check (length(domain) <= 200 and domain ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$'),
  session integer not null default 1200 check (session between 60 and 2592000), -- seconds after a mail
  cancellation_fee bigint not null default 0 check (cancellation_fee >= 0), -- in the base currency
  capacity integer not null check (capacity between 0 and 10000000),
  open_inboxes integer not null default 0 check (open_inboxes >= 0),
  simulated boolean not null default false -- the simulator writes to its inboxes
) with (fillfactor = 50);

-- Rows stay for ever: no address is sold twice, to anybody.
create table inboxes (
  address text primary key check (length(address) <= 254 and address = lower(address)),
  order_id bigint not null unique,
  offer_id integer not null, -- its domain's
  account_id integer not null,
  site text not null check (length(site) <= 253),
  subject text check (length(subject) between 1 and 200), -- only mails whose subject contains it
  pattern text check (length(pattern) between 1 and 500), -- finds the code
  cancel_fee bigint not null check (cancel_fee >= 0),     -- in the account's currency
  session integer not null,                               -- copied from the domain
  opened_at timestamptz not null,
  ended_at timestamptz
);
create index inboxes_open on inboxes (offer_id) where ended_at is null;
