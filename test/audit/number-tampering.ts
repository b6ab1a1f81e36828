// What breaks the promises of batches and banned numbers, by the names of the checks that find it.

export const numberTampering: Record<string, readonly string[]> = {
  'banned-numbers-stay-off-sale': [
    `insert into failing_numbers (number_id, service_id, silent_orders, last_order_at, banned_at)
     select number_id, service_id, 0, now(), now() from returned_numbers limit 1`,
    `insert into failing_numbers (number_id, service_id, silent_orders, last_order_at, banned_at)
     select number_id, service_id, 0, now(), now() from leases where ended_at is null limit 1`,
    `insert into failing_numbers (number_id, service_id, silent_orders, last_order_at, banned_at)
     select id, 22, 0, now(), now() from numbers limit 1;
     insert into resting_numbers (number_id, service_id, shelf_id, until)
     select number_id, service_id, 1, now() from failing_numbers`,
  ],
  'batches-have-their-numbers': [
    `insert into number_batches (supplier_id, country, operator_id, pool, source, actor, added, created_at)
     select n.supplier_id, s.country, s.operator_id, s.pool, 'x', 'x', 1, now()
       from numbers n join shelves s on s.id = n.shelf_id limit 1`,
  ],
}
