// Buying: one number, or several together, at the current price.
import type { Database, Queryable } from '../../../db/database.ts'
import { isBusy } from '../../../db/errors.ts'
import { gather } from '../../../db/gather.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import { type Annotations, metadataColumn, noAnnotations } from '../../annotations.ts'
import { DomainError } from '../../error.ts'
import type { Once, Repeated } from '../../idempotency/idempotency.ts'
import { lockWallets } from '../../ledger/ledger.ts'
import { newTransferId } from '../../ledger/transfer-id.ts'
import type { Amount } from '../../money.ts'
import { maxQuantity, type Order } from '../order.ts'
import { asideLanes } from './aside.ts'
import { refusal } from './refusal.ts'

/** What a customer wants: an offer, or a service in a country with further conditions. */
export type Selection = {
  readonly serviceId: number | null
  readonly country: string | null
  readonly operatorId: number | null
  readonly pool: string | null
  readonly offerId: number | null
  readonly area: string | null
  /** In the account's currency. */
  readonly maxPrice: Amount | null
  /** Digits, country code first, that the number must not begin with. */
  readonly exclude?: readonly string[]
}

export type Purchase = {
  readonly accountId: number
  readonly selection: Selection
  /** The number of orders, all or none. */
  readonly quantity: number
  /** Stored on each order. */
  readonly annotations?: Annotations | undefined
  /** A note of the dialect's own, stored on each order; nothing else depends on it. */
  readonly channel?: string | undefined
  readonly once: Once | null
}

export type OrderTerms = {
  readonly cancelCooldownS: number
  readonly activationWindowS: number
}

/** The orders bought, or the record of an earlier request with the same idempotency key. */
export type Bought = { readonly orders: readonly Order[] } | Repeated

type Line = {
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
  number_id: number
  phone: string
  order_id: bigint
}

const maxLinesACall = 200

/**
 * Buys for many callers at once: concurrent purchases share one transaction. Those whose wallet or stock is
 * locked by another transaction step aside and wait by themselves.
 *
 * The returned function throws the errors of `refusals` (out_of_stock, insufficient_balance, ...), and
 * invalid_request for a quantity that is not 1 to 20.
 */
export function buyer(
  db: Database,
  terms: OrderTerms,
  limits: () => DefaultLimits,
): (now: Date, purchase: Purchase) => Promise<Bought> {
  const aside = asideLanes<Party, Answer>((parties) => buyAside(db, terms, limits(), parties))
  // @NOTE one call at a time: two would wait for each other's stock locks, and each would carry half as much
  const buyShared = gather<Party, Answer | 'locked'>({
    name: 'purchases',
    maxBatch: maxLinesACall,
    maxRunning: 1,
    run: (parties) =>
      buyGathered(db, terms, limits(), parties).catch((error) => {
        if (!isBusy(error)) throw error
        // One of them met locked stock, and it is not known which.
        for (const { purchase } of parties) aside.suspect(stockKey(purchase))
        return parties.map(() => 'locked' as const)
      }),
  })
  const answerFor = async (party: Party): Promise<Answer> => {
    const key = stockKey(party.purchase)
    const answer = aside.isSuspect(key) ? 'locked' : await buyShared(party)
    if (answer === 'locked') return aside.buy(key, party)
    if (answer.lines[0]?.outcome !== 'wallet_locked') return answer
    return aside.buy(`account ${party.purchase.accountId}`, party)
  }
  return async (now, purchase) => {
    if (purchase.quantity < 1 || purchase.quantity > maxQuantity)
      throw new DomainError('invalid_request', `The quantity must be 1 to ${maxQuantity}.`, {
        fields: [{ pointer: '/quantity', detail: `must be 1 to ${maxQuantity}` }],
      })
    const { at, lines } = await answerFor({ now, purchase })
    const [line] = lines
    if (line === undefined) throw new Error('buy_activations answered nothing')
    if (line.outcome === 'repeated') return { repeated: true }
    if (line.outcome !== 'bought') throw refusalOf(line)
    return { orders: lines.map((line) => boughtOrder(line, at, terms, purchase)) }
  }
}

type Party = { readonly now: Date; readonly purchase: Purchase }
type Answer = { readonly at: Date; readonly lines: Line[] }

/** Purchases with the same key take from the same stock. */
const stockKey = ({ selection: s }: Purchase) =>
  ['stock', s.serviceId, s.country, s.operatorId, s.pool, s.offerId, s.area].join(' ')

/** Buys as `buyGathered`, but waits for locked wallets and stock, for as long as a session may. */
function buyAside(
  db: Database,
  terms: OrderTerms,
  limits: DefaultLimits,
  parties: readonly Party[],
): Promise<Answer[]> {
  return db.begin(async (tx) => {
    await lockWallets(
      tx,
      parties.map(({ purchase }) => purchase.accountId),
    )
    return buyGathered(tx, terms, limits, parties)
  })
}

async function buyGathered(
  db: Database | Queryable,
  terms: OrderTerms,
  limits: DefaultLimits,
  parties: readonly Party[],
): Promise<Answer[]> {
  const now = new Date(Math.max(...parties.map((party) => party.now.getTime())))
  const lines = parties
    .map(({ purchase }, party) => ({ party, ...purchase }))
    // @NOTE concurrent calls lock stock in the same order, and so do not deadlock
    .sort((a, b) => stockOrder(a.selection, b.selection))
    .flatMap((line) => Array.from({ length: line.quantity }, () => line))
  const rows = await buyLines(db, now, terms, limits, lines)
  const answers: Line[][] = parties.map(() => [])
  for (const row of rows) answers[row.party]?.push(row)
  return answers.map((lines) => ({ at: now, lines }))
}

function stockOrder(a: Selection, b: Selection): number {
  return (
    (a.serviceId ?? 0) - (b.serviceId ?? 0) ||
    (a.country ?? '').localeCompare(b.country ?? '') ||
    (a.offerId ?? 0) - (b.offerId ?? 0)
  )
}

/** The call of `buy_activations`; inside a transaction for `replace`, otherwise by itself. */
export function buyLines(
  db: Database | Queryable,
  now: Date,
  terms: OrderTerms,
  limits: DefaultLimits,
  lines: readonly (Pick<
    Purchase,
    'accountId' | 'selection' | 'once' | 'annotations' | 'channel'
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
       p_channel => $21)`,
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
    ],
  )
}

/** The column, or null if no line has a value. */
const unlessEmpty = (column: (string | null)[]) =>
  column.every((value) => value === null) ? null : column

/** The error for a line that bought nothing. */
export function refusalOf(line: Line): DomainError {
  const { outcome, price, balance_after: balance, currency } = line
  return refusal(outcome, price === null ? undefined : { price, balance, currency })
}

type Noted = {
  readonly annotations?: Annotations | undefined
  readonly channel?: string | null | undefined
}

/** The order that a line created, without reading it again. */
export function boughtOrder(
  line: Line,
  now: Date,
  terms: OrderTerms,
  { annotations = noAnnotations, channel = null }: Noted = {},
): Order {
  return {
    id: line.order_id,
    accountId: line.account_id,
    kind: 'activation',
    state: 'waiting',
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
  }
}
