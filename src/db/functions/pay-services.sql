-- Pays for services of orders for several, each with its first code and from its own hold. Called by
-- `receive_messages`, under the locks of the orders and before it moves them.
-- A code without a service pays for the cheapest unpaid service: the customer must not pay more than the code may
-- be worth. If another code was requested, the code counts as the answer to that and pays for nothing.
-- It processes one message at a time, so that batching makes no difference: the rows are few, and this is rare.
create or replace function pay_services(p_now timestamptz, p_messages bigint[], p_transfers uuid[])
returns void language plpgsql as $$
declare
  message record;
  paid record;
  answered bigint[] := '{}'; -- orders for which a code was received in this call
begin
  for message in
    select m.id, m.order_id, m.service_id, o.account_id, o.currency, o.resend_pending, t.transfer_id
      from unnest(p_messages, p_transfers) t(id, transfer_id)
      join messages m on m.id = t.id and m.state = 'delivered' and m.code is not null
      join orders o on o.id = m.order_id and o.services is not null and o.hold_id is null
     order by m.id
  loop
    update order_services s set state = 'paid', paid_by = message.id, settled_at = p_now
      from (select w.order_id, w.place from order_services w
             where w.order_id = message.order_id and w.state = 'held'
               and case when message.service_id is not null then w.service_id = message.service_id
                     else not message.resend_pending or message.order_id = any (answered) end
             order by w.price, w.place limit 1) due
     where s.order_id = due.order_id and s.place = due.place
    returning s.hold_id, s.price into paid;
    if found then
      perform post_earned(
        p_now => p_now, p_post => array[message.transfer_id], p_hold => array[paid.hold_id],
        p_order => array[message.order_id], p_account => array[message.account_id],
        p_currency => array[message.currency], p_amount => array[paid.price]);
    end if;
    answered := answered || message.order_id;
  end loop;
end $$;
