-- Numbers of other platforms, asked for at the moment of the order: what they offer (sources), what became of each
-- request (allocations), and their money. Own numbers have none of these rows.

-- How a supplier that is asked for numbers is asked.
alter table suppliers
  add column currency text, -- null: it is not asked for numbers
  add column paused_until timestamptz, -- null: until an operator resumes it
  add column ask_timeout_ms integer not null default 5000 check (ask_timeout_ms between 100 and 30000),
  add column max_asking integer not null default 20 check (max_asking between 1 and 10000),
  add column daily_limit bigint check (daily_limit >= 0), -- in its currency; null: none
  add constraint suppliers_paused check (paused_until is null or state = 'paused');

-- What a supplier was asked for and got on a day (UTC), in its currency. The claim of a request locks the row.
create table supplier_usage (
  supplier_id integer not null,
  day date not null,
  asking bigint not null default 0 check (asking >= 0), -- the maximum costs of requests that are under way
  spent bigint not null default 0,
  primary key (supplier_id, day)
);

-- A supplier's product that serves an offer.
create table sources (
  id integer generated always as identity primary key,
  offer_id integer not null references offers,
  supplier_id integer not null references suppliers,
  product text not null check (length(product) between 1 and 200), -- how the supplier names it
  cost bigint not null check (cost >= 0), -- as listed, in the supplier's currency
  stock_seen integer not null default 0 check (stock_seen >= 0),
  seen_at timestamptz not null,
  trust smallint not null default 100 check (trust between 0 and 100), -- percent of the stock that is shown
  empty_streak integer not null default 0 check (empty_streak >= 0), -- how often it was empty in a row
  hidden_until timestamptz,
  weight smallint not null default 100 check (weight between 0 and 1000),
  state text not null default 'on' check (state in ('on', 'off')),
  unique (offer_id, supplier_id, product)
);

-- The numbers that suppliers show for a row of stock, less what was sold since. A row is for sale with either.
alter table stock
  add column upstream integer not null default 0 check (upstream >= 0),
  drop column for_sale;
alter table stock
  add column shown integer not null generated always as (remaining + upstream) stored,
  add column for_sale boolean not null generated always as
    ((remaining > 0 or upstream > 0) and offer_id is not null and not closed) stored;
create index stock_cheapest_in_country on stock (service_id, country, price) where for_sale;
create index stock_cheapest on stock (service_id, price) where for_sale;

alter table orders
  add column allocation_id bigint, -- the allocation whose number it has
  add column allocate_by timestamptz, -- an order without its number fails then
  add column fail_reason text check (length(fail_reason) <= 100),
  add column cancel_requested_at timestamptz; -- the customer wants it cancelled, and the supplier is being asked

-- As before, and: a number of an order that has one is ours, or an allocation's; and an order that has none yet
-- knows until when.
create function order_is_sound(
  kind text, state text, service_id integer, country text, operator_id integer, pool text,
  number_id integer, email text, duration interval, received_at timestamptz, closed_at timestamptz,
  hold_id uuid, services integer[], allocation_id bigint, allocate_by timestamptz
) returns boolean language plpgsql immutable parallel safe as $$
begin
  -- Which states each kind knows; the moves between them: src/core/orders/order.ts.
  if kind in ('activation', 'email') then
    if state not in ('allocating', 'failed', 'waiting', 'received', 'finished', 'cancelled',
        'expired') then
      return false;
    end if;
  elsif kind = 'rental' then
    if state not in ('allocating', 'failed', 'active', 'cancelled', 'ended') then
      return false;
    end if;
  elsif kind <> 'esim' or state not in ('allocating', 'failed', 'finished', 'cancelled') then
    return false;
  end if;
  -- Only an order for several services has no hold of its own: each of its services has one.
  if hold_id is null and (services is null or kind <> 'activation') then
    return false;
  end if;
  return (closed_at is not null) = (state in ('finished', 'cancelled', 'expired', 'failed', 'ended'))
    and (state <> 'allocating' or allocate_by is not null)
    and (state <> 'received' or received_at is not null)
    and (kind = 'rental') = (duration is not null)
    and (number_id is null or allocation_id is null)
    and case
      when kind in ('activation', 'rental') then service_id is not null and country is not null
        and operator_id is not null and pool is not null
        and (number_id is not null or allocation_id is not null
          or state in ('allocating', 'failed', 'cancelled'))
      when kind = 'email' then email is not null or state in ('allocating', 'failed', 'cancelled')
      else true end;
end $$;
update orders set allocate_by = expires_at where state = 'allocating';
-- Validated by the next migration, beside the work.
alter table orders drop constraint sound;
alter table orders add constraint sound check (order_is_sound(kind, state, service_id, country,
  operator_id, pool, number_id, email, duration, received_at, closed_at, hold_id, services, allocation_id,
  allocate_by)) not valid;
