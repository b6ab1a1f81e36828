-- Whoever made a key can keep it, and read its account's messages with it. So a key says who made it, and the
-- first use of one that an operator made stands in the operator log.
alter table api_keys
  add column made_by text check (length(made_by) between 1 and 100), -- the operator; null: its account did
  add column made_for text check (length(made_for) between 1 and 500), -- the operator's reason
  add column made_with integer, -- the key that asked for it
  add column first_used_at timestamptz; -- of keys that operators made

-- Keys of before: the log names those that operators made for accounts that were there, and the first key of
-- an account came with it.
update api_keys k set made_by = l.actor, first_used_at = k.last_used_at
  from audit_log l
 where l.action = 'key.create' and l.detail->>'key_id' = k.id::text;
update api_keys k set made_by = l.actor, first_used_at = k.last_used_at
  from audit_log l
 where l.action = 'account.create' and l.account_id = k.account_id and k.made_by is null
   and k.id = (select min(f.id) from api_keys f where f.account_id = k.account_id);
