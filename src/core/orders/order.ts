// What an order is: its states and every legal move between them. No I/O in this file.
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

/** What a move does with the hold: `post` it, `void` it, post the inbox's cancelling fee and give the rest
 * back (`fee`), give back what was posted (`refund`), void what no code has paid for (`rest`: of an order for
 * several services), or nothing (it was posted before, and stays so). */
type Settlement = 'post' | 'void' | 'fee' | 'refund' | 'rest' | null

type MoveRule = {
  readonly from: readonly OrderState[]
  readonly to: OrderState
  readonly hold: Settlement
  readonly event: EventType
}

/** Every legal move. The SQL, the dialects and the dashboard all read this table. */
export const moves = {
  receive: {
    from: ['waiting', 'received'],
    to: 'received',
    hold: 'post',
    event: 'order.code_received',
  },
  finish: { from: ['received'], to: 'finished', hold: 'rest', event: 'order.finished' },
  cancel: { from: ['waiting'], to: 'cancelled', hold: 'void', event: 'order.cancelled' },
  /** An inbox before its first mail. */
  cancelForFee: { from: ['waiting'], to: 'cancelled', hold: 'fee', event: 'order.cancelled' },
  replace: { from: ['waiting'], to: 'cancelled', hold: 'void', event: 'order.replaced' },
  expire: { from: ['waiting', 'allocating'], to: 'expired', hold: 'void', event: 'order.expired' },
  /** The supplier cannot serve it. */
  fail: { from: ['allocating', 'waiting'], to: 'failed', hold: 'void', event: 'order.failed' },
  /** A rental inside its refund window. It is opened again by `renewOrder` alone. */
  giveBack: { from: ['active'], to: 'cancelled', hold: 'refund', event: 'order.cancelled' },
  /** What an operator does to an order without a code: whatever its cooldown, and not counted as a cancel. */
  withdraw: {
    from: ['allocating', 'waiting'],
    to: 'cancelled',
    hold: 'void',
    event: 'order.cancelled',
  },
  /** What an operator does to a rental, whose holds he refunds by himself: renewals have one each. */
  revoke: { from: ['active'], to: 'cancelled', hold: null, event: 'order.cancelled' },
  end: { from: ['active'], to: 'ended', hold: null, event: 'order.ended' },
} as const satisfies Record<string, MoveRule>

export type Move = keyof typeof moves

/** States in which an order takes messages. A rental stays in its own. */
export const takingStates = [...moves.receive.from, 'active'] as const

/** States in which an order is over. An ended rental alone may come back, by a renewal in its grace time. */
export const closedStates = ['finished', 'cancelled', 'expired', 'failed', 'ended'] as const
export const isClosed = (state: OrderState) => (closedStates as readonly string[]).includes(state)

/** Numbers that one request may ask for. */
export const maxQuantity = 20

export type Order = Annotations & {
  readonly id: bigint
  readonly accountId: number
  readonly kind: OrderKind
  readonly state: OrderState
  /** Null where it is for none in particular: eSIMs, and mail from a site that is no service here. */
  readonly serviceId: number | null
  /** All services of an order for several; null of all others. */
  readonly services: readonly number[] | null
  /** Null of mail, as operator and pool are; an eSIM may be for a country. */
  readonly country: string | null
  readonly operatorId: number | null
  readonly pool: string | null
  readonly offerId: number
  readonly numberId: number | null
  readonly phone: string | null
  readonly email: string | null
  /** Seconds that a rental lasts, and that each renewal adds; null of all others. */
  readonly durationS: number | null
  readonly renewals: number
  /** Of an order for several services the sum of what is held for each. */
  readonly price: Amount
  readonly currency: string
  /** Null of an order for several services: each has a hold of its own (`services.ts`). */
  readonly holdId: string | null
  /** The newest code, separators removed; null before one came and after its retention. */
  readonly code: string | null
  /** The same code as it stood in the message. */
  readonly codeAsWritten: string | null
  readonly messageCount: number
  readonly resendCount: number
  readonly resendPending: boolean
  readonly replaces: bigint | null
  readonly replacedBy: bigint | null
  /** Of a dialect with several ways to the same stock: the one that it came by, where that was noted. */
  readonly way: string | null
  readonly createdAt: Date
  readonly cancelAfter: Date
  readonly expiresAt: Date
  readonly receivedAt: Date | null
  readonly closedAt: Date | null
}

/** Whole seconds until an order may be cancelled; 0 when it may be now. */
export const cooldownLeftS = (order: Order, now: Date) =>
  Math.max(0, Math.ceil((order.cancelAfter.getTime() - now.getTime()) / 1000))
