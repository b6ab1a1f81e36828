-- Epochs: transaction ids order the events of one cluster's history. After a restore or a promotion the same ids
-- come again for other transactions, so each history has its epoch (docs/decisions/0014-epochs-of-events.md).

-- Each epoch and the cluster in which it began. The highest is the current one.
create table event_epochs (
  epoch integer primary key check (epoch >= 1),
  system_id text, -- null: the database's user may not read it
  timeline text check (timeline ~ '^[0-9A-F]{8}$'), -- null: this PostgreSQL does not tell it
  database_id oid not null,
  first_xid xid8 not null, -- the next transaction at that moment
  reason text not null check (length(reason) between 1 and 200),
  raised_at timestamptz not null default now()
);

-- What identifies the cluster and its history, as far as this user may know it.
create function cluster_identity(out system_id text, out timeline text, out database_id oid, out next_xid xid8)
language plpgsql volatile as $$
begin
  select d.oid into database_id from pg_database d where d.datname = current_database();
  next_xid := pg_snapshot_xmax(pg_current_snapshot());
  begin
    select c.system_identifier::text into system_id from pg_control_system() c;
  exception when insufficient_privilege or undefined_function or feature_not_supported then
    system_id := null;
  end;
  if pg_is_in_recovery() then return; end if;
  begin
    -- @NOTE the control file names the new timeline only after the first checkpoint; this one names it at once
    timeline := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
  exception when insufficient_privilege or undefined_function or feature_not_supported then
    timeline := null;
  end;
end $$;

-- The code is one that callers take for a database that is starting: they try again.
create function refuse_old_epoch() returns integer language plpgsql volatile as $$
begin
  raise exception 'the database was promoted or restored, and its new epoch has not begun yet'
    using errcode = 'cannot_connect_now';
end $$;

-- Records a new epoch and makes it the current one. Call it through src/core/events/epoch.ts, which takes the
-- locks and moves the sequences on.
create function begin_epoch(why text) returns integer language plpgsql as $$
declare
  now_in record;
  fresh integer;
begin
  select * into now_in from cluster_identity();
  select coalesce(max(e.epoch), 0) + 1 into fresh from event_epochs e;
  insert into event_epochs (epoch, system_id, timeline, database_id, first_xid, reason)
  values (fresh, now_in.system_id, now_in.timeline, now_in.database_id, now_in.next_xid, why);
  -- The planner puts the body in place of the call, so an insert pays for no function (1 microsecond in all).
  execute format(
    'create or replace function event_epoch() returns integer language sql volatile return ' ||
    case when now_in.timeline is null then '%s'
    else 'case when left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) = %L then %s '
         'else refuse_old_epoch() end' end,
    variadic case when now_in.timeline is null then array[fresh::text]
    else array[now_in.timeline, fresh::text] end);
  return fresh;
end $$;

select begin_epoch('the first');

-- Events from before have epoch 0, and ids without it.
alter table events add column epoch integer not null default 0;
alter table events alter column epoch set default event_epoch();
alter table events drop constraint events_pkey, add primary key (epoch, xid, id);
drop index events_of_account, events_of_order;
create index events_of_account on events (account_id, epoch, xid, id);
create index events_of_order on events (order_id, epoch, xid, id) where order_id is not null;

alter table event_readers add column epoch integer not null default 0;

alter table webhook_deliveries add column event_epoch integer not null default 0;
drop index webhook_deliveries_event, webhook_deliveries_replay;
create unique index webhook_deliveries_event on webhook_deliveries (endpoint_id, event_epoch, event_xid, event_id)
  where cause = 'event';
create index webhook_deliveries_replay on webhook_deliveries (endpoint_id, event_epoch, event_xid, event_id)
  where cause = 'replay';

-- Rows with a number that somebody is told are refused, too, until the new epoch has begun: before that, the
-- sequences may give numbers again. Orders need no trigger: each is written together with an event.
create function assert_epoch() returns trigger language plpgsql as $$
begin
  perform event_epoch();
  return null;
end $$;
do $$
declare
  name text;
begin
  foreach name in array array['accounts', 'api_keys', 'messages', 'deposits', 'webhook_endpoints',
    'webhook_deliveries', 'max_prices', 'suppliers', 'numbers', 'esim_plans', 'offers', 'operators', 'services',
    'audit_log']
  loop
    execute format('create trigger %I before insert on %I for each statement execute function assert_epoch()',
      name || '_in_epoch', name);
  end loop;
end $$;
