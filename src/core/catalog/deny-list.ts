// What an operator has closed: no dialect sells it.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { closeStock } from './offers.ts'

/** Closes or opens a service for new orders. Safe to repeat. @throws service_not_found */
export function closeService(db: Database, actor: string, slug: string, closed: boolean) {
  return close(db, {
    sql: 'update services set closed = $2 where slug = $1 returning slug',
    what: slug,
    closed,
    actor,
    action: closed ? 'service.close' : 'service.open',
    missing: () => new DomainError('service_not_found', `There is no service ${slug}.`),
  })
}

/** Closes or opens a country for new orders. Safe to repeat. @throws country_not_found */
export function closeCountry(db: Database, actor: string, code: string, closed: boolean) {
  return close(db, {
    sql: 'update countries set closed = $2 where code = $1 returning code',
    what: code,
    closed,
    actor,
    action: closed ? 'country.close' : 'country.open',
    missing: () => new DomainError('country_not_found', `There is no country ${code}.`),
  })
}

function close(
  db: Database,
  order: {
    sql: string
    what: string
    closed: boolean
    actor: string
    action: string
    missing: () => DomainError
  },
): Promise<void> {
  return db.begin(async (tx) => {
    const rows = await tx.query(order.sql, [order.what, order.closed])
    if (rows.length === 0) throw order.missing()
    await closeStock(tx)
    await tx.query('insert into audit_log (actor, action, detail) values ($1, $2, $3)', [
      order.actor,
      order.action,
      { what: order.what },
    ])
  })
}
