-- Deadlines are found by the open lease or inbox of an order, and orders have no index that a change of state
-- touches: an update of an order stays in its page and adds nothing to any index
-- (docs/decisions/0015-updates-that-touch-no-index.md).

drop index orders_deadline, orders_resend, orders_to_remind;
-- Room for the versions of a page's orders between two prunings.
alter table orders set (fillfactor = 70);

-- Equal to the order's `expires_at`, as long as the lease is open.
update leases l set until = o.expires_at from orders o
 where o.id = l.order_id and l.ended_at is null and l.until <> o.expires_at;
-- Of a rental: when the customer is next told that it ends soon.
alter table leases add column remind_at timestamptz;
update leases l set remind_at = o.remind_at from orders o where o.id = l.order_id and o.remind_at is not null;
alter table orders drop column remind_at;
create index leases_due on leases (until) where ended_at is null;
create index leases_to_remind on leases (remind_at) where ended_at is null and remind_at is not null;

alter table inboxes add column until timestamptz; -- equal to the order's `expires_at`, as long as it is open
update inboxes i set until = o.expires_at from orders o where o.id = i.order_id;
update inboxes set until = opened_at where until is null; -- of an order that is gone; the audit reports it
alter table inboxes alter column until set not null;
create index inboxes_due on inboxes (until) where ended_at is null;

-- Which orders had a number, for an operator who looks it up. A row is written when the lease is forgotten.
create table past_leases (
  number_id integer not null,
  order_id bigint not null,
  primary key (number_id, order_id)
);
insert into past_leases
  select number_id, id from orders where number_id is not null and closed_at is not null order by 1, 2;
