// An order: its states and every legal move between them. No I/O.
import type { Annotations } from '../annotations.ts'
import { type OfferKind, offerKinds } from '../catalog/kinds.ts'
import type { EventType } from '../events/catalog.ts'
import type { Amount } from '../money.ts'

/** An order is of the kind of its offer. */
export const orderKinds = offerKinds
export type OrderKind = OfferKind

export const orderStates = [
  'allocating',
  'waiting',
  'received',
  'active',
  'finished',
  'cancelled',
  'expired',
  'failed',
  'ended',
] as const
export type OrderState = (typeof orderStates)[number]

/** Those of orders that have not ended. */
export const openStates = ['allocating', 'waiting', 'received', 'active'] as const
/** Those that only rentals have. */
export const rentalStates = ['active', 'ended'] as const

/** What a move does with the order's hold: `post` it, `void` it, post the inbox's cancellation fee and return
 * the rest (`fee`), return what was posted (`refund`), void what no code has paid for (`rest`, for an order
 * for several services), or nothing (null). */
type Settlement = 'post' | 'void' | 'fee' | 'refund' | 'rest' | null

type Effect = {
  readonly to: OrderState
  readonly hold: Settlement
  /** Null: no event tells of it. */
  readonly event: EventType | null
}

type MoveRule = { readonly from: readonly OrderState[] } & (
  | Effect
  /** For moves that lead orders of each kind elsewhere. */
  | { readonly byKind: Readonly<Record<OrderKind, Effect>> }
)

/** All legal moves between states. `move` makes them all but `receive`, which the database makes
 * (`deliver_messages`). */
export const moves = {
  /** What was ordered is there. Rentals and eSIMs are paid for at once. */
  allocate: {
    from: ['allocating'],
    byKind: {
      activation: { to: 'waiting', hold: null, event: 'order.allocated' },
      rental: { to: 'active', hold: 'post', event: 'order.allocated' },
      email: { to: 'waiting', hold: null, event: null },
      esim: { to: 'finished', hold: 'post', event: 'order.finished' },
    },
  },
  receive: {
    from: ['waiting', 'received'],
    to: 'received',
    hold: 'post',
    event: 'order.code_received',
  },
  finish: { from: ['received'], to: 'finished', hold: 'rest', event: 'order.finished' },
  cancel: { from: ['waiting'], to: 'cancelled', hold: 'void', event: 'order.cancelled' },
  /** An inbox before its first email. */
  cancelForFee: { from: ['waiting'], to: 'cancelled', hold: 'fee', event: 'order.cancelled' },
  replace: { from: ['waiting'], to: 'cancelled', hold: 'void', event: 'order.replaced' },
  expire: { from: ['waiting'], to: 'expired', hold: 'void', event: 'order.expired' },
  /** The supplier cannot serve it. */
  fail: { from: ['allocating', 'waiting'], to: 'failed', hold: 'void', event: 'order.failed' },
  /** The customer cancels an order that has no number yet. */
  abandon: { from: ['allocating'], to: 'cancelled', hold: 'void', event: 'order.cancelled' },
  /** A rental inside its refund window. */
  giveBack: { from: ['active'], to: 'cancelled', hold: 'refund', event: 'order.cancelled' },
  /** An operator cancels an order without a code: regardless of the cooldown, and not counted as a cancel. */
  withdraw: {
    from: ['allocating', 'waiting'],
    to: 'cancelled',
    hold: 'void',
    event: 'order.cancelled',
  },
  /** An operator ends a rental and refunds its holds separately: each renewal has its own. */
  revoke: { from: ['active'], to: 'cancelled', hold: null, event: 'order.cancelled' },
  end: { from: ['active'], to: 'ended', hold: null, event: 'order.ended' },
  /** A rental that runs or has ended; the renewal's own hold is posted at once. */
  renew: { from: ['active', 'ended'], to: 'active', hold: null, event: 'order.renewed' },
} as const satisfies Record<string, MoveRule>

export type Move = keyof typeof moves

/** What a move does with an order of a kind. */
export function effectOf(name: Move, kind: OrderKind): Effect {
  const rule: MoveRule = moves[name]
  return 'byKind' in rule ? rule.byKind[kind] : rule
}

