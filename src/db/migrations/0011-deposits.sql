-- Incoming payments: what is to be paid, what gateways say was paid, and what an operator must decide.

create function deposit_is_sound(state text, credited bigint, surplus bigint, paid_at timestamptz,
  problem text, refund text, refunded_at timestamptz)
returns boolean language plpgsql immutable parallel safe as $$
begin
  return (paid_at is not null) = (state in ('success', 'review', 'refunded'))
    and case state
      when 'success' then credited is not null
      when 'refunded' then true
      else credited is null end
    and (surplus is null or credited is not null)
    and (state <> 'review' or problem in ('late', 'partial', 'wrong_currency'))
    and (state <> 'success' or problem is null or problem = 'over')
    and (refund is not null) = (state = 'refunded')
    and (refunded_at is not null) = (state = 'refunded');
end $$;

create table deposits (
  id bigint generated always as identity (start with 1001) primary key,
  account_id integer not null references accounts,
  -- Ours: gateways know the deposit by it, and payers write it on a bank transfer. The same at every try.
  reference text not null unique constraint deposits_reference_form check (reference ~ '^NL[0-9A-Z]{12}$'),
  gateway text not null check (gateway ~ '^[a-z0-9-]{1,40}$'),
  state text not null default 'pending'
    check (state in ('pending', 'success', 'expired', 'failed', 'review', 'refunded')),
  amount bigint not null check (amount > 0),     -- what the account is credited
  total bigint not null check (total >= amount), -- what is to be paid, including fees
  currency text not null references currencies,
  -- How to pay.
  pay_token text not null unique check (pay_token ~ '^[0-9A-Za-z]{32}$'), -- opens the payer's page
  origin text not null default '' check (length(origin) <= 300), -- what its links begin with
  gateway_ref text check (length(gateway_ref) between 1 and 200), -- the gateway's; null: no invoice yet
  checkout_url text check (length(checkout_url) between 1 and 2000), -- the gateway's own page
  instructions text check (length(instructions) between 1 and 2000), -- for people
  qris text check (length(qris) between 1 and 1000), -- a QR code's EMV payload, of gateways that have one
  -- What was paid.
  paid_amount bigint check (paid_amount >= 0), -- as the gateway says, in `paid_currency`
  paid_currency text check (paid_currency ~ '^[A-Z0-9]{3,10}$'),
  confirming boolean not null default false, -- paid, but not final yet (block chains)
  credited bigint check (credited > 0),      -- by the deposit's one credit
  problem text check (problem in ('late', 'partial', 'over', 'wrong_currency', 'refused')),
  surplus bigint check (surplus > 0),        -- what was paid too much, once an operator has credited it
  refund text check (refund in ('owed', 'sent', 'by_hand', 'refused')),
  check_at timestamptz, -- when the gateway is asked next; null: never again
  checks integer not null default 0,
  -- What the customer wrote on it (limits: src/core/annotations.ts); null: nothing.
  customer_reference varchar(200),
  metadata jsonb check (jsonb_typeof(metadata) = 'object'),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  paid_at timestamptz,
  refunded_at timestamptz,
  constraint expires_later check (expires_at > created_at),
  constraint sound
    check (deposit_is_sound(state, credited, surplus, paid_at, problem, refund, refunded_at))
);
create index deposits_of_account on deposits (account_id, id);
create index deposits_by_customer_reference on deposits (account_id, customer_reference, id)
  where customer_reference is not null;
create index deposits_by_gateway_ref on deposits (gateway, gateway_ref);
create index deposits_deadline on deposits (expires_at) where state = 'pending' and not confirming;
create index deposits_to_check on deposits (check_at) where check_at is not null;
create index deposits_for_operators on deposits (id) where problem is not null;

-- What gateways told us, each notice once, however often it came. Never its text.
create table deposit_notices (
  gateway text not null,
  notice_id text not null check (length(notice_id) between 1 and 200),
  deposit_id bigint not null,
  kind text not null check (length(kind) <= 100),
  times integer not null default 1,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (gateway, notice_id)
);
create index deposit_notices_of_deposit on deposit_notices (deposit_id, first_at);
