// Endpoints as rows of the database.
import { DomainError } from '../error.ts'
import type { Endpoint } from './endpoint.ts'

export const webhookNotFound = () =>
  new DomainError('webhook_not_found', 'There is no such webhook endpoint.')

export type EndpointRow = {
  id: number
  account_id: number
  format: Endpoint['format']
  url: string
  events: string[]
  order_id: bigint | null
  description: string
  active: boolean
  off_reason: Endpoint['offReason']
  failing_since: Date | null
  old_secret_until: Date | null
  created_at: Date
  updated_at: Date
}

export const columns = `e.id, e.account_id, e.format, e.url, e.events, e.order_id, e.description, e.active,
  e.off_reason, e.failing_since, e.old_secret_until, e.created_at, e.updated_at`

export const toEndpoint = (row: EndpointRow): Endpoint => ({
  id: row.id,
  accountId: row.account_id,
  format: row.format,
  url: row.url,
  events: row.events,
  orderId: row.order_id,
  description: row.description,
  isActive: row.active,
  offReason: row.off_reason,
  failingSince: row.failing_since,
  oldSecretUntil: row.old_secret_until,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
