// The simulator's emails: to inboxes of simulated domains, received like any other email.
import { randomInt } from 'node:crypto'
import type { ReceiveMail } from '../../core/messages/mail.ts'
import type { Queryable } from '../../db/database.ts'

const ordersASweep = 200

type Due = {
  order_id: bigint
  address: string
  site: string
  subject: string | null
  name: string | null
  attempt: number
}

/**
 * Sends a code to each simulated inbox that has waited long enough, and again after a reorder. Each email has
 * a fixed id, so that two nodes send only one.
 * @returns the number sent
 */
export async function simulateMails(
  db: Queryable,
  receive: ReceiveMail,
  now: Date,
  afterS: number,
): Promise<number> {
  const due = await db.query<Due>(
    `select o.id as order_id, i.address, i.site, i.subject, s.name, o.resend_count as attempt
       from inboxes i
       join email_domains d on d.offer_id = i.offer_id and d.simulated
       join orders o on o.id = i.order_id
       left join services s on s.id = o.service_id
      where i.ended_at is null and o.expires_at > $1
        and ((o.state = 'waiting' and o.created_at <= $1::timestamptz - make_interval(secs => $2))
          or (o.state = 'received' and o.resend_pending))
      order by o.id limit $3`,
    [now, afterS, ordersASweep],
  )
  const receipts = await Promise.all(due.map((one) => receive(now, simulatedMail(one))))
  return receipts.filter((receipt) => !receipt.duplicate).length
}

/** The email of a service; the subject contains the text that the customer filters by. */
function simulatedMail(one: Due) {
  const name = one.name ?? one.site
  const code = String(randomInt(100_000, 1_000_000))
  const line = `Your ${name} verification code is`
  return {
    ref: `simulated-${one.order_id}-${one.attempt}`,
    address: one.address,
    sender: `${name} <noreply@${one.site}>`,
    subject: one.subject ?? `Your ${name} verification code`,
    text: `${line} ${code}. It is valid for 10 minutes.`,
    html: `<p>${escaped(line)}</p><h1>${code}</h1><p>It is valid for 10 minutes.</p>`,
  }
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
