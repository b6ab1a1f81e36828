-- Inboxes let by the order: mail domains, addresses, and messages that are mails.

-- The domain that a service's mails come from, and that orders of inboxes name.
alter table services add column site text unique
  check (length(site) <= 253 and site ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$');

-- A domain whose inboxes are let, beside its offer. What is in stock is what may still be opened at once.
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
alter table offers
  add constraint mail_has_no_shelf check (kind <> 'email'
    or (service_id is null and country is null and operator_id is null and pool is null));

-- Rows stay for ever: no address is let twice, to anybody.
create table inboxes (
  address text primary key check (length(address) <= 254 and address = lower(address)),
  order_id bigint not null unique,
  offer_id integer not null, -- its domain's
  account_id integer not null,
  site text not null check (length(site) <= 253),
  subject text check (length(subject) between 1 and 200), -- only mails whose subject holds it
  pattern text check (length(pattern) between 1 and 500), -- finds the code
  cancel_fee bigint not null check (cancel_fee >= 0),     -- in the account's currency
  session integer not null,                               -- as the domain's was
  opened_at timestamptz not null,
  ended_at timestamptz
);
create index inboxes_open on inboxes (offer_id) where ended_at is null;

-- Mails beside text messages: they come to an address, from our own mail server (supplier 0).
alter table messages
  alter column phone drop not null,
  add column address text check (length(address) <= 254),
  add column subject text check (length(subject) <= 1000),
  add column html text check (length(html) <= 400000),
  add column headline text check (length(headline) <= 200),
  drop constraint messages_sender_check,
  drop constraint messages_channel_check,
  drop constraint messages_state_check,
  drop constraint messages_check,
  drop constraint messages_check1,
  drop constraint messages_check2,
  drop constraint messages_check3,
  -- A pattern of the customer's may take a whole link.
  drop constraint messages_code_check,
  drop constraint messages_code_as_written_check,
  add constraint messages_code_check check (length(code) <= 2000),
  add constraint messages_code_as_written_check check (length(code_as_written) <= 2000);

-- What every message is (docs/decisions/0008-one-check.md).
create function message_is_sound(
  channel text, state text, supplier_id integer, phone text, number_id integer, address text,
  sender text, text text, subject text, html text, headline text, code text,
  order_id bigint, account_id integer, purged_at timestamptz
) returns boolean language plpgsql immutable parallel safe as $$
begin
  return case channel
      when 'sms' then phone is not null and address is null and length(sender) <= 100
        and subject is null and html is null and headline is null
      when 'email' then address is not null and phone is null and number_id is null
        and supplier_id = 0 and length(sender) <= 400
      else false end
    and case state
      when 'delivered' then order_id is not null and account_id is not null
      when 'late' then true
      when 'unmatched' then order_id is null
      else false end
    and case
      when purged_at is null then text is not null
      else text is null and code is null and subject is null and html is null
        and headline is null end;
end $$;
alter table messages add constraint sound check (message_is_sound(channel, state, supplier_id, phone,
  number_id, address, sender, text, subject, html, headline, code, order_id, account_id, purged_at));
alter table orders
  drop constraint orders_code_check,
  drop constraint orders_code_as_written_check,
  add constraint orders_code_check check (length(code) <= 2000),
  add constraint orders_code_as_written_check check (length(code_as_written) <= 2000);

-- It takes mails now (functions/receive-messages.sql).
drop function if exists receive_messages(timestamptz, text[], text, integer[], text[], text[], text[],
  integer[], text[], text[], text[], text[], bigint[], uuid[]);
