-- The same number, sender and text within seconds is one message, whatever id it bears: gateways send a text
-- again when an answer was lost. The repeat is kept for the operator and told to nobody.

alter table messages
  add column fingerprint bigint, -- of number, sender and text; null of mails, and once purged
  add column repeat_of bigint,   -- the message that this one repeats
  add constraint repeats_name_their_first check ((state = 'repeat') = (repeat_of is not null)),
  add constraint fingerprints_are_purged check (fingerprint is null or purged_at is null);
create index messages_fingerprint on messages (fingerprint) where fingerprint is not null;

create or replace function message_is_sound(
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

-- It is told fingerprints now (functions/receive-messages.sql).
drop function if exists receive_messages(timestamptz, text[], text, integer[], text[], text[], text[],
  integer[], text[], text[], text[], text[], bigint[], integer[], uuid[], text[], text[], text[], text[],
  integer[]);
