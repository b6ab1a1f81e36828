// Ids as callers send them: the token of the document they know, or the bare number.
import type { App } from '../app.ts'
import { notFound } from '../core/orders/read.ts'

const largestId = 2n ** 63n - 1n

/** @throws order_not_found for what can be no order's id: it is answered like one that is not there */
export function orderIdOf(app: App, text: string): bigint {
  const id = app.ids.fromToken('ord', text) ?? (/^\d{1,19}$/.test(text) ? BigInt(text) : null)
  if (id === null || id > largestId) throw notFound()
  return id
}
