-- Mails to users about their accounts: read from the events, from now on.
-- compatible with the version before

insert into event_readers (name, epoch, xid, id)
  select 'notices', coalesce(e.epoch, 0), coalesce(e.xid, '0'), coalesce(e.id, 0)
    from (values (1)) one
    left join lateral (select epoch, xid, id from events order by epoch desc, xid desc, id desc limit 1) e on true;

-- The kinds that a user has switched off.
alter table users add column notices_off text[] not null default '{}'
  check (notices_off <@ array['low_balance', 'deposit_credited', 'rental_ending']);

-- A balance that goes up and down around its mark is told of once an hour.
alter table memberships add column low_balance_told_at timestamptz;
