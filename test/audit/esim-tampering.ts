// Tampering with eSIMs (see audit.test.ts).

export const esimTampering: Readonly<Record<string, readonly string[]>> = {
  'esims-sold-once': [
    `delete from orders where kind = 'esim'`,
    `update orders set offer_id = offer_id + 1 where kind = 'esim'`,
    `alter table esim_codes drop constraint esim_codes_order_id_key;
     update esim_codes set sold_at = now(), order_id = (select max(order_id) from esim_codes)`,
    `alter table esim_codes drop constraint esim_codes_fingerprint_key;
     update esim_codes set fingerprint = (select fingerprint from esim_codes limit 1)`,
  ],
  'esim-orders-have-their-code': [
    `update esim_codes set order_id = null, sold_at = null where order_id is not null`,
    `delete from esim_codes where order_id is not null`,
  ],
  'esims-counted': [
    `update esim_plans set imported = imported + 1`,
    `update esim_plans set sold = sold + 1`,
    `delete from esim_codes where position = 7`,
    `update esim_codes c set position = c.position + 1000 where c.order_id is not null`,
  ],
  'esim-plans-have-their-offer': [
    `delete from offers where kind = 'esim'`,
    `update esim_plans set offer_id = (select id from offers where kind = 'activation' limit 1)
      where id = (select min(id) from esim_plans)`,
  ],
}
