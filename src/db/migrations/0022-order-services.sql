-- An order for several services holds the price of each by itself: a service is paid by its own first code, and
-- those without one are refunded when the order ends. Orders made before have one hold over the sum
-- (`orders.hold_id`) and no rows here; they end as they were sold, by the first code or by a refund of all.

create table order_services (
  order_id bigint not null,
  place smallint not null check (place between 1 and 5),
  service_id integer not null,
  offer_id integer not null,
  price bigint not null check (price >= 0), -- in the order's currency
  hold_id uuid not null unique,
  state text not null default 'held' check (state in ('held', 'paid', 'refunded')),
  paid_by bigint unique,                    -- the message whose code paid for it
  settled_at timestamptz,
  primary key (order_id, place),
  unique (order_id, service_id),
  constraint settled_has_time check ((settled_at is not null) = (state <> 'held')),
  constraint paid_by_a_message check ((paid_by is not null) = (state = 'paid'))
);

alter table orders
  alter column hold_id drop not null,
  drop constraint sound;
drop function order_is_sound;

create function order_is_sound(
  kind text, state text, service_id integer, country text, operator_id integer, pool text,
  number_id integer, email text, duration interval, received_at timestamptz, closed_at timestamptz,
  hold_id uuid, services integer[]
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
  elsif kind <> 'esim' or state not in ('allocating', 'failed', 'finished') then
    return false;
  end if;
  -- Only an order for several services has no hold of its own: each of its services has one.
  if hold_id is null and (services is null or kind <> 'activation') then
    return false;
  end if;
  return (closed_at is not null) = (state in ('finished', 'cancelled', 'expired', 'failed', 'ended'))
    and (state <> 'received' or received_at is not null)
    and (kind = 'rental') = (duration is not null)
    and case
      when kind in ('activation', 'rental') then service_id is not null and country is not null
        and operator_id is not null and pool is not null
        and (number_id is not null or state in ('allocating', 'failed'))
      when kind = 'email' then email is not null or state in ('allocating', 'failed')
      else true end;
end $$;
alter table orders add constraint sound check (order_is_sound(kind, state, service_id, country,
  operator_id, pool, number_id, email, duration, received_at, closed_at, hold_id, services));
