-- The name that a passkey was made for: after another public URL, browsers do not find it.
-- compatible with the version before

-- Null: it was made before this was noted; its next use notes it.
alter table passkeys add column host text check (length(host) between 1 and 255);
