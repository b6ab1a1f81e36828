// What a load of requests was told is there: each thing once, and nothing else.
import { expect } from 'vitest'
import { publicIds } from '../../src/core/public-id.ts'
import type { Database } from '../../src/db/database.ts'
import type { Load } from './crash-load.ts'

/** Compares an account's orders, messages and refunds with the responses that its load has got. */
export async function expectAcknowledged(
  db: Database,
  { accountId, load }: { accountId: number; load: Load },
): Promise<void> {
  const [row] = await db.query<{ id_key: Buffer }>('select id_key from installation')
  const ids = publicIds((row as { id_key: Buffer }).id_key)
  const orderId = (token: string) => ids.fromToken('ord', token) as bigint
  // Each purchase once, and no other: a retry that doubled would show here.
  const orders = await db.query<{ id: bigint; key: string | null; ending: string }>(
    `select o.id, k.key, (select string_agg(t.kind, ' ' order by t.seq) from transfers t
            where t.order_id = o.id) || ' of ' || coalesce(cardinality(o.services), 1) as ending
       from orders o left join idempotency_keys k
         on k.subject_kind = 'order' and o.id = any(k.subject_ids)
      where o.account_id = $1 order by o.id`,
    [accountId],
  )
  const bought = [...load.bought].map(([key, { id }]) => `${orderId(id)} ${key}`)
  expect(orders.map(({ id, key }) => `${id} ${key}`).sort()).toEqual(bought.sort())
  const endings = new Map(orders.map(({ id, ending }) => [id, ending]))
  // Each refund, of one service or of two.
  for (const id of load.cancelled)
    expect(['hold void of 1', 'hold hold void void of 2']).toContain(endings.get(orderId(id)))
  // Each message, and what it did.
  const stored = await db.query<{ ref: string; id: bigint; order_id: bigint | null }>(
    `select supplier_ref as ref, id, case when state = 'delivered' then order_id end as order_id
       from messages where supplier_ref is not null order by id`,
  )
  const sent = [...load.messages].map(([ref, { messageId, orderIds }]) => ({
    ref,
    id: ids.fromToken('msg', messageId),
    order_id: orderIds[0] === undefined ? null : orderId(orderIds[0]),
  }))
  expect(stored).toEqual(sent.sort((a, b) => ((a.id ?? 0n) < (b.id ?? 0n) ? -1 : 1)))
  for (const { order_id } of stored)
    if (order_id !== null)
      expect(['hold post of 1', 'hold hold post of 2']).toContain(endings.get(order_id))
}
