// An order: its states and every legal move between them. No I/O.
import type { Annotations } from '../annotations.ts'
import type { EventType } from '../events/catalog.ts'
import type { Amount } from '../money.ts'

export const orderKinds = ['activation', 'rental', 'email', 'esim'] as const
export type OrderKind = (typeof orderKinds)[number]

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

/** What a move does with the hold: `post` it, `void` it, post the inbox's cancellation fee and return the
 * rest (`fee`), return what was posted (`refund`), void what no code has paid for (`rest`, for an order
 * for several services), or nothing (null: it was posted before). */
type Settlement = 'post' | 'void' | 'fee' | 'refund' | 'rest' | null

type MoveRule = {
  readonly from: readonly OrderState[]
  readonly to: OrderState
  readonly hold: Settlement
  readonly event: EventType
}

/** All legal moves. The SQL, the dialects and the dashboard all read this table. */
export const moves = {
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
  expire: { from: ['waiting', 'allocating'], to: 'expired', hold: 'void', event: 'order.expired' },
  /** The supplier cannot serve it. */
  fail: { from: ['allocating', 'waiting'], to: 'failed', hold: 'void', event: 'order.failed' },
  /** A rental inside its refund window. Only `renewOrder` opens it again. */
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
} as const satisfies Record<string, MoveRule>

export type Move = keyof typeof moves

/** States in which an order receives messages. A rental stays in `active`. */
export const takingStates = [...moves.receive.from, 'active'] as const

/** Final states. Only an ended rental can be opened again, by a renewal in its grace time. */
export const closedStates = ['finished', 'cancelled', 'expired', 'failed', 'ended'] as const
export const isClosed = (state: OrderState) => (closedStates as readonly string[]).includes(state)

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
  readonly messageCount: number
  readonly resendCount: number
  readonly resendPending: boolean
  readonly replaces: bigint | null
  readonly replacedBy: bigint | null
  /** In dialects with several APIs for the same stock: the one that it was bought with, if recorded. */
  readonly way: string | null
  readonly createdAt: Date
  readonly cancelAfter: Date
  readonly expiresAt: Date
  readonly receivedAt: Date | null
  readonly closedAt: Date | null
}

/** Whole seconds until an order may be cancelled; 0 if it may be cancelled now. */
export const cooldownLeftS = (order: Order, now: Date) =>
  Math.max(0, Math.ceil((order.cancelAfter.getTime() - now.getTime()) / 1000))
