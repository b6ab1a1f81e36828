-- How much may be spent with a key on a day.
-- compatible with the version before

alter table api_keys add column max_spend_a_day bigint check (max_spend_a_day > 0); -- in the account's currency

-- What was spent with a key that had a cap when it was used: read and written only under the lock of the wallet.
create table key_spending (
  key_id integer primary key,
  day date not null, -- UTC
  spent bigint not null check (spent >= 0)
) with (fillfactor = 50);

-- Nodes keep copies of which keys have a cap.
drop trigger api_keys_access on api_keys;
create trigger api_keys_access
  after delete or update of revoked_at, expires_at, scopes, allowed_ips, default_country, account_id, hash,
    max_spend_a_day
  on api_keys for each statement execute function count_access_version();
