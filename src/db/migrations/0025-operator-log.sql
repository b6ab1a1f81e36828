-- The operator log says why something was done and to what, and is found by it.
alter table audit_log
  add column subject_type text check (subject_type ~ '^[a-z_]{1,30}$'),
  add column subject_id text check (length(subject_id) between 1 and 300),
  add column reason text check (length(reason) between 1 and 500),
  add constraint subject_is_whole check ((subject_type is null) = (subject_id is null));
create index audit_log_of_subject on audit_log (subject_type, subject_id, id);
create index audit_log_of_account on audit_log (account_id, id);
create index audit_log_of_actor on audit_log (actor, id);
