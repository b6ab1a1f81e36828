-- What other protocols call our services and countries. Written at each start from the catalog's data.
create table protocol_ids (
  dialect text not null check (dialect ~ '^[a-z][a-z-]{0,40}$'),
  kind text not null check (kind in ('service', 'country', 'operator')),
  ours text not null,   -- a service's id, a country's code
  theirs text not null check (length(theirs) between 1 and 100),
  primary key (kind, ours, dialect),
  unique (dialect, kind, theirs)
);
alter table services drop column handler_code, drop column fivesim_slug;
alter table countries drop column handler_id, drop column fivesim_slug;
