-- A customer is told when the balance falls below a mark of its own: in the transaction that made it fall,
-- whichever that is.

alter table ledger_accounts add column low_balance bigint
  check (low_balance is null or (low_balance > 0 and kind = 'customer'));

create function tell_low_balance() returns trigger language plpgsql as $$
begin
  insert into events (account_id, type, data, created_at)
    values (new.account_id, 'balance.low', jsonb_build_object('balance', new.balance::text,
      'low_balance', new.low_balance::text, 'currency', new.currency), now());
  return null;
end $$;
-- The condition is looked at without a call of the function: a purchase above the mark pays next to nothing.
create trigger ledger_accounts_low after update of balance on ledger_accounts for each row
  when (new.low_balance is not null and old.balance >= new.low_balance
    and new.balance < new.low_balance)
  execute function tell_low_balance();
