-- Test services, for integrators: each ends its orders in one known way. They are made with the demo data alone,
-- and no list shows them unless it is asked for them.
alter table services add column test text
  check (test in ('now', 'late', 'two', 'never', 'none_left', 'fails', 'slow'));

-- A test service sells no number of a real supplier.
create function has_simulated_numbers(shelf integer) returns boolean language sql stable as $$
  select exists (select from numbers n
                   join suppliers s on s.id = n.supplier_id and s.kind = 'simulator'
                  where n.shelf_id = shelf)
$$;
