-- Numbers of people, sessions, keys and pins are told to customers: none names two things, whatever server goes on
-- after a failover (docs/decisions/0014-epochs-of-events.md).
-- compatible with the version before

create trigger users_in_epoch before insert on users for each statement execute function assert_epoch();
create trigger sessions_in_epoch before insert on sessions for each statement execute function assert_epoch();
create trigger passkeys_in_epoch before insert on passkeys for each statement execute function assert_epoch();
create trigger staff_keys_in_epoch before insert on staff_keys for each statement execute function assert_epoch();
create trigger pinned_products_in_epoch before insert on pinned_products
  for each statement execute function assert_epoch();
