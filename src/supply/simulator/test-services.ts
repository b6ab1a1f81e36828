// Handles the orders of test services: codes at known times, or none, or a supplier that fails.
// NUMLET_SIMULATOR_AUTO has no effect on them; docs/api/testing.md has the table.
import { randomInt } from 'node:crypto'
import type { TestOutcome } from '../../core/catalog/test-services.ts'
import type { Receive } from '../../core/messages/receive.ts'
import type { OrderVerbs } from '../../core/orders/verbs.ts'
import type { Database } from '../../db/database.ts'
import { simulatedText } from './simulator.ts'

const ordersASweep = 200

const lateAfterS = 20
const secondAfterS = 5
const failsAfterS = 3
const slowBeforeEndS = 10

type Due = {
  order_id: bigint
  service_id: number
  phone: string
  supplier_id: number
  slug: string
  name: string
  test: TestOutcome
  resend: number
  messages: number
}

/**
 * Sends due codes to orders of test services, and fails those whose supplier fails. An order that requested
 * another code gets it at once, unless its service sends none.
 * @returns the number of orders that were handled
 */
export async function runTestServices(
  db: Database,
  core: { readonly receive: Receive; readonly fail: OrderVerbs['fail'] },
  now: Date,
): Promise<number> {
  const due = await db.query<Due>(
    `select o.id as order_id, s.id as service_id, o.phone, n.supplier_id, s.slug, s.name, s.test,
            o.resend_count as resend, m.messages
       from leases l
       join orders o on o.id = l.order_id
       join services s on s.id = l.service_id and s.test is not null
       join numbers n on n.id = l.number_id
      cross join lateral (select count(*)::int as messages, max(m.received_at) as newest_at from messages m
                           where m.order_id = o.id and m.service_id = s.id) m
      where l.ended_at is null and l.until > $1
        and o.kind = 'activation' and o.state in ('waiting', 'received')
        and case
          when s.test in ('never', 'none_left') then false
          when s.test = 'fails' then o.state = 'waiting'
            and o.created_at <= $1::timestamptz - make_interval(secs => $2)
          when o.resend_pending then s.id = o.service_id
          when s.test = 'two' and m.messages = 1
            then m.newest_at <= $1::timestamptz - make_interval(secs => $3)
          when m.messages > 0 then false
          when s.test = 'late' then $1 >= least(o.created_at + make_interval(secs => $4),
            o.expires_at - interval '1 second')
          when s.test = 'slow' then $1 >= greatest(o.created_at,
            o.expires_at - make_interval(secs => $5))
          else true end
      order by o.id limit $6`,
    [now, failsAfterS, secondAfterS, lateAfterS, slowBeforeEndS, ordersASweep],
  )
  const failing = due.filter((one) => one.test === 'fails').map((one) => one.order_id)
  const gone = failing.length > 0 ? await core.fail(failing) : []
  const receipts = await Promise.all(
    due.filter((one) => one.test !== 'fails').map((one) => core.receive(now, messageFor(one))),
  )
  return gone.length + receipts.filter((receipt) => !receipt.duplicate).length
}

/** Each message has a fixed id, so that two nodes send only one. */
const messageFor = (one: Due) => ({
  supplierId: one.supplier_id,
  supplierRef: `test-${one.order_id}-${one.service_id}-${one.resend}-${one.messages}`,
  channel: 'sms' as const,
  phone: one.phone,
  sender: one.name,
  text: simulatedText(one, String(randomInt(100_000, 1_000_000))),
  hint: { orderId: one.order_id, serviceId: one.service_id },
})
