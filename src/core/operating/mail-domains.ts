// Operators' verbs on mail domains.
import type { Database } from '../../db/database.ts'
import { baseCurrency } from '../catalog/rates.ts'
import {
  addDomain,
  type DomainChange,
  findDomain,
  type MailDomain,
  type NewDomain,
  setDomain,
} from '../inboxes/domains.ts'
import { toDomain } from '../inboxes/inbox.ts'
import { formatAmount } from '../money.ts'
import { type By, logged } from '../operator-log.ts'

const baseDecimals = 2

/** A mail domain's terms as text for people. */
export const termsOf = (domain: MailDomain) => ({
  domain: domain.domain,
  price: formatAmount(domain.price, baseDecimals),
  fee: formatAmount(domain.cancellationFee, baseDecimals),
  currency: baseCurrency,
  session: domain.sessionS,
  capacity: domain.capacity,
  open_inboxes: domain.openInboxes,
  state: domain.active ? 'open' : 'closed',
})

/** Adds a mail domain for sale. @throws invalid_request */
export function addMailDomain(db: Database, by: By, wanted: NewDomain): Promise<MailDomain> {
  return logged(
    db,
    by,
    (_, tx) => addDomain(tx, wanted),
    (done) => ({
      action: 'domain.add',
      subject: { type: 'domain', id: done.domain },
      detail: termsOf(done),
    }),
  )
}

/** Changes a domain's terms. @throws domain_not_found, invalid_request */
export function changeMailDomain(
  db: Database,
  by: By,
  domain: string,
  change: DomainChange,
): Promise<MailDomain> {
  return logged(
    db,
    by,
    async (within) => {
      const before = await findDomain(within, toDomain(domain) ?? domain)
      return { before, after: await setDomain(within, domain, change) }
    },
    ({ before, after }) => ({
      action: 'domain.set',
      subject: { type: 'domain', id: after.domain },
      detail: { before: termsOf(before), after: termsOf(after) },
    }),
  ).then(({ after }) => after)
}
