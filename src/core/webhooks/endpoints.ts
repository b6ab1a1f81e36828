// What can be done with the endpoints of webhooks.
import type { Database, Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { assertDestination, type Network } from './destination.ts'
import { type DialectFormat, type Endpoint, secretFor } from './endpoint.ts'

export type EndpointTerms = {
  readonly accountId: number
  readonly format: DialectFormat
  readonly url: string
  readonly events: readonly string[]
  /** Null or too short: a new one is made. */
  readonly secret: string | null
  readonly isActive: boolean
}

/**
 * Sets the endpoint that a dialect knows, whether it was there or not. Its secret is new, or the one given:
 * it is told this once.
 * @throws invalid_request where the URL may not be called
 */
export async function putEndpoint(
  db: Database,
  now: Date,
  network: Network,
  terms: EndpointTerms,
): Promise<{ endpoint: Endpoint; secret: string }> {
  await assertDestination(network, terms.url)
  const secret = secretFor(terms.secret)
  const [row] = await db.once<EndpointRow>(
    `insert into webhook_endpoints as e (account_id, format, url, events, secret, active, created_at,
       updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7)
     on conflict (account_id, format) where format <> 'standard' do update set url = excluded.url,
       events = excluded.events, secret = excluded.secret, active = excluded.active,
       updated_at = excluded.updated_at
     returning ${columns}`,
    [
      terms.accountId,
      terms.format,
      terms.url,
      [...new Set(terms.events)],
      secret,
      terms.isActive,
      now,
    ],
  )
  return { endpoint: toEndpoint(row as EndpointRow), secret }
}

/** The endpoint that a dialect knows. @throws webhook_not_found */
export async function findEndpoint(
  db: Queryable,
  wanted: { readonly accountId: number; readonly format: DialectFormat },
): Promise<Endpoint> {
  const [row] = await db.query<EndpointRow>(
    `select ${columns} from webhook_endpoints e where e.account_id = $1 and e.format = $2`,
    [wanted.accountId, wanted.format],
  )
  if (!row) throw new DomainError('webhook_not_found', 'No webhook is set up.')
  return toEndpoint(row)
}

type EndpointRow = {
  id: number
  account_id: number
  format: Endpoint['format']
  url: string
  events: string[]
  active: boolean
  created_at: Date
  updated_at: Date
}

const columns =
  'e.id, e.account_id, e.format, e.url, e.events, e.active, e.created_at, e.updated_at'

function toEndpoint(row: EndpointRow): Endpoint {
  return {
    id: row.id,
    accountId: row.account_id,
    format: row.format,
    url: row.url,
    events: row.events,
    isActive: row.active,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
