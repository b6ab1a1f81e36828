// The site that an inbox is bought for: any domain, and its service if the catalog has one.
import type { Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { domainsAbove, toDomain } from './inbox.ts'

/**
 * The site's name in its stored form, and its service: the one with this site or a parent domain of it.
 * @throws invalid_request if it is not a domain name, service_closed
 */
export async function siteOf(
  db: Queryable,
  text: string,
): Promise<{ readonly site: string; readonly serviceId: number | null }> {
  const site = toDomain(text)
  if (site === null)
    throw new DomainError('invalid_request', 'The site must be a domain name.', {
      fields: [{ pointer: '/site', detail: 'must be a domain name, such as example.com' }],
    })
  const [service] = await db.query<{ id: number; closed: boolean }>(
    'select id, closed from services where site = any($1) order by length(site) desc limit 1',
    [domainsAbove(site)],
  )
  if (service?.closed)
    throw new DomainError('service_closed', 'This service is closed on this platform.')
  return { site, serviceId: service?.id ?? null }
}
