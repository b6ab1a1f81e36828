-- The limits of an account. The functions are inlined where they are called.

-- The orders that an account bought today, and how many of those it cancelled; days are UTC days.
create or replace function bought_today(u account_usage, p_now timestamptz) returns integer
language sql immutable as $$
  select case when u.day = (p_now at time zone 'utc')::date then u.bought_today else 0 end
$$;
create or replace function cancelled_today(u account_usage, p_now timestamptz) returns integer
language sql immutable as $$
  select case when u.day = (p_now at time zone 'utc')::date then u.cancelled_today else 0 end
$$;

-- Why an account may not create p_count orders more; null if it may. Its own limits replace the defaults, and a
-- limit that is null does not apply. A renewal counts as no order (0): it only needs an active account.
create or replace function limit_reached(
  a accounts, u account_usage, p_now timestamptz, p_count integer,
  p_max_open integer, p_max_day integer, p_max_cancelled integer
) returns text language sql immutable as $$
  select case
    when a.state <> 'active' then 'account_suspended'
    when p_count = 0 then null
    when coalesce(u.open_orders, 0) + p_count > coalesce(a.max_open_orders, p_max_open)
      then 'too_many_open_orders'
    when bought_today(u, p_now) + p_count > coalesce(a.max_orders_a_day, p_max_day)
      then 'daily_limit_reached'
    when bought_today(u, p_now) >= 20
      and cancelled_today(u, p_now) * 100
        > coalesce(a.max_cancelled_percent, p_max_cancelled) * bought_today(u, p_now)
      then 'too_many_cancelled' end
$$;
