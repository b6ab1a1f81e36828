-- How suppliers are ranked for an order, and what their numbers have brought.
-- compatible with the version before

-- By what the sources of an offer are ranked. A policy is for what it names; null: all. None: the cheapest first.
create table routing_policies (
  service_id integer references services,
  country text references countries,
  policy text not null check (policy in ('cheapest', 'best', 'balanced', 'weighted')),
  constraint one_policy_for_each_place unique nulls not distinct (service_id, country)
);

alter table suppliers
  -- Its part of the orders, beside those of the others, where the policy is `weighted`.
  add column weight smallint not null default 100 check (weight between 0 and 1000),
  -- Of its numbers: how many of a hundred had a code. Null: there are none yet.
  add column delivered_share real check (delivered_share between 0 and 1);

-- What the last numbers of a source have brought.
create table source_results (
  source_id integer primary key,
  numbers integer not null check (numbers > 0), -- whose orders are over, or had a code
  delivered integer not null check (delivered between 0 and numbers),
  share real not null check (share between 0 and 1), -- delivered, weighed with what its supplier's others brought
  seconds real check (seconds >= 0) -- from the request to the code, the median; null: there was none
);
