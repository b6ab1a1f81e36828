-- Accounts that are closed: their people, keys and texts are deleted, and their money records stay.
-- compatible with the version before

alter table accounts
  add column closed_at timestamptz, -- from then on nobody can use it
  add column erased_up_to bigint not null default 0, -- the last of its orders whose texts are deleted
  add column erased_at timestamptz; -- when all was deleted
create index accounts_to_erase on accounts (id) where closed_at is not null and erased_at is null;
