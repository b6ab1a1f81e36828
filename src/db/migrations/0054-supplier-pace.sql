-- All requests to a supplier count in what it allows a second. Each moves these times on by what it takes of a
-- second: urgent ones (requests for numbers, look-ups, commands) both, readings the second.
-- compatible with the version before

create table supplier_pace (
  supplier_id integer primary key,
  urgent_until timestamptz not null,
  all_until timestamptz not null
) with (fillfactor = 50);
