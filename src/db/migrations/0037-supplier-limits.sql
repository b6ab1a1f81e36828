-- Limits of other platforms are settings that operators give, and what is under way there is counted.
-- compatible with the version before

alter table allocations add column looking_until timestamptz; -- somebody looks for its answer until then
alter table supplier_commands add column leased_until timestamptz; -- somebody is telling the supplier until then

-- What could be set by SQL alone.
update suppliers set config = config || jsonb_strip_nulls(jsonb_build_object(
  'max_asking', case when max_asking <> 20 then max_asking::text end,
  'ask_timeout_ms', case when ask_timeout_ms <> 5000 then ask_timeout_ms::text end,
  'daily_limit', trim_scale(daily_limit / 10000::numeric)::text))
 where kind in ('numlet', 'handler-api', 'fivesim');

-- Those that have no price list yet are known by their setting.
update suppliers set currency = coalesce(config->>'currency', 'USD')
 where kind in ('numlet', 'handler-api', 'fivesim') and currency is null;
