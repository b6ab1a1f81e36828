-- An order that is withdrawn while it is being allocated has nothing yet: no number, no address.

create or replace function order_is_sound(
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
  elsif kind <> 'esim' or state not in ('allocating', 'failed', 'finished', 'cancelled') then
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
        and (number_id is not null or state in ('allocating', 'failed', 'cancelled'))
      when kind = 'email' then email is not null or state in ('allocating', 'failed', 'cancelled')
      else true end;
end $$;
