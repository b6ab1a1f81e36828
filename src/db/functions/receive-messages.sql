-- Stores many messages in one transaction and gives them to their orders. Which order a message belongs to was
-- decided before (src/core/messages/match.ts, src/core/inboxes/inbox.ts). Whether that order is still open is
-- decided here, under its row's lock. What a message does to its order is in deliver-messages.sql; in an order for
-- several services the first code of each service posts that service's hold (pay-services.sql).
-- A message that was stored before (same supplier and reference) changes nothing, and the result is that of the
-- first time. A text with the fingerprint of another one within `p_within` (src/core/messages/fingerprint.ts) is a
-- repeat: it is stored as one, changes nothing, and the result is that of the first message.
drop function if exists receive_messages(timestamptz, text[], text, integer[], text[], text[], text[], integer[],
  text[], text[], text[], text[], bigint[], integer[], uuid[], text[], text[], text[], text[], integer[], bigint[],
  interval);
drop function if exists receive_messages(timestamptz, text[], text, integer[], text[], text[], text[], integer[],
  text[], text[], text[], text[], bigint[], integer[], uuid[], text[], text[], text[], text[], integer[], bigint[],
  interval, text[]);
create or replace function receive_messages(
  p_now timestamptz, p_from text[], p_to text,
  p_supplier integer[], p_ref text[], p_channel text[], p_phone text[], p_number integer[],
  p_sender text[], p_text text[], p_code text[], p_as_written text[], p_order bigint[],
  p_service integer[], p_transfer uuid[],
  p_address text[], p_subject text[], p_html text[], p_headline text[], p_session integer[],
  p_fingerprint bigint[], p_within interval, p_links text[], -- each is JSON
  p_sure boolean[] default null -- whether it can be for no other order
) returns table (item integer, message_id bigint, state text, order_id bigint, account_id integer,
  duplicate boolean) language plpgsql
set plan_cache_mode = force_generic_plan
-- Always plan for a few rows of large tables, whatever the statistics of a recently empty table say.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  ids bigint[];
  firsts bigint[];
  fresh bigint[];
  lowest bigint; -- PostgreSQL looks only into the partitions between these two
  highest bigint;
  has_shared boolean; -- whether one of the orders has a hold for each of its services
  has_late boolean;
begin
  perform hold_epoch();
  -- Duplicates on two nodes wait for each other here, and the second sees the first one's row below.
  perform pg_advisory_xact_lock(f.fingerprint)
     from (select distinct f.fingerprint from unnest(p_fingerprint) f(fingerprint)
            where f.fingerprint is not null order by 1) f;
  select min(o.id), max(o.id) into lowest, highest from unnest(p_order) o(id);
  select bool_or(o.hold_id is null) into has_shared
    from (select o.hold_id from orders o where o.id = any (p_order) and o.id between lowest and highest
           order by o.id for no key update) o;
  select array_agg(nextval(pg_get_serial_sequence('messages', 'id'))) into ids
    from generate_subscripts(p_supplier, 1);

  -- Emails have no fingerprint.
  if cardinality(array_remove(p_fingerprint, null)) > 0 then
    firsts := first_messages(p_now, ids, p_fingerprint, p_supplier, p_ref, p_within);
  end if;

  with incoming as (
    select m.*, o.id as order_id, o.account_id,
           case when m.repeat_of is not null then 'repeat'
                when o.id is null then 'unmatched'
                when o.state = any (p_from) and o.expires_at > p_now then 'delivered'
                else 'late' end as state
      from unnest(ids, p_supplier, p_ref, p_channel, p_phone, p_number, p_sender, p_text, p_code,
             p_as_written, p_order, p_service, p_address, p_subject, p_html, p_headline, p_fingerprint,
             p_links, firsts)
             as m(id, supplier_id, ref, channel, phone, number_id, sender, text, code, as_written,
             for_order, service_id, address, subject, html, headline, fingerprint, links, repeat_of)
      left join orders o
             on o.id = m.for_order and o.id between lowest and highest and m.repeat_of is null
  ), stored as (
    insert into messages (id, supplier_id, supplier_ref, channel, phone, number_id, sender, text, code,
        code_as_written, state, order_id, account_id, service_id, address, subject, html, headline,
        fingerprint, links, repeat_of, received_at)
    overriding system value
    select i.id, i.supplier_id, i.ref, i.channel, i.phone, i.number_id, i.sender, i.text, i.code,
           i.as_written, i.state, i.order_id, i.account_id, i.service_id, i.address, i.subject, i.html,
           i.headline, i.fingerprint, i.links::jsonb, i.repeat_of, p_now
      from incoming i order by i.id
    on conflict (supplier_id, supplier_ref) where supplier_ref is not null do nothing
    returning id, state
  )
  select array_agg(s.id), bool_or(s.state = 'late') into fresh, has_late from stored s;
  -- Another node has meanwhile stored a message with the same reference that others in this call repeat: the call
  -- is retried and finds it.
  if exists (select from unnest(firsts) f(id) where f.id = any (ids) and f.id <> all (fresh)) then
    raise exception 'the first of two messages was stored elsewhere' using errcode = 'serialization_failure';
  end if;

  if has_shared then
    perform pay_services(p_now, ids, p_transfer);
  end if;

  perform deliver_messages(
    p_now => p_now, p_to => p_to, p_message => ids, p_transfer => p_transfer, p_session => p_session);
  if has_late then
    perform keep_late_messages(p_now, ids, p_sure);
  end if;

  return query
    select a.item, coalesce(f.id, a.id), coalesce(f.state, a.state), coalesce(f.order_id, a.order_id),
           coalesce(f.account_id, a.account_id), a.duplicate or f.id is not null
      from (
        select i.item::integer, m.id, m.state, m.order_id, m.account_id, m.repeat_of, false as duplicate
          from unnest(ids) with ordinality i(id, item)
          join messages m on m.id = i.id
        union all
        select i.item::integer, m.id, m.state, m.order_id, m.account_id, m.repeat_of, true
          from unnest(ids, p_supplier, p_ref) with ordinality i(id, supplier_id, ref, item)
          join messages m on m.supplier_id = i.supplier_id and m.supplier_ref = i.ref
         where i.id <> all (coalesce(fresh, '{}'))
      ) a
      left join messages f on f.id = a.repeat_of
     order by 1;
end $$;

-- For each new message the one that it repeats, or null: a stored one, or else the first of these that is not
-- going to be skipped because of its reference. Requires the locks on the fingerprints.
create or replace function first_messages(
  p_now timestamptz, p_id bigint[], p_fingerprint bigint[], p_supplier integer[], p_ref text[],
  p_within interval
) returns bigint[] language plpgsql as $$
begin
  return (
    select array_agg(nullif(t.first, t.id) order by t.item)
      from (
        select i.id, i.item, case when i.fingerprint is not null then coalesce(
                 (select min(m.id) from messages m
                   where m.fingerprint = i.fingerprint and m.state <> 'repeat'
                     and m.received_at > p_now - p_within and m.received_at < p_now + p_within),
                 min(i.id) filter (where i.ref is null or not exists (
                     select from messages m where m.supplier_id = i.supplier_id and m.supplier_ref = i.ref))
                   over (partition by i.fingerprint)) end as first
          from unnest(p_id, p_fingerprint, p_supplier, p_ref) with ordinality
                 as i(id, fingerprint, supplier_id, ref, item)
      ) t);
end $$;
