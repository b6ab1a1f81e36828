-- What operators make of the catalog, and messages that they gave to an order.

-- Services of an operator's own have numbers beyond any that the catalog will give out. Of a service of the
-- catalog, the fields that an operator has set are left alone when a new version brings its facts.
create sequence service_ids start with 1000001;
alter table services add column set_by_operator text[] not null default '{}';

alter table pools add column description text not null default '' check (length(description) <= 300);

alter table messages add column assigned_at timestamptz; -- when an operator gave it to its order
