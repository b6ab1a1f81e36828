-- Deposits by gateways: our own reference at each, what they say was paid, what an operator must decide.

alter table deposits
  drop constraint deposits_state_check,
  drop constraint paid_has_time,
  add column reference text,     -- by which a gateway knows it: ours, the same at every try
  add column origin text not null default '' check (length(origin) <= 300), -- what its links begin with
  add column gateway_ref text check (length(gateway_ref) between 1 and 200), -- theirs; null: no invoice yet
  add column checkout_url text check (length(checkout_url) between 1 and 2000), -- the gateway's own page
  add column instructions text check (length(instructions) between 1 and 2000), -- how to pay, for people
  add column problem text
    check (problem in ('late', 'partial', 'over', 'wrong_currency', 'refused')),
  add column paid_amount bigint check (paid_amount >= 0), -- what the gateway says came, in `paid_currency`
  add column paid_currency text check (paid_currency ~ '^[A-Z0-9]{3,10}$'),
  add column credited bigint check (credited > 0),        -- by the deposit's one credit
  add column surplus bigint check (surplus > 0),          -- credited later by an operator: what came beyond
  add column confirming boolean not null default false,   -- paid, and not yet beyond recall (chains)
  add column check_at timestamptz, -- when the gateway is asked next; null: never again
  add column checks integer not null default 0,
  add column refund text check (refund in ('owed', 'sent', 'by_hand', 'refused')),
  add column refunded_at timestamptz;

update deposits set reference = 'NL' || lpad(id::text, 12, '0'),
  credited = case when state = 'success' then amount end,
  gateway_ref = 'NL' || lpad(id::text, 12, '0'),
  paid_amount = case when state = 'success' then total end,
  paid_currency = case when state = 'success' then currency end;

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

alter table deposits
  alter column reference set not null,
  add constraint deposits_reference_key unique (reference),
  add constraint deposits_reference_form check (reference ~ '^NL[0-9A-Z]{12}$'),
  add constraint deposits_state_check
    check (state in ('pending', 'success', 'expired', 'failed', 'review', 'refunded')),
  add constraint sound
    check (deposit_is_sound(state, credited, surplus, paid_at, problem, refund, refunded_at));
drop index deposits_deadline;
create index deposits_deadline on deposits (expires_at) where state = 'pending' and not confirming;
create index deposits_to_check on deposits (check_at) where check_at is not null;
create index deposits_by_gateway_ref on deposits (gateway, gateway_ref);
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
