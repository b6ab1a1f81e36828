// A market with a few numbers of our own, and suppliers that can be asked for more.
import { createWithoutSecret } from '../../../src/core/inventory/suppliers.ts'
import type { Purchase } from '../../../src/core/orders/buying/selection.ts'
import type { Dealing } from '../../../src/core/supply/dealing.ts'
import { type NewSource, putSources } from '../../../src/core/supply/sources.ts'
import type { Database } from '../../../src/db/database.ts'
import { closers } from '../../harness/ending.ts'
import { testCustomer, testServer, testSupplier } from '../../harness/server.ts'
import { anyNumberFor, openMarket, services } from '../../promises/market.ts'

/** The price of the market's offer, in the base currency. */
export const price = 20_000n
export const allocateS = 15

/** Numbers of Leeds that Ofcom keeps for drama. The demo has those of London and mobile ones: no other Numlet
 * sells one of ours. */
const leedsNumbers = (count: number) =>
  Array.from({ length: count }, (_, index) => `+44113496${String(index).padStart(4, '0')}`)

/** One offer of WhatsApp in Great Britain, with numbers of our own. @returns the offer's id */
export async function openOwnMarket(
  db: Database,
  supplierId: number,
  own: number,
  operator = 'Drama',
  pool = '1',
): Promise<number> {
  const operators = await openMarket(db, supplierId, [
    { country: 'GB', operator, pool, phones: leedsNumbers(own), prices: { whatsapp: '2.00' } },
  ])
  const [offer] = await db.query<{ id: number }>(
    'select id from offers where service_id = $1 and operator_id = $2 and pool = $3',
    [services.whatsapp, operators.get(operator), pool],
  )
  if (!offer) throw new Error('the market has no offer')
  return offer.id
}

let made = 0

/** Gives the servers of a test more time for an answer than a supplier has: the machine may be busy. */
export const askPatiently = (db: Database) =>
  db.query('update suppliers set ask_timeout_ms = 14000')

/** A supplier that can be asked, with one product for an offer. */
export async function openUpstream(
  db: Database,
  now: Date,
  source: Pick<NewSource, 'offerId' | 'stock'> & Partial<NewSource> & { currency?: string },
): Promise<{ name: string; supplierId: number; sourceId: number }> {
  const name = `upstream-${++made}`
  const settings = { config: {}, secrets: {} }
  const { id } = await createWithoutSecret(db, { name, kind: 'simulator' }, settings)
  const supplierId = source.supplierId ?? id
  await db.query('update suppliers set currency = $2 where id = $1', [id, source.currency ?? 'USD'])
  const product = `wa ${made}`
  await db.begin((tx) => putSources(tx, now, [{ cost: 10_000n, product, ...source, supplierId }]))
  const [row] = await db.query<{ id: number }>('select id from sources where product = $1', [
    source.product ?? product,
  ])
  return { name, supplierId, sourceId: (row as { id: number }).id }
}

/** A purchase of WhatsApp numbers for which suppliers may be asked. */
export const purchaseOf = (accountId: number, more: Partial<Purchase> = {}): Purchase => ({
  accountId,
  selection: anyNumberFor('whatsapp'),
  quantity: 1,
  allocateS,
  once: null,
  ...more,
})

/** A server with the market, a customer with money, and what the verbs of supply need. */
export async function upstreamDesk(own = 1, operator = 'Drama') {
  const server = await testServer({ template: 'catalog' })
  const { app, db } = server
  const { supplierId } = await testSupplier(db)
  const offerId = await openOwnMarket(db, supplierId, own, operator)
  // All of our own are let.
  await db.query('update stock set remaining = 0, next_position = 1000')
  await db.query(`update numbers set state = 'disabled'`)
  const { accountId } = await testCustomer(db, { credit: '1000' })
  const terms = {
    cancelCooldownS: app.config.cancelCooldownS,
    activationWindowS: app.config.activationWindowS,
  }
  const dealing: Dealing = { db, terms, closers }
  return { ...server, offerId, accountId, dealing }
}
