-- Codes that come after an activation has ended are kept, and its customer can pay for them.
-- compatible with the version before
-- online

-- step: late codes

alter table orders
  -- Until when a late code can be claimed; null: there is none.
  add column late_until timestamptz,
  -- When the late code was paid for, and the hold that paid for it.
  add column claimed_at timestamptz,
  add column claim_hold_id uuid;
-- A claim leaves the state as it is (src/core/orders/claim.ts).
alter table orders add constraint claims_are_sound check (
  claimed_at is null and claim_hold_id is null
  or claimed_at is not null and claim_hold_id is not null and kind = 'activation'
    and state in ('cancelled', 'expired')) not valid;

-- Of a late message: whether it can be for nobody but its order's customer, who may pay for it.
alter table messages add column claimable boolean;

-- With the state `claimed`: a late message that its customer has paid for.
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
      when 'claimed' then order_id is not null and account_id is not null
      when 'late' then true
      when 'unmatched' then order_id is null
      when 'repeat' then order_id is null and account_id is null
      else false end
    and case
      when purged_at is null then text is not null
      else text is null and code is null and subject is null and html is null
        and headline is null end;
end $$;

-- step: claims are sound
alter table orders validate constraint claims_are_sound;
