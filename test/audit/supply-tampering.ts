// What breaks the promises of suppliers' numbers, by the names of the checks that find it.

const someOrder = (state: string) =>
  `(select id from orders where state = '${state}' and kind = 'activation' and hold_id is not null
     order by id limit 1)`
const finished = someOrder('finished')
const cancelled = someOrder('cancelled')

/** The order waits for its number again. */
const allocating = (phone: string, by: string) => `
  update orders set state = 'allocating', number_id = null, phone = ${phone}, closed_at = null,
    received_at = null, allocate_by = now() + interval '${by}' where id = ${finished};`

/** An allocation of an order. */
const allocated = (order: string, state: 'unknown' | 'got', phone: string) => `
  insert into allocations (order_id, supplier_id, source_id, attempt, state, request_key, created_at,
    allocate_by, asked_at, max_cost, price_base, currency, upstream_ref, phone, cost, cost_hold_id,
    cost_state)
  select ${order}, 1, 1, 1, '${state}', gen_random_uuid()::text, now(), now(), now(), 1, 1, 'USD',
         ${
           state === 'got'
             ? `'7', '${phone}', 1, gen_random_uuid(), 'held'`
             : `null, null, null, null, 'none'`
         };`

/** The hold of what the last allocation costs. */
const costHeld = (amount: number) => `
  insert into ledger_accounts (kind, supplier_id, currency) values ('prepaid', 1, 'USD'),
    ('at_risk', 1, 'USD');
  insert into transfers (id, kind, debit_id, credit_id, amount, currency, created_at)
  select a.cost_hold_id, 'supply_hold', p.id, r.id, ${amount}, 'USD', now()
    from allocations a, ledger_accounts p, ledger_accounts r
   where p.kind = 'prepaid' and r.kind = 'at_risk' and a.cost_hold_id is not null;`

const lease = (order: string, from: string, ended: string) => `
  insert into upstream_leases (order_id, allocation_id, service_id, account_id, phone, starts_at, until,
    ended_at)
  select o.id, o.id, 1, o.account_id, '+447700900999', now() - interval '${from}', now(), ${ended}
    from orders o where o.id = ${order};`

export const supplyTampering: Record<string, readonly string[]> = {
  'allocating-orders-are-looked-after': [
    allocating('null', '1 hour'),
    `${allocated(finished, 'unknown', '')} ${allocating('null', '-2 minutes')}`,
    `${allocated(finished, 'unknown', '')} ${allocating('phone', '1 hour')}`,
  ],
  'allocations-fit-their-orders': [
    allocated(finished, 'got', '+447700900999'),
    `update orders set number_id = null, allocation_id = -1 where id = ${finished}`,
    `${allocated(finished, 'got', '+447700900999')}
     update orders set number_id = null, allocation_id = (select max(id) from allocations)
      where id = ${finished}`,
  ],
  'costs-fit-allocations': [
    // A cost without its hold.
    allocated(finished, 'got', '+447700900999'),
    `${allocated(finished, 'got', '+447700900999')} ${costHeld(2)}`,
    `${allocated(finished, 'got', '+447700900999')} ${costHeld(1)}
     update allocations set cost_state = 'voided'`,
  ],
  'suppliers-holds-have-their-allocation': [
    `${allocated(finished, 'got', '+447700900999')} ${costHeld(1)} delete from allocations`,
  ],
  'numbers-given-back-are-looked-after': [
    allocated(finished, 'got', '+447700900999'),
    `${allocated(finished, 'got', '+447700900999')} update allocations set state = 'given_up'`,
  ],
  'open-upstream-leases-are-open-orders': [lease(finished, '1 hour', 'null')],
  'no-phone-let-twice': [
    lease(finished, '1 hour', 'now()') + lease(cancelled, '30 minutes', 'null'),
    // One of our own numbers.
    `update leases set ended_at = now() + interval '1 minute', starts_at = now() - interval '1 hour'
      where order_id = ${finished};
     insert into upstream_leases (order_id, allocation_id, service_id, account_id, phone, starts_at, until)
     select ${cancelled}, 1, l.service_id, 1, n.phone, now(), now()
       from leases l join numbers n on n.id = l.number_id where l.order_id = ${finished}`,
  ],
  'renewals-fit-their-holds': [
    `${allocated(finished, 'got', '+447700900999')}
     update allocations set purpose = 'renew', renew_hold_id = gen_random_uuid(), renew_price = 1`,
  ],
  'upstream-stock-has-a-source': [`update stock set upstream = 1 where offer_id is not null`],
}
