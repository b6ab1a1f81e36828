// Messages as one object: receiving and reading them.
import type { Database } from '../../db/database.ts'
import type { CatalogSource } from '../catalog/catalog.ts'
import type { InboxDirectory } from '../inboxes/inboxes.ts'
import { mailReceiver, type ReceiveMail } from './mail.ts'
import type { FindCodes } from './mail-codes.ts'
import {
  messageById,
  messagePage,
  messageReader,
  messagesOf,
  messageWithCode,
  type OrderMessage,
} from './read.ts'
import { type Receive, receiver } from './receive.ts'
import type { Receipt } from './store.ts'

export type Messages = {
  /** Receives a text, and reports the order that it belongs to to those who wait for it, after the commit. */
  readonly receive: Receive
  /** The same for an email. */
  readonly receiveMail: ReceiveMail
  /** The newest messages of an order, oldest first. */
  of(orderId: bigint): Promise<OrderMessage[]>
  /** The same for several orders. */
  ofOrders(ids: readonly bigint[]): Promise<Map<bigint, OrderMessage[]>>
  /** A page of all messages of an order, newest first. */
  page(
    orderId: bigint,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<OrderMessage[]>
  /** One message of an order. */
  byId(named: { readonly orderId: bigint; readonly id: bigint }): Promise<OrderMessage | undefined>
  /** The newest message of an order that has a code. */
  withCode(orderId: bigint): Promise<OrderMessage | undefined>
}

/** Composes the verbs of this folder. */
export function messageVerbs(parts: {
  readonly db: Database
  readonly catalog: CatalogSource
  readonly directory: InboxDirectory
  readonly findCodes: FindCodes
  /** Called for each order that a message has changed, after the commit. */
  readonly changed: (orderId: bigint) => void
}): Messages {
  const { db, catalog, directory, findCodes, changed } = parts
  const delivered = ({ orderId }: Receipt) => {
    if (orderId !== null) changed(orderId)
  }
  return {
    receive: receiver(db, catalog, delivered),
    receiveMail: mailReceiver({ db, catalog, directory, delivered, findCodes }),
    of: messageReader(db),
    ofOrders: (ids) => messagesOf(db, ids),
    page: (orderId, page) => messagePage(db, orderId, page),
    byId: messageById(db),
    withCode: (orderId) => messageWithCode(db, orderId),
  }
}