drop function order_is_sound(text, text, integer, text, integer, text, integer, text, interval, timestamptz,
  timestamptz, uuid, integer[]);

-- What an allocation is, in one CHECK (docs/decisions/0008-one-check.md).
create function allocation_is_sound(
  state text, asked_at timestamptz, lease_until timestamptz, max_cost bigint, upstream_ref text, phone text,
  cost bigint, cost_hold_id uuid, cost_state text, last_word text
) returns boolean language plpgsql immutable parallel safe as $$
begin
  return (state in ('planned', 'refused') or (asked_at is not null and max_cost is not null))
    and (state = 'asking') = (lease_until is not null)
    and (state not in ('got', 'given_up') or upstream_ref is not null)
    and (state <> 'got' or phone is not null)
    and (upstream_ref is null or state in ('asking', 'unknown', 'got', 'given_up'))
    -- What came is paid for from its first moment until the supplier's last word.
    and (cost_state <> 'none') = (upstream_ref is not null)
    and (cost_hold_id is not null) = (cost_state <> 'none')
    and (cost is not null) = (cost_state <> 'none')
    and (last_word is null or cost_state in ('posted', 'voided'));
end $$;

-- A request for a number, and what became of it at its supplier. The order goes its own way: an allocation ends
-- with the supplier's last word, whatever has become of the order.
create table allocations (
  id bigint generated always as identity primary key,
  order_id bigint not null,
  purpose text not null default 'buy' check (purpose in ('buy', 'replace', 'again', 'renew')),
  supplier_id integer not null,
  source_id integer not null,
  attempt smallint not null check (attempt between 1 and 4),
  state text not null default 'planned'
    check (state in ('planned', 'asking', 'got', 'given_up', 'refused', 'unknown')),
  request_key text not null check (request_key ~ '^[0-9a-f-]{32,36}$'), -- of each repetition of the request
  unwanted text[], -- prefixes that the customer does not want; null: none
  via text[], -- the platforms that the order came through; null: none
  created_at timestamptz not null,
  allocate_by timestamptz not null, -- as the order has it
  -- The request. A claim is written before its first byte.
  asked_at timestamptz,
  lease_until timestamptz,
  claims integer not null default 0 check (claims >= 0),
  max_cost bigint check (max_cost >= 0),
  price_base bigint not null check (price_base >= 0), -- the offer's price when it was sold, in the base currency
  rate numeric check (rate > 0), -- a unit of the base currency in the supplier's, when it was asked
  currency text not null, -- the supplier's
  -- The answer.
  upstream_ref text check (length(upstream_ref) between 1 and 200),
  phone text check (phone ~ '^\+[1-9][0-9]{5,14}$'),
  operator_told text check (length(operator_told) <= 100),
  ends_at timestamptz,
  cancel_after timestamptz,
  resend_epoch integer not null default 0 check (resend_epoch >= 0),
  -- When it is next looked at: the supplier is asked whether it knows the request, or has a code.
  poll_at timestamptz,
  polls integer not null default 0 check (polls >= 0),
  -- What it costs, in the supplier's currency.
  cost bigint check (cost >= 0),
  cost_told boolean not null default false, -- otherwise it is the listed one
  cost_hold_id uuid,
  cost_state text not null default 'none' check (cost_state in ('none', 'held', 'posted', 'voided')),
  over_since timestamptz, -- when its supplier first said that it was over, without being asked to end it
  last_word text check (last_word in ('charged', 'refunded')),
  last_word_at timestamptz,
  error text check (length(error) <= 300), -- why it was refused or given up, for operators
  constraint last_word_has_time check ((last_word is null) = (last_word_at is null)),
  constraint sound check (allocation_is_sound(state, asked_at, lease_until, max_cost, upstream_ref, phone, cost,
    cost_hold_id, cost_state, last_word))
) with (fillfactor = 70);
create unique index allocations_request on allocations (request_key);
create unique index allocations_reference on allocations (supplier_id, upstream_ref)
  where upstream_ref is not null;
create unique index allocations_under_way on allocations (order_id, purpose) where state in ('planned', 'asking');
create unique index allocations_unknown on allocations (order_id, supplier_id) where state = 'unknown';
create unique index allocations_got on allocations (order_id) where state = 'got' and purpose <> 'renew';
create unique index allocations_cost on allocations (cost_hold_id) where cost_hold_id is not null;
create index allocations_of_order on allocations (order_id, id);
create index allocations_of_source on allocations (source_id, created_at);
create index allocations_planned on allocations (supplier_id, id) where state = 'planned';
create index allocations_asking on allocations (lease_until) where state = 'asking';
create index allocations_undecided on allocations (allocate_by) where state in ('planned', 'asking', 'unknown');
create index allocations_to_poll on allocations (supplier_id, poll_at) where poll_at is not null;
create index allocations_unsettled on allocations (id) where cost_state = 'held';
create trigger allocations_in_epoch before insert on allocations
  for each statement execute function assert_epoch();

