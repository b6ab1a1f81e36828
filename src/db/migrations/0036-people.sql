-- People who sign in: what they may do, their sessions, and what keeps others out (docs/decisions, sessions).
-- compatible with the version before

create table users (
  id integer generated always as identity primary key,
  email text not null unique
    check (length(email) between 3 and 254 and position('@' in email) > 1 and email = lower(email)),
  name text not null default '' check (length(name) <= 200),
  password text check (password ~ '^\$argon2id\$v=19\$'), -- null: signs in by other means only
  locale text check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'), -- null: that of the browser
  theme text not null default 'system' check (theme in ('system', 'light', 'dark')),
  verified_at timestamptz, -- when the address was known to be theirs
  suspended_at timestamptz,
  -- One-time passwords (RFC 6238). The secret is sealed (src/core/vault); it counts once a code has confirmed it.
  totp_secret text check (totp_secret ~ '^(sealed|plain):'),
  totp_confirmed_at timestamptz,
  totp_last_step bigint, -- a code is accepted once: only later steps are
  created_at timestamptz not null,
  check (totp_secret is not null or (totp_confirmed_at is null and totp_last_step is null))
);

create table memberships (
  user_id integer not null references users on delete cascade,
  account_id integer not null references accounts,
  role text not null check (role in ('owner', 'member')),
  created_at timestamptz not null,
  primary key (user_id, account_id)
);
create index memberships_account on memberships (account_id);

-- The operator's own people.
create table staff (
  user_id integer primary key references users on delete cascade,
  role text not null check (role in ('support', 'admin')),
  created_at timestamptz not null
);

-- Keys for /v1/admin. A customer's key is no such key, and the reverse.
create table staff_keys (
  id integer generated always as identity primary key,
  hash bytea not null unique check (length(hash) = 32), -- SHA-256 of the key
  hint text not null check (length(hint) = 6),
  scopes text[] not null check (
    cardinality(scopes) > 0
    and array_to_string(scopes, ' ', '?') ~ '^[a-z][a-z-]{0,40}( [a-z][a-z-]{0,40})*$'),
  made_by text not null check (length(made_by) between 1 and 100),
  made_for text check (length(made_for) between 1 and 500),
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null
);

-- One that has ended is kept for a while without its address, so that a device is not new at each sign-in.
create table sessions (
  id bigint generated always as identity primary key,
  hash bytea not null unique check (length(hash) = 32), -- SHA-256 of the token, which is random
  user_id integer not null references users on delete cascade,
  account_id integer, -- it acts in; null: in none
  device text not null check (length(device) <= 200), -- such as: Firefox on Linux
  address inet,
  created_at timestamptz not null,
  last_seen_at timestamptz not null, -- some time in the minute before the last request, or at it
  second_factor_at timestamptz, -- when it was given last
  ends_at timestamptz not null, -- at the latest
  ended_at timestamptz, -- by its user, a change of the password, a suspension
  foreign key (user_id, account_id) references memberships on delete set null (account_id)
);
create index sessions_user on sessions (user_id, id);
create index sessions_last_seen on sessions (last_seen_at);

create table passkeys (
  id integer generated always as identity primary key,
  user_id integer not null references users on delete cascade,
  credential_id bytea not null unique check (length(credential_id) between 1 and 1023),
  public_key bytea not null check (length(public_key) <= 4096), -- COSE
  counter bigint not null default 0 check (counter >= 0), -- of signatures; 0: the authenticator counts none
  transports text[] not null default '{}' check (cardinality(transports) <= 10),
  is_backed_up boolean not null default false,
  name text not null default '' check (length(name) <= 200),
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id, id);

create table recovery_codes (
  user_id integer not null references users on delete cascade,
  hash bytea not null check (length(hash) = 32), -- SHA-256: the codes are random
  used_at timestamptz,
  primary key (user_id, hash)
);

-- What somebody can do once who has the token of a link.
create table one_time_links (
  hash bytea primary key check (length(hash) = 32), -- SHA-256 of the token, which is random
  purpose text not null check (purpose in ('verify', 'reset', 'invite', 'sign_in')),
  user_id integer references users on delete cascade,
  email text check (email = lower(email)), -- where there may be no user yet
  -- The account: for `invite` the one to join, for `sign_in` the one to act in.
  account_id integer references accounts on delete cascade,
  role text check (role in ('owner', 'member')), -- of an invitation
  -- What a new user gets, of `verify`: whoever has the mail of a sign-up gets what that sign-up asked for.
  name text check (length(name) <= 200),
  password text check (password ~ '^\$argon2id\$v=19\$'),
  made_by text check (length(made_by) between 1 and 100),
  created_at timestamptz not null,
  ends_at timestamptz not null,
  used_at timestamptz,
  check (user_id is not null or email is not null)
);
create index one_time_links_user on one_time_links (user_id);
create index one_time_links_ends on one_time_links (ends_at);
create index one_time_links_account on one_time_links (account_id);

-- Attempts to sign in, by what they are counted for: a network, or an address of mail (hashed, of users or not).
create table attempts (
  name text primary key check (length(name) <= 100),
  count integer not null check (count >= 0), -- that failed, or have not ended
  blocked_until timestamptz, -- null: not
  told_at timestamptz, -- the user was told of them
  ends_at timestamptz not null -- forgotten from then on
);
create index attempts_ends on attempts (ends_at);

-- Mails to users, until they are sent. Each is written in the transaction that caused it. Whether there is a user
-- with the address, and the token of a link, is found when it is sent: the request that caused it does the same
-- for every address.
create table mails (
  id bigint generated always as identity primary key,
  kind text not null check (kind ~ '^[a-z][a-z_]{0,40}$'),
  email text not null check (length(email) between 3 and 254 and email = lower(email)),
  user_id integer references users on delete cascade, -- if it is only for this user
  account_id integer references accounts on delete cascade, -- that it is about
  -- What the text needs besides. Never a token; of sign-ups a password that is hashed.
  facts jsonb not null default '{}',
  origin text not null check (origin ~ '^https?://[^/]+$'), -- that its links begin with
  attempts smallint not null default 0,
  due_at timestamptz not null,
  claimed_until timestamptz,
  created_at timestamptz not null
);
create index mails_due on mails (due_at);
