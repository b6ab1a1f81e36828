-- Messages have the links that their readers are meant to follow, and the time of an operator's correction.

alter table messages
  add column corrected_at timestamptz, -- when an operator marked its code right
  add column links jsonb;              -- [{"url": ..., "text": ...}], the likeliest first; null: none, or purged
-- Not checked for what is there: it has none.
alter table messages
  add constraint links_are_purged check (links is null or purged_at is null) not valid;
