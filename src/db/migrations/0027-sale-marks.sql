-- How far each service had come on the shelves of numbers that went out of sale. When the numbers are back, those
-- that a service has passed by meanwhile return to it: it has not used them.

create sequence sale_mark_ids;
create table sale_marks (
  mark_id bigint not null, -- of all numbers that went out of sale together
  shelf_id integer not null,
  service_id integer not null,
  next_position integer not null,
  primary key (mark_id, shelf_id, service_id)
);
alter table numbers add column mark_id bigint; -- null: active, or out of sale since before there were marks
create index numbers_of_mark on numbers (mark_id) where mark_id is not null;
