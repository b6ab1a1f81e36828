// The verbs that end orders, with the closers that the app hands them.
import { inboxCloser } from '../../src/core/inboxes/ending.ts'
import * as deadlines from '../../src/core/orders/deadlines.ts'
import * as orders from '../../src/core/orders/orders.ts'
import type { Database } from '../../src/db/database.ts'

export const closers = { email: inboxCloser }

export const cancelOrder = (db: Database, now: Date, target: orders.Target) =>
  orders.cancelOrder(db, now, closers, target)

export const finishOrder = (db: Database, now: Date, target: orders.Target) =>
  orders.finishOrder(db, now, closers, target)

export const endOverdueOrders = (db: Database, now: Date) =>
  deadlines.endOverdueOrders(db, now, closers)
