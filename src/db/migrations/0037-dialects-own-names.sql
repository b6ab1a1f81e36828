-- Scopes, error forms and webhook formats belong to dialects, which register them: here their form is checked.
alter table api_keys
  drop constraint api_keys_scopes_check,
  add constraint api_keys_scopes_check check (
    cardinality(scopes) > 0
    and array_to_string(scopes, ' ', '?') ~ '^[a-z][a-z-]{0,40}( [a-z][a-z-]{0,40})*$'),
  drop constraint api_keys_error_form_check,
  add constraint api_keys_error_form_check check (error_form ~ '^[a-z][a-z-]{0,40}$');
alter table webhook_endpoints
  drop constraint webhook_endpoints_format_check,
  add constraint webhook_endpoints_format_check check (format ~ '^[a-z][a-z-]{0,40}$');
