// An order as it is read from the database.
import type { Metadata } from '../annotations.ts'
import type { Order, OrderKind, OrderState } from './order.ts'

export type OrderRow = {
  id: bigint
  account_id: number
  kind: OrderKind
  state: OrderState
  service_id: number | null
  services: number[] | null
  country: string | null
  operator_id: number | null
  pool: string | null
  offer_id: number
  number_id: number | null
  phone: string | null
  allocation_id: bigint | null
  allocate_by: Date | null
  email: string | null
  duration_s: number | null
  renewals: number
  price: bigint
  currency: string
  hold_id: string | null
  code: string | null
  code_as_written: string | null
  message_count: number
  resend_count: number
  resend_pending: boolean
  replaces: bigint | null
  replaced_by: bigint | null
  channel: string | null
  reference: string | null
  metadata: Metadata | null
  note: string | null
  created_at: Date
  cancel_after: Date
  expires_at: Date
  received_at: Date | null
  closed_at: Date | null
  late_until: Date | null
  claimed_at: Date | null
}

export const orderColumns = `o.id, o.account_id, o.kind, o.state, o.service_id, o.services, o.country,
  o.operator_id, o.pool, o.offer_id, o.number_id, o.phone, o.allocation_id, o.allocate_by, o.email,
  extract(epoch from o.duration)::int as duration_s, o.renewals, o.price, o.currency, o.hold_id, o.code,
  o.code_as_written, o.message_count, o.resend_count, o.resend_pending, o.replaces, o.replaced_by,
  o.channel, o.reference, o.metadata, o.note, o.created_at, o.cancel_after, o.expires_at, o.received_at,
  o.closed_at, o.late_until, o.claimed_at`

export function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    accountId: row.account_id,
    kind: row.kind,
    state: row.state,
    serviceId: row.service_id,
    services: row.services,
    country: row.country,
    operatorId: row.operator_id,
    pool: row.pool,
    offerId: row.offer_id,
    numberId: row.number_id,
    phone: row.phone,
    allocationId: row.allocation_id,
    allocateBy: row.allocate_by,
    email: row.email,
    durationS: row.duration_s,
    renewals: row.renewals,
    price: row.price,
    currency: row.currency,
    holdId: row.hold_id,
    code: row.code,
    codeAsWritten: row.code_as_written,
    messageCount: row.message_count,
    resendCount: row.resend_count,
    resendPending: row.resend_pending,
    replaces: row.replaces,
    replacedBy: row.replaced_by,
    channel: row.channel,
    reference: row.reference,
    metadata: row.metadata ?? {},
    note: row.note,
    createdAt: row.created_at,
    cancelAfter: row.cancel_after,
    expiresAt: row.expires_at,
    receivedAt: row.received_at,
    closedAt: row.closed_at,
    lateUntil: row.late_until,
    claimedAt: row.claimed_at,
  }
}
