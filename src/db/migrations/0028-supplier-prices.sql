-- What the numbers of other platforms are sold for, by their costs; and in which pool, by which price list.
-- compatible with the version before

-- How a price is made of a cost (src/core/supply/margin.ts). A rule is for what it names; null: all of them.
create table margin_rules (
  id integer generated always as identity primary key,
  supplier_id integer references suppliers,
  service_id integer references services,
  country text references countries,
  percent bigint not null default 0 check (percent between 0 and 100000000), -- 1/10,000 of a percent
  fixed bigint not null default 0 check (fixed >= 0), -- in the base currency, like floor and cap
  floor bigint check (floor >= 0),
  cap bigint check (cap >= 0),
  rounding text check (rounding in ('0.01', '.99')), -- null: to 1/10,000
  constraint one_rule_for_each_place unique nulls not distinct (supplier_id, service_id, country),
  constraint floor_below_cap check (floor <= cap)
);

alter table suppliers
  add column pool text references pools, -- in which its products are on sale; null: none has been yet
  add column listed_at timestamptz; -- when the price list was read that was applied last

-- The supplier whose rules make the price; null: an operator has set it, and it stays.
alter table offers add column priced_by integer references suppliers;
