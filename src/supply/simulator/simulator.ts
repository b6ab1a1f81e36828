// The simulator: a supplier whose numbers answer by themselves; its messages are received like all others.
import { randomInt } from 'node:crypto'
import type { Service } from '../../core/catalog/catalog.ts'
import type { Receive } from '../../core/messages/receive.ts'
import type { Queryable } from '../../db/database.ts'

/** The simulator's texts, similar to those of real services. */
export function simulatedText(service: Pick<Service, 'slug' | 'name'>, code: string): string {
  if (service.slug === 'google') return `G-${code} is your Google verification code.`
  if (service.slug === 'whatsapp')
    return `Your WhatsApp code: ${code.slice(0, 3)}-${code.slice(3)}. Do not share it.`
  return `${code} is your ${service.name} verification code. Do not share it with anyone.`
}

const ordersASweep = 200

type Due = {
  order_id: bigint
  service_id: number
  phone: string
  supplier_id: number
  slug: string
  name: string
  sender: string | null
  attempt: number
}

/**
 * Sends a code to each activation on a simulated number that has waited long enough, one for each of its
 * services, and to those that requested another one. Rentals only get messages that are sent by hand: a
 * message would end their refund window. Each message has a fixed id, so that two nodes send only one.
 * @returns the number sent
 */
export async function simulateCodes(
  db: Queryable,
  receive: Receive,
  now: Date,
  afterS: number,
): Promise<number> {
  const due = await db.query<Due>(
    `select o.id as order_id, s.id as service_id, o.phone, n.supplier_id, s.slug, s.name,
            s.senders[1] as sender, o.resend_count as attempt
       from leases l
       join orders o on o.id = l.order_id
       join numbers n on n.id = l.number_id
       join suppliers su on su.id = n.supplier_id and su.kind = 'simulator' and su.state <> 'off'
       join services s on s.id = l.service_id and s.test is null
      where l.ended_at is null and l.until > $1 and o.kind = 'activation'
        and ((o.state = 'received' and o.resend_pending and s.id = o.service_id)
          or (o.message_count < coalesce(cardinality(o.services), 1)
               and o.created_at <= $1::timestamptz - make_interval(secs => $2)
               and not exists (select from messages m
                                where m.order_id = o.id and m.service_id = s.id)))
        and o.state in ('allocating', 'waiting', 'received', 'active')
      order by l.until limit $3`,
    [now, afterS, ordersASweep],
  )
  const receipts = await Promise.all(
    due.map((one) =>
      receive(now, {
        supplierId: one.supplier_id,
        supplierRef: `simulated-${one.order_id}-${one.service_id}-${one.attempt}`,
        channel: 'sms',
        phone: one.phone,
        sender: one.sender ?? one.name,
        text: simulatedText(one, String(randomInt(100_000, 1_000_000))),
        hint: { orderId: one.order_id, serviceId: one.service_id },
      }),
    ),
  )
  return receipts.filter((receipt) => !receipt.duplicate).length
}
