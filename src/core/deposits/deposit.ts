// What a deposit is: its states, and how long it may be paid. No I/O in this file.
import type { Amount } from '../money.ts'

export const depositStates = ['pending', 'success', 'expired', 'failed'] as const
export type DepositState = (typeof depositStates)[number]

/** Ways of paying that this program knows. */
export const gateways = ['sandbox'] as const
export type Gateway = (typeof gateways)[number]

/** How long a deposit can be paid. */
export const depositWindowS = 30 * 60

export type Deposit = {
  readonly id: bigint
  readonly accountId: number
  readonly gateway: string
  readonly state: DepositState
  /** What the account is credited. */
  readonly amount: Amount
  /** What is to be paid, fees in. */
  readonly total: Amount
  readonly currency: string
  /** Opens the payer's page: whoever has it may see the deposit, and pay it. */
  readonly payToken: string
  /** A QR code's EMV payload; null of gateways that give none. */
  readonly qris: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly paidAt: Date | null
}

/** Its state at a time: the window's end holds whether it was swept or not. */
export const stateAt = (deposit: Deposit, now: Date): DepositState =>
  deposit.state === 'pending' && deposit.expiresAt <= now ? 'expired' : deposit.state

/** The gateways that are open, the one that is taken when none is named first. The sandbox gives money away:
 * it is for the demo alone. */
export const openGateways = (terms: { readonly demo: boolean }): readonly Gateway[] =>
  terms.demo ? ['sandbox'] : []
