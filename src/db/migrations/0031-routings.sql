-- What was weighed when a supplier was chosen for an order, for operators.
-- compatible with the version before

-- A row for each choice: at the purchase (attempt 1), and for each next source.
create table routings (
  order_id bigint not null,
  attempt smallint not null,
  made_at timestamptz not null,
  policy text not null, -- by what sources are ranked
  candidates jsonb not null, -- the chosen one first, if any; each with why it was passed over
  primary key (order_id, attempt)
);
create index routings_made_at on routings (made_at);
