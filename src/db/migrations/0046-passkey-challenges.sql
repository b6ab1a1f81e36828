-- Challenges of passkeys: each is answered once, within minutes (src/core/people/challenges.ts).
-- compatible with the version before

create table passkey_challenges (
  hash bytea primary key check (length(hash) = 32), -- SHA-256 of the challenge, which is random
  purpose text not null check (purpose in ('register', 'sign_in', 'second_factor')),
  session_id bigint references sessions on delete cascade, -- in which it was asked for
  ends_at timestamptz not null,
  check ((session_id is null) = (purpose = 'sign_in'))
);
create index passkey_challenges_session on passkey_challenges (session_id) where session_id is not null;
create index passkey_challenges_ends on passkey_challenges (ends_at);

-- Who a user is to authenticators: random, because they show it to whoever holds them.
alter table users add column passkey_handle bytea unique check (length(passkey_handle) = 32);
