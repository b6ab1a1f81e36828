-- Messages as they came in: text messages to numbers, and mails to addresses.

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
      when 'repeat' then order_id is null and account_id is null
      else false end
    and case
      when purged_at is null then text is not null
      else text is null and code is null and subject is null and html is null
        and headline is null end;
end $$;

create table messages (
  id bigint generated always as identity primary key,
  supplier_id integer not null, -- 0: our own mail server
  supplier_ref text check (length(supplier_ref) between 1 and 200), -- the supplier's id of it
  channel text not null default 'sms',
  -- delivered to an order; late: its order had ended; unmatched: for no order that we know; repeat: see repeat_of
  state text not null,
  phone text check (length(phone) <= 40),
  number_id integer,
  address text check (length(address) <= 254),
  sender text not null,
  text text check (length(text) <= 20000), -- null once purged
  -- Only of mails.
  subject text check (length(subject) <= 1000),
  html text check (length(html) <= 400000),
  headline text check (length(headline) <= 200),
  -- A customer's pattern may match a whole link.
  code text check (length(code) <= 2000),
  code_as_written text check (length(code_as_written) <= 2000),
  order_id bigint,
  service_id integer, -- the one of the order's services that it is for
  account_id integer,
  assigned_at timestamptz, -- when an operator gave it to its order
  -- Gateways send a text again when a response was lost. So the same number, sender and text within seconds is one
  -- message, whatever its id. The repeat is kept for the operator, and delivered to nobody.
  fingerprint bigint, -- of number, sender and text; null of mails, and once purged
  repeat_of bigint,   -- the message that this one repeats
  received_at timestamptz not null,
  purged_at timestamptz,
  constraint repeats_name_their_first check ((state = 'repeat') = (repeat_of is not null)),
  constraint fingerprints_are_purged check (fingerprint is null or purged_at is null),
  constraint sound check (message_is_sound(channel, state, supplier_id, phone,
    number_id, address, sender, text, subject, html, headline, code, order_id, account_id, purged_at))
);
create unique index messages_once on messages (supplier_id, supplier_ref)
  where supplier_ref is not null;
create index messages_fingerprint on messages (fingerprint) where fingerprint is not null;
create index messages_of_order on messages (order_id, id) where order_id is not null;
create index messages_to_purge on messages (received_at) where purged_at is null;
create index messages_astray on messages (id) where state <> 'delivered';
