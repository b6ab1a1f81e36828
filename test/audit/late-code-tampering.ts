// Tampering with late codes and their claims (see audit.test.ts).

const claimed = `(select id from orders where claimed_at is not null limit 1)`
const late = `(select m.order_id from messages m
  where m.state = 'late' and m.claimable and m.code is not null limit 1)`
const claimHold = `(select claim_hold_id from orders where claimed_at is not null limit 1)`

export const lateCodeTampering: Readonly<Record<string, readonly string[]>> = {
  'claims-are-paid-once': [
    `update orders set price = price + 1 where id = ${claimed}`,
    `update orders set claim_hold_id = hold_id where id = ${claimed}`,
    `update orders set claim_hold_id = gen_random_uuid() where id = ${claimed}`,
    `alter table orders drop constraint claims_are_sound;
     update orders set claimed_at = null where id = ${claimed}`,
    `alter table orders drop constraint claims_are_sound;
     update orders set state = 'finished' where id = ${claimed}`,
    `delete from transfers where hold_id = ${claimHold}`,
    `update transfers set amount = amount - 1 where hold_id = ${claimHold}`,
    `update transfers set order_id = order_id + 1 where id = ${claimHold}`,
  ],
  'claimed-messages-fit-claims': [
    `update orders set claimed_at = null, claim_hold_id = null where id = ${claimed}`,
    `update messages set received_at = received_at - interval '1 hour' where state = 'claimed'`,
    `update messages set received_at = received_at + interval '25 hours' where state = 'claimed'`,
    `update messages set claimable = null where state = 'claimed'`,
    `update messages set state = 'late' where state = 'claimed'`,
  ],
  'late-codes-are-there': [
    `update messages set claimable = null where order_id = ${late}`,
    `update orders set late_until = null where id = ${late}`,
    `update orders set claimed_at = now(), claim_hold_id = gen_random_uuid() where id = ${late}`,
  ],
}
