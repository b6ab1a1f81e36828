// The purchases of one call of buy_activations, and what it answers about each.
import type { Database, Queryable } from '../../../db/database.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import { type Annotations, metadataColumn, noAnnotations } from '../../annotations.ts'
import type { DomainError } from '../../error.ts'
import { newTransferId } from '../../ledger/transfer-id.ts'
import type { Order } from '../order.ts'
import { refusal } from './refusal.ts'
import type { OrderTerms, Purchase } from './selection.ts'

export type Line = {
  party: number
  account_id: number
  service_id: number
  country: string
  operator_id: number
  pool: string
  offer_id: number
  /** If nothing was bought: the price and the balance at the refusal, or null. */
  price: bigint
  balance_after: bigint
  currency: string
  hold_id: string
  outcome: string
  /** Null for an order for which a supplier is asked, as its phone. */
  number_id: number | null
  phone: string | null
  order_id: bigint
}

/** The call of `buy_activations`, inside a transaction or by itself. */
export function buyLines(
  db: Database | Queryable,
  now: Date,
  terms: OrderTerms,
  limits: DefaultLimits,
  lines: readonly (Pick<
    Purchase,
    | 'accountId'
    | 'selection'
    | 'once'
    | 'annotations'
    | 'channel'
    | 'allocateS'
    | 'via'
    | 'keyId'
    | 'cappedKeyId'
  > & {
    readonly party: number
  })[],
): Promise<Line[]> {
  const run = 'once' in db ? db.once : db.query
  const notes = lines.map((line) => line.annotations ?? noAnnotations)
  return run<Line>(
    `select * from buy_activations(
       p_now => $1, p_window => make_interval(secs => $2), p_cooldown => make_interval(secs => $3),
       p_max_open => $4, p_max_day => $5, p_max_cancelled => $6, p_party => $7, p_account => $8,
       p_service => $9, p_country => $10, p_operator => $11, p_pool => $12, p_offer => $13,
       p_area => $14, p_max_price => $15, p_hold => $16, p_once_key => $17,
       p_once_fingerprint => $18, p_reference => $19, p_metadata => $20::jsonb[],
       p_channel => $21, p_allocate_s => $22, p_via => $23, p_key => $24, p_capped_key => $25)`,
    [
      now,
      terms.activationWindowS,
      terms.cancelCooldownS,
      limits.maxOpenOrders,
      limits.maxOrdersADay,
      limits.maxCancelledPercent,
      lines.map((line) => line.party),
      lines.map((line) => line.accountId),
      lines.map((line) => line.selection.serviceId),
      lines.map((line) => line.selection.country),
      lines.map((line) => line.selection.operatorId),
      lines.map((line) => line.selection.pool),
      lines.map((line) => line.selection.offerId),
      lines.map((line) => line.selection.area),
      lines.map((line) => line.selection.maxPrice),
      lines.map(() => newTransferId(now)),
      lines.map((line) => line.once?.key ?? null),
      lines.map((line) => line.once?.fingerprint ?? null),
      unlessEmpty(notes.map(({ reference }) => reference)),
      unlessEmpty(notes.map(({ metadata }) => metadataColumn(metadata))),
      unlessEmpty(lines.map((line) => line.channel ?? null)),
      unlessEmpty(lines.map((line) => line.allocateS ?? null)),
      unlessEmpty(lines.map((line) => line.via?.join(',') ?? null)),
      unlessEmpty(lines.map((line) => line.keyId ?? null)),
      unlessEmpty(lines.map((line) => line.cappedKeyId ?? null)),
    ],
  )
}

/** The column, or null if no line has a value. */
const unlessEmpty = (column: (string | number | null)[]) =>
  column.every((value) => value === null) ? null : column

/** The error for a line that bought nothing. */
export function refusalOf(line: Line): DomainError {
  const { outcome, price, balance_after: balance, currency } = line
  return refusal(outcome, price === null ? undefined : { price, balance, currency })
}

type Noted = {
  readonly annotations?: Annotations | undefined
  readonly channel?: string | null | undefined
  readonly allocateS?: number | undefined
}

/** The order that a line created, without reading it again. */
export function boughtOrder(
  line: Line,
  now: Date,
  terms: OrderTerms,
  { annotations = noAnnotations, channel = null, allocateS = 0 }: Noted = {},
): Order {
  const isAllocating = line.number_id === null
  return {
    id: line.order_id,
    accountId: line.account_id,
    kind: 'activation',
    state: isAllocating ? 'allocating' : 'waiting',
    serviceId: line.service_id,
    services: null,
    country: line.country,
    operatorId: line.operator_id,
    pool: line.pool,
    offerId: line.offer_id,
    numberId: line.number_id,
    phone: line.phone,
    email: null,
    durationS: null,
    renewals: 0,
    price: line.price,
    currency: line.currency,
    holdId: line.hold_id,
    code: null,
    codeAsWritten: null,
    allocationId: null,
    allocateBy: isAllocating ? new Date(now.getTime() + allocateS * 1000) : null,
    messageCount: 0,
    resendCount: 0,
    resendPending: false,
    replaces: null,
    replacedBy: null,
    channel,
    reference: annotations.reference,
    metadata: annotations.metadata,
    createdAt: now,
    cancelAfter: new Date(now.getTime() + terms.cancelCooldownS * 1000),
    expiresAt: new Date(now.getTime() + terms.activationWindowS * 1000),
    receivedAt: null,
    closedAt: null,
    note: null,
    lateUntil: null,
    claimedAt: null,
  }
}