/** States in which an order receives messages. A rental stays in `active`. */
export const takingStates = [...moves.receive.from, 'active'] as const

/** Whether a code that comes now is the order's. */
export const isTaking = ({ state, expiresAt }: Order, now: Date) =>
  expiresAt > now && (takingStates as readonly OrderState[]).includes(state)

/** States of orders that are over. Only the move `renew` leads out of one of them. */
export const closedStates = ['finished', 'cancelled', 'expired', 'failed', 'ended'] as const
type ClosedState = (typeof closedStates)[number]
export const isClosed = (state: OrderState): state is ClosedState =>
  (closedStates as readonly string[]).includes(state)

/** Moves that end every order that makes them. */
export type Closing = {
  [Name in Move]: (typeof moves)[Name] extends { readonly to: ClosedState } ? Name : never
}[Move]

/** The states in which orders end, each with the events that tell of it. */
export const endings: readonly { readonly state: ClosedState; readonly event: EventType }[] = (
  Object.keys(moves) as Move[]
).flatMap((name) =>
  orderKinds.flatMap((kind) => {
    const { to, event } = effectOf(name, kind)
    return isClosed(to) && event !== null ? [{ state: to, event }] : []
  }),
)

/** The maximum quantity of one request. */
export const maxQuantity = 20

export type Order = Annotations & {
  readonly id: bigint
  readonly accountId: number
  readonly kind: OrderKind
  readonly state: OrderState
  /** Null if it is for no particular service: eSIMs, and inboxes for a site without a service. */
  readonly serviceId: number | null
  /** All services of an order for several; otherwise null. */
  readonly services: readonly number[] | null
  /** Null for email orders, like operator and pool; an eSIM may have a country. */
  readonly country: string | null
  readonly operatorId: number | null
  readonly pool: string | null
  readonly offerId: number
  readonly numberId: number | null
  readonly phone: string | null
  /** The allocation that its number came by; null if it is one of ours, or none. */
  readonly allocationId: bigint | null
  /** When it fails if it has no number by then; null if it had one from the beginning. */
  readonly allocateBy: Date | null
  readonly email: string | null
  /** Rentals only: the length in seconds, which each renewal adds; otherwise null. */
  readonly durationS: number | null
  readonly renewals: number
  /** For an order for several services, the sum of what is held for each. */
  readonly price: Amount
  readonly currency: string
  /** Null for an order for several services: each service has its own hold (`services.ts`). */
  readonly holdId: string | null
  /** The newest code, without separators; null before one is received and after its retention. */
  readonly code: string | null
  /** The same code as written in the message. */
  readonly codeAsWritten: string | null
  /** Of all delivered messages; a read of them has only the newest. */
  readonly messageCount: number
  readonly resendCount: number
  readonly resendPending: boolean
  readonly replaces: bigint | null
  readonly replacedBy: bigint | null
  /** What the dialect that bought it noted about how. Only that dialect knows the meaning. */
  readonly channel: string | null
  /** The customer's own note. */
  readonly note: string | null
  readonly createdAt: Date
  readonly cancelAfter: Date
  readonly expiresAt: Date
  readonly receivedAt: Date | null
  readonly closedAt: Date | null
  /** Until when the code that came too late can be claimed; null: there is none. */
  readonly lateUntil: Date | null
  /** When the late code was paid for. */
  readonly claimedAt: Date | null
}

/** States of orders whose late code can be claimed. */
export const claimableStates = ['cancelled', 'expired'] as const

/** Whether the customer can pay for a code that came too late. */
export const hasLateCode = ({ state, lateUntil, claimedAt }: Order, now: Date) =>
  (claimableStates as readonly OrderState[]).includes(state) &&
  claimedAt === null &&
  lateUntil !== null &&
  lateUntil > now

/** Whole seconds until an order may be cancelled; 0 if it may be cancelled now. */
export const cooldownLeftS = (order: Order, now: Date) =>
  Math.max(0, Math.ceil((order.cancelAfter.getTime() - now.getTime()) / 1000))
