-- Gives stored messages to their orders, under the orders' locks: the order shows its newest code, a first code
-- posts its hold, and events are written. In an inbox the first readable email does so, too, and the window
-- becomes the domain's session: p_session has its seconds. It is null for an SMS, and for an email without
-- readable text, which is shown while the order continues to wait. A rental stays active: it was paid before.
-- Called by `receive_messages`, whose planner settings also apply here, and when an operator assigns a message or
-- marks its code right. In the last case it is not new (`p_is_new`): its order has counted it and told of it.
drop function if exists deliver_messages(timestamptz, text, bigint[], uuid[], integer[]);
create or replace function deliver_messages(
  p_now timestamptz, p_to text, p_message bigint[], p_transfer uuid[], p_session integer[],
  p_is_new boolean default true
) returns void language plpgsql as $$
declare
  earned record;
  lowest bigint; -- PostgreSQL looks only into the partitions between these two
  highest bigint;
begin
  select min(m.order_id), max(m.order_id) into lowest, highest
    from messages m where m.id = any (p_message) and m.state = 'delivered';
  if lowest is null then return; end if;

  with delivered as (
    select m.id, m.order_id, m.code, m.code_as_written, t.transfer_id, t.session
      from messages m
      join unnest(p_message, p_transfer, p_session) t(id, transfer_id, session) on t.id = m.id
     where m.state = 'delivered'
  ), per_order as (
    select d.order_id, count(*) as messages, min(d.transfer_id::text)::uuid as transfer_id,
           max(d.session) as session,
           (array_agg(d.code order by d.id desc) filter (where d.code is not null))[1] as code,
           (array_agg(d.code_as_written order by d.id desc)
             filter (where d.code is not null))[1] as code_as_written
      from delivered d group by d.order_id
  ), before as (
    select o.id, o.state from orders o join per_order p on p.order_id = o.id
     where o.id between lowest and highest
  ), moved as (
    update orders o
       set message_count = o.message_count + case when p_is_new then p.messages else 0 end,
           resend_pending = o.resend_pending and p.code is null and p.session is null,
           code = coalesce(p.code, o.code),
           code_as_written = case when p.code is null then o.code_as_written
             else p.code_as_written end,
           state = case when o.state <> 'active' and (p.code is not null or p.session is not null)
             then p_to else o.state end,
           received_at = case when p.code is null and p.session is null then o.received_at
             else coalesce(o.received_at, p_now) end,
           expires_at = case
             when p.session is not null and (o.state <> p_to or o.resend_pending)
             then p_now + make_interval(secs => p.session) else o.expires_at end
      from per_order p
     where o.id = p.order_id and o.id between lowest and highest
    returning o.id, o.account_id, o.hold_id, o.price, o.currency, o.state, p.code, p.transfer_id
  ), told as (
    insert into events (account_id, type, order_id, data, created_at)
    select e.account_id, e.type, e.order_id, e.data, p_now
      from (
        select d.id as rank, 0 as kind, m.account_id, 'message.received' as type, d.order_id,
               jsonb_build_object('message_id', d.id) as data
          from delivered d join moved m on m.id = d.order_id
         where p_is_new
        union all
        select 0, 1, m.account_id, 'order.code_received', m.id, '{}' from moved m where m.code is not null
      ) e order by e.kind, e.rank
  )
  select array_agg(m.transfer_id) as posts, array_agg(m.hold_id) as holds, array_agg(m.id) as orders,
         array_agg(m.account_id) as accounts, array_agg(m.currency) as currencies,
         array_agg(m.price) as prices
    into earned
    from moved m join before b on b.id = m.id and b.state <> m.state
   where m.hold_id is not null;

  -- The sweep of deadlines finds an inbox's order by the inbox.
  if cardinality(array_remove(p_session, null)) > 0 then
    update inboxes i set until = o.expires_at
      from messages m join orders o on o.id = m.order_id and o.id between lowest and highest
     where m.id = any (p_message) and m.state = 'delivered' and i.order_id = o.id and i.until <> o.expires_at;
  end if;

  if earned.holds is not null then
    perform post_earned(
      p_now => p_now, p_post => earned.posts, p_hold => earned.holds, p_order => earned.orders,
      p_account => earned.accounts, p_currency => earned.currencies, p_amount => earned.prices);
  end if;
end $$;
