-- Late messages: those that came after their activation was over. Its customer can pay for the codes of a day
-- (src/core/orders/claim.ts), and sees nothing of them before.

-- Keeps those of the stored messages that are late and can only be for their order's customer (`p_sure`): they can
-- be claimed. If the order was claimed before, they are the customer's at once. The caller has locked the orders.
-- Called by `receive_messages`, whose planner settings also apply here.
create or replace function keep_late_messages(p_now timestamptz, p_message bigint[], p_sure boolean[])
returns void language plpgsql as $$
declare
  kept bigint[];
  kept_for bigint[];
begin
  with late as (
    update messages m set claimable = true
      from unnest(p_message, p_sure) s(id, sure), orders o
     where m.id = s.id and s.sure and m.state = 'late' and o.id = m.order_id
       -- The services of an order for several have no price of their own once it is over.
       and o.kind = 'activation' and o.hold_id is not null
       -- One that waits is over, and not swept yet.
       and o.state in ('waiting', 'cancelled', 'expired')
       and p_now < late_end(o.closed_at, o.expires_at)
       and not exists (
         select from leases l
          where l.number_id = o.number_id and l.service_id = o.service_id and l.order_id <> o.id
            and (l.ended_at is null or l.order_id > o.id))
    returning m.id, m.order_id
  )
  select array_agg(l.id), array_agg(distinct l.order_id) into kept, kept_for from late l;
  if kept is null then return; end if;
  perform give_claimed(p_now, array(
    select m.id from messages m join orders o on o.id = m.order_id
     where m.id = any (kept) and o.claimed_at is not null));
  perform review_late_codes(p_now, kept_for);
end $$;

-- The end of the day after an order in which late codes come, and can be claimed. An overdue order is over before
-- it is closed.
create or replace function late_end(closed_at timestamptz, expires_at timestamptz) returns timestamptz
language sql immutable as $$
  select least(closed_at, expires_at) + interval '24 hours'
$$;

-- Gives late messages to the customer who has paid for them: the order shows them and the newest code. The caller
-- has locked the orders.
create or replace function give_claimed(p_now timestamptz, p_message bigint[]) returns void
language plpgsql as $$
begin
  with given as (
    update messages m set state = 'claimed' where m.id = any (p_message) and m.state = 'late'
    returning m.id, m.order_id, m.account_id, m.code, m.code_as_written
  ), told as (
    insert into events (account_id, type, order_id, data, created_at)
    select g.account_id, 'message.received', g.order_id, jsonb_build_object('message_id', g.id), p_now
      from given g order by g.id
  ), per_order as (
    select g.order_id, count(*) as messages,
           (array_agg(g.code order by g.id desc) filter (where g.code is not null))[1] as code,
           (array_agg(g.code_as_written order by g.id desc)
             filter (where g.code is not null))[1] as code_as_written
      from given g group by g.order_id
  )
  update orders o
     set message_count = o.message_count + p.messages, code = coalesce(p.code, o.code),
         code_as_written = case when p.code is null then o.code_as_written else p.code_as_written end
    from per_order p where o.id = p.order_id;
end $$;

-- Sets whether orders have a late code to claim, by the messages that they have. A customer is told when a closed
-- order gets its first one; of an order that closes with one `move` tells (src/core/orders/lifecycle.ts).
create or replace function review_late_codes(p_now timestamptz, p_order bigint[]) returns void
language plpgsql as $$
begin
  with found as (
    select o.id, exists (
             select from messages m
              where m.order_id = o.id and m.state = 'late' and m.claimable and m.code is not null) as has_code
      from orders o where o.id = any (p_order) and o.claimed_at is null
  ), changed as (
    update orders o set late_until = case when f.has_code then late_end(o.closed_at, o.expires_at) end
      from found f
     where o.id = f.id and f.has_code <> (o.late_until is not null)
    returning o.id, o.account_id, o.closed_at, o.late_until
  )
  insert into events (account_id, type, order_id, created_at)
  select c.account_id, 'order.late_code', c.id, p_now from changed c
   where c.late_until > p_now and c.closed_at is not null order by c.id;
end $$;
