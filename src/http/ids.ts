// Ids as callers send them: a token of the dialect, or the plain number.
import type { App } from '../app.ts'
import { notFound } from '../core/orders/read.ts'

const maxId = 2n ** 63n - 1n

/** @throws order_not_found for text that cannot be an order id; it is answered like an unknown id */
export function orderIdOf(app: App, text: string): bigint {
  const id = app.ids.fromToken('ord', text) ?? (/^\d{1,19}$/.test(text) ? BigInt(text) : null)
  if (id === null || id > maxId) throw notFound()
  return id
}
