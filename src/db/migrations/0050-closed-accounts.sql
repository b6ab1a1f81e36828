-- Accounts that are closed: their people, keys and texts are deleted, and their money records stay.
-- compatible with the version before

alter table accounts
  add column closed_at timestamptz, -- from then on nobody can use it
  add column erased_up_to bigint not null default 0, -- the last of its orders whose texts are deleted
  add column erased_at timestamptz, -- when all that was there was deleted
  add column erase_at timestamptz; -- when it is to be looked at again, for what has come since
create index accounts_to_erase on accounts (erase_at) where erase_at is not null;
