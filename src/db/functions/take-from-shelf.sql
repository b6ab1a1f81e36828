-- Takes one number from a shelf for one service or for several together: the first one that none of them has used
-- and that begins with none of the excluded prefixes. A slower alternative to `take_one` for rare purchases. A
-- number that is not the next one is recorded in `taken_ahead`; when the cursor reaches it, it skips it. Returns
-- no row if the shelf has none.
--
-- Locks the stock's rows by service. At most 2,000 excluded numbers are examined.
create or replace function take_from_shelf(p_services integer[], p_shelf integer, p_unwanted text[])
returns table (number_id integer, phone text) language plpgsql
set enable_seqscan = off
as $$
declare
  cursors record;
  number record;
begin
  perform 1 from stock st where st.shelf_id = p_shelf and st.service_id = any (p_services)
    order by st.service_id for no key update;
  select max(st.next_position) as last, min(st.remaining) as least into cursors
    from stock st where st.shelf_id = p_shelf and st.service_id = any (p_services);
  if cursors.least = 0 then
    return;
  end if;

  select n.id, n.phone, n.position into number
    from (select m.id, m.phone, m.position from numbers m
           where m.shelf_id = p_shelf and m.state = 'active' and m.position >= cursors.last
             and not exists (select from taken_ahead t where t.shelf_id = p_shelf
               and t.service_id = any (p_services) and t.position = m.position)
           order by m.position limit 2000) n
   where not exists (select from unnest(p_unwanted) as w(prefix)
                      where starts_with(n.phone, '+' || w.prefix))
   order by n.position limit 1;

  if number.id is null then
    -- Only for one service: numbers are returned to each service separately.
    if cardinality(p_services) > 1 then
      return;
    end if;
    delete from returned_numbers rn
     where rn.position = (
       select r.position from returned_numbers r join numbers n on n.id = r.number_id
        where r.service_id = p_services[1] and r.shelf_id = p_shelf and n.state = 'active'
          and not exists (select from unnest(p_unwanted) as w(prefix)
                           where starts_with(n.phone, '+' || w.prefix))
        order by r.position limit 1)
    returning rn.number_id as id into number;
    if number.id is null then
      return;
    end if;
    insert into relet_numbers (number_id, service_id) values (number.id, p_services[1])
      on conflict do nothing;
    update stock st set remaining = st.remaining - 1
     where st.service_id = p_services[1] and st.shelf_id = p_shelf;
    return query select n.id, n.phone from numbers n where n.id = number.id;
    return;
  end if;

  -- If no unused number precedes it, advance the cursor; otherwise record it as taken ahead.
  insert into taken_ahead (service_id, shelf_id, position)
    select st.service_id, p_shelf, number.position from stock st
     where st.shelf_id = p_shelf and st.service_id = any (p_services)
       and exists (select from numbers n where n.shelf_id = p_shelf
         and n.position >= st.next_position and n.position < number.position);
  update stock st
     set remaining = st.remaining - 1,
         next_position = case when ahead.yes then st.next_position else number.position + 1 end,
         ahead = st.ahead + ahead.yes::integer
    from (select s.service_id, exists (select from taken_ahead t where t.service_id = s.service_id
                   and t.shelf_id = p_shelf and t.position = number.position) as yes
            from unnest(p_services) as s(service_id)) ahead
   where st.shelf_id = p_shelf and st.service_id = ahead.service_id;
  number_id := number.id;
  phone := number.phone;
  return next;
end $$;
