-- Where numbers come from: each import is a batch, which says who owns its numbers and by what right they are let.

create table number_batches (
  id integer generated always as identity primary key,
  supplier_id integer not null references suppliers,
  country text not null references countries,
  operator_id integer not null references operators,
  pool text not null references pools,
  source text not null check (length(source) between 1 and 200), -- the name of the file
  -- Provenance, in the operator's words. The setting `require_provenance` says whether it may be absent.
  owner text check (length(owner) between 1 and 500),
  contract text check (length(contract) between 1 and 500),
  consent text check (length(consent) between 1 and 500),
  actor text not null,
  reason text,
  -- What became of its lines. Known: numbers that were in stock before.
  added integer not null default 0 check (added >= 0),
  known integer not null default 0 check (known >= 0),
  refused integer not null default 0 check (refused >= 0),
  created_at timestamptz not null
);
create trigger number_batches_in_epoch before insert on number_batches
  for each statement execute function assert_epoch();

-- Lines that were not imported, and why. Never what they said.
create table refused_lines (
  batch_id integer not null references number_batches,
  line bigint not null check (line >= 1),
  problem text not null check (length(problem) <= 200),
  primary key (batch_id, line)
);

alter table numbers
  add column batch_id integer, -- null: imported before there were batches
  -- Why it is out of sale; null of one that is disabled: an operator's decision.
  add column disabled_by text,
  add column disabled_at timestamptz,
  add constraint disabled_for_a_reason check (disabled_by is null
    or (state = 'disabled' and disabled_by in ('operator', 'batch', 'silent')));
create index numbers_of_batch on numbers (batch_id, shelf_id, position) where batch_id is not null;
create index numbers_out_of_sale on numbers (supplier_id, disabled_by) where state = 'disabled';

-- A number out of sale is not returned to it: it waits with those that rest, until it is active again.
insert into resting_numbers (number_id, service_id, shelf_id, until)
  select r.number_id, r.service_id, r.shelf_id, now()
    from returned_numbers r join numbers n on n.id = r.number_id and n.state = 'disabled'
  on conflict do nothing;
delete from returned_numbers r using numbers n where n.id = r.number_id and n.state = 'disabled';
