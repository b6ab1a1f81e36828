-- All requests to a supplier count in what it allows a second. Each moves these times on by what it takes of a
-- second: urgent ones (requests for numbers, look-ups, commands, readings that cannot wait) the first two, other
-- readings the second. Look-ups and commands have a share of their own.
-- compatible with the version before

create table supplier_pace (
  supplier_id integer primary key,
  urgent_until timestamptz not null,
  all_until timestamptz not null,
  look_ups_until timestamptz,
  commands_until timestamptz
) with (fillfactor = 50);
