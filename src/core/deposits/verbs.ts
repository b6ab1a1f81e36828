// Deposits as one object: every verb and read, with the database, the clock and the gateways inside.
import type { Database } from '../../db/database.ts'
import type { AnnotationChange } from '../annotations.ts'
import type { Repeated } from '../idempotency/idempotency.ts'
import type { Deposit } from './deposit.ts'
import {
  annotateDeposit,
  type DepositFilter,
  type DepositTarget,
  findByPayToken,
  findDeposit,
  listDeposits,
} from './deposits.ts'
import {
  type ClaimedDeposit,
  claimDeposits,
  type DueAtGateway,
  dueAtGateways,
  type WantedDeposits,
} from './due.ts'
import {
  type Asked,
  type Gateway,
  type Gateways,
  gatewayNamed,
  gatewaysFor,
  type NoticeSent,
} from './gateway.ts'
import { type NewDeposit, openDeposit } from './open-deposit.ts'
import { checkDeposit, type NoticeOutcome, takeNotice } from './reconcile.ts'
import { sendRefund } from './refunding.ts'
import { type DepositOutcome, expireDeposits, type Payable, payInSandbox } from './settling.ts'

type DepositVerbs = {
  /** Creates a deposit and requests its invoice. */
  open(wanted: NewDeposit): Promise<Deposit | Repeated>
  /** Pays a deposit of the sandbox within its window. */
  payInSandbox(wanted: Payable): Promise<DepositOutcome | Repeated>
  /** Handles a gateway's notice: verifies it, then asks the gateway for the state of the deposit. */
  takeNotice(gateway: Gateway, sent: Omit<NoticeSent, 'now'>): Promise<NoticeOutcome>
  /** Lists an account's deposits, newest first. */
  list(filter: DepositFilter): Promise<Deposit[]>
  /** Expires the deposits whose window is over. @returns the number expired */
  expire(): Promise<number>
  /** What gateways are to be asked or told. */
  due(): Promise<DueAtGateway[]>
  /** Claims some of it. */
  claim(wanted: WantedDeposits): Promise<ClaimedDeposit[]>
  /** Asks the gateway for the state of a claimed deposit, or for its missing invoice. */
  check(claimed: ClaimedDeposit): Promise<Asked>
  /** Has the gateway of a claimed deposit pay it back. */
  sendRefund(claimed: ClaimedDeposit): Promise<Asked>
}

type DepositReads = {
  /** A deposit of this account. @throws deposit_not_found */
  read(target: DepositTarget): Promise<Deposit>
  /** The deposit of a payer's page. @throws deposit_not_found */
  byPayToken(payToken: string): Promise<Deposit>
  /** Updates the customer's reference and metadata. */
  annotate(target: DepositTarget, change: AnnotationChange): Promise<Deposit>
  /** The gateways that accept a currency; the default comes first. */
  gatewaysFor(currency: string): Gateways
  gatewayNamed(name: string): Gateway | null
}

export type Deposits = DepositVerbs &
  DepositReads & {
    /** The verbs at a given time. */
    at(now: Date): DepositVerbs
  }

/** Composes the verbs of this folder. */
export function depositVerbs(parts: {
  readonly db: Database
  readonly clock: () => Date
  readonly gateways: Gateways
}): Deposits {
  const { db, clock, gateways } = parts
  const verbsAt = (now: () => Date): DepositVerbs => ({
    open: (wanted) => openDeposit(db, now(), gateways, wanted),
    payInSandbox: (wanted) => payInSandbox(db, now(), gateways, wanted),
    takeNotice(gateway, sent) {
      const at = now()
      return takeNotice(db, at, gateway, { ...sent, now: at })
    },
    list: (filter) => listDeposits(db, now(), filter),
    expire: () => expireDeposits(db, now()),
    due: () => dueAtGateways(db, now()),
    claim: (wanted) => claimDeposits(db, now(), wanted),
    check: (claimed) => checkDeposit(db, now(), gateways, claimed),
    sendRefund: (claimed) => sendRefund(db, now(), gateways, claimed),
  })
  return {
    ...verbsAt(clock),
    at: (now) => verbsAt(() => now),
    read: (target) => findDeposit(db, target),
    byPayToken: (payToken) => findByPayToken(db, payToken),
    annotate: (target, change) => annotateDeposit(db, target, change),
    gatewaysFor: (currency) => gatewaysFor(gateways, currency),
    gatewayNamed: (name) => gatewayNamed(gateways, name),
  }
}