-- A supplier's number that an order has for its service. Ended ones are kept: a number that was let once for a
-- service is not let again for it.
create table upstream_leases (
  order_id bigint primary key,
  allocation_id bigint not null unique,
  service_id integer not null,
  account_id integer not null,
  phone text not null,
  starts_at timestamptz not null,
  until timestamptz not null, -- equal to the order's `expires_at`, as long as the lease is open
  ended_at timestamptz,
  -- One open lease for a number and service at a time, over all suppliers: nulls are alike here.
  constraint one_open_upstream_lease unique nulls not distinct (phone, service_id, ended_at)
);
create index upstream_leases_due on upstream_leases (until) where ended_at is null;

-- What a supplier is to be told about a number: written with the change that wants it, and repeated until the
-- supplier has answered.
create table supplier_commands (
  id bigint generated always as identity primary key,
  allocation_id bigint not null,
  supplier_id integer not null,
  verb text not null check (verb in ('cancel', 'finish', 'resend', 'ban')),
  state text not null default 'open' check (state in ('open', 'done', 'refused', 'superseded')),
  asked_by text not null check (asked_by in ('customer', 'order', 'supply', 'operator')),
  made_at timestamptz not null,
  due_at timestamptz not null, -- until then it belongs to whoever works on it
  claims integer not null default 0 check (claims >= 0),
  ended_at timestamptz,
  answer text check (length(answer) <= 300),
  constraint ended_has_time check ((state = 'open') = (ended_at is null))
) with (fillfactor = 70);
create unique index supplier_commands_open on supplier_commands (allocation_id) where state = 'open';
create index supplier_commands_due on supplier_commands (supplier_id, due_at) where state = 'open';
create index supplier_commands_of_allocation on supplier_commands (allocation_id, id);
create trigger supplier_commands_in_epoch before insert on supplier_commands
  for each statement execute function assert_epoch();

-- Where what a supplier says differs from what is right or was booked. It is open until a person settles it.
create table differences (
  id bigint generated always as identity primary key,
  supplier_id integer not null,
  kind text not null
    check (kind in ('wrong_charge', 'refund_missing', 'charge_after_refund', 'balance', 'foreign_order')),
  allocation_id bigint,
  expected bigint not null,
  found bigint not null,
  currency text not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  times integer not null default 1 check (times > 0),
  state text not null default 'open' check (state in ('open', 'settled')),
  settled_by text,
  reason text check (length(reason) between 1 and 500),
  transfer_id uuid, -- what it was settled with; null: nothing had to move
  settled_at timestamptz,
  constraint settled_has_all check ((state = 'settled') = (settled_at is not null)
    and (settled_at is null) = (settled_by is null) and (settled_at is null) = (reason is null))
);
-- A difference grows, and is not repeated.
create unique index differences_open on differences (supplier_id, kind, allocation_id) nulls not distinct
  where state = 'open';
create trigger differences_in_epoch before insert on differences
  for each statement execute function assert_epoch();

-- The accounts of a supplier, in its currency: what we have with it (prepaid), what it may yet return (at_risk),
-- what its numbers cost, and what was lost; and where the money for them comes from (funding).
alter table ledger_accounts
  add column supplier_id integer,
  drop constraint ledger_accounts_kind_check,
  drop constraint ledger_accounts_kind_account_id_currency_key,
  add constraint ledger_accounts_kind_check check (kind in ('customer', 'escrow', 'revenue', 'deposits',
    'adjustments', 'prepaid', 'at_risk', 'cost', 'losses', 'funding')),
  add constraint ledger_accounts_one unique nulls not distinct (kind, account_id, supplier_id, currency),
  add constraint suppliers_accounts
    check ((supplier_id is not null) = (kind in ('prepaid', 'at_risk', 'cost', 'losses')));

-- Posts, voids, releases and refunds name their hold, those of suppliers as well.
create or replace function transfer_is_sound(kind text, debit_id integer, credit_id integer, hold_id uuid)
returns boolean language plpgsql immutable parallel safe as $$
begin
  return debit_id <> credit_id and case
    when hold_id is null then kind in ('hold', 'credit', 'debit', 'deposit',
      'supply_hold', 'supply_charge', 'supply_adjust', 'supplier_topup')
    else kind in ('post', 'void', 'release', 'refund', 'supply_post', 'supply_void', 'supply_refund',
      'supply_adjust') end;
end $$;

-- What a line of a purchase takes from: a shelf's number, or a source.
alter type purchase_line add attribute source_id integer;
