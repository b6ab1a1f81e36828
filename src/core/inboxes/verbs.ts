// Inboxes as one object: every verb and read, with the database, the clock and the limits inside.
import type { Database } from '../../db/database.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import type { Repeated } from '../idempotency/idempotency.ts'
import type { Bought } from '../orders/buying/buy.ts'
import type { Explain } from '../orders/buying/refusal.ts'
import type { Order } from '../orders/order.ts'
import type { OnceTarget } from '../orders/verbs.ts'
import { buyInboxes, type InboxPurchase } from './buy.ts'
import { type DomainOffer, listDomains } from './domains.ts'
import type { Inbox } from './inbox.ts'
import { type InboxDirectory, inboxReader, reorderInbox } from './inboxes.ts'
import type { PatternFault } from './pattern.ts'

export type Inboxes = {
  buy(purchase: InboxPurchase): Promise<Bought>
  /** Waits for one more email in the same inbox. */
  reorder(target: OnceTarget): Promise<Order | Repeated>
  /** The domains for sale, the cheapest first. */
  domains(wanted: Parameters<typeof listDomains>[1]): Promise<DomainOffer[]>
  /** The inbox of an order of kind `email`. */
  read(orderId: bigint): Promise<Inbox>
  /** Whether an address accepts emails now. */
  isOpen(address: string): Promise<boolean>
}

/** Composes the verbs of this folder. */
export function inboxVerbs(parts: {
  readonly db: Database
  readonly clock: () => Date
  readonly limits: () => DefaultLimits
  readonly explain: Explain
  readonly directory: InboxDirectory
  readonly patternFault: PatternFault
  /** Called for each order that a verb has changed, after the commit. */
  readonly changed: (orderId: bigint) => void
}): Inboxes {
  const { db, clock, limits, explain, directory, patternFault, changed } = parts
  return {
    buy(purchase) {
      const now = clock()
      const work = buyInboxes(db, now, limits(), purchase, patternFault)
      return explain(now, { kind: 'email', ...purchase }, work)
    },
    async reorder(target) {
      const order = await reorderInbox(db, clock(), target)
      changed(target.id)
      return order
    },
    domains: (wanted) => listDomains(db, wanted),
    read: inboxReader(db),
    isOpen: (address) => directory.isOpen(clock(), address),
  }
}
