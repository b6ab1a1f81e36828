// Inboxes for these tests: bought by the core's own verb, as every dialect buys them.
import type { App } from '../../src/app.ts'
import type { InboxPurchase } from '../../src/core/inboxes/buy.ts'
import { addDomain, type NewDomain } from '../../src/core/inboxes/domains.ts'
import { type Amount, parseAmount } from '../../src/core/money.ts'
import type { Order } from '../../src/core/orders/order.ts'
import type { Database } from '../../src/db/database.ts'

export const usd = (text: string) => parseAmount(text) as Amount

let made = 0

/** A domain that no other test sells. */
export async function ownDomain(
  db: Database,
  terms: Partial<Omit<NewDomain, 'domain'>> = {},
): Promise<string> {
  const domain = `own-${++made}.example.com`
  await db.begin((tx) => addDomain(tx, { domain, price: usd('0.10'), capacity: 100, ...terms }))
  return domain
}

/** Buys inboxes. */
export async function buyMany(
  app: App,
  wanted: Partial<InboxPurchase> & Pick<InboxPurchase, 'accountId'>,
): Promise<readonly Order[]> {
  const bought = await app.buyInboxes(app.now(), {
    site: 'example.com',
    domains: [],
    quantity: 1,
    subject: null,
    pattern: null,
    once: null,
    ...wanted,
  })
  if (!('orders' in bought)) throw new Error('the purchase was made before')
  return bought.orders
}

export async function buyOne(
  app: App,
  wanted: Partial<InboxPurchase> & Pick<InboxPurchase, 'accountId'>,
): Promise<Order & { readonly email: string }> {
  const [order] = await buyMany(app, wanted)
  if (!order?.email) throw new Error('an inbox was bought without an address')
  return { ...order, email: order.email }
}
