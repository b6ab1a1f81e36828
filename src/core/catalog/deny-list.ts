// The deny list: services and countries that an operator has closed. No API sells them.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { append, type By, type Subject } from '../operator-log.ts'
import { closeStock } from './set-offers.ts'

/** Closes or opens a service for new orders. Safe to repeat. @throws service_not_found */
export const closeService = (db: Database, by: By, slug: string, closed: boolean): Promise<void> =>
  close(db, by, {
    sql: 'update services set closed = $2 where slug = $1 returning slug',
    subject: { type: 'service', id: slug },
    closed,
    missing: () => new DomainError('service_not_found', `There is no service ${slug}.`),
  })

/** Closes or opens a country for new orders. Safe to repeat. @throws country_not_found */
export const closeCountry = (db: Database, by: By, code: string, closed: boolean): Promise<void> =>
  close(db, by, {
    sql: 'update countries set closed = $2 where code = $1 returning code',
    subject: { type: 'country', id: code },
    closed,
    missing: () => new DomainError('country_not_found', `There is no country ${code}.`),
  })

function close(
  db: Database,
  by: By,
  order: { sql: string; subject: Subject; closed: boolean; missing: () => DomainError },
): Promise<void> {
  const { subject, closed } = order
  return db.begin(async (tx) => {
    const rows = await tx.query(order.sql, [subject.id, closed])
    if (rows.length === 0) throw order.missing()
    await closeStock(tx)
    await append(tx, by, { action: `${subject.type}.${closed ? 'close' : 'open'}`, subject })
  })
}
