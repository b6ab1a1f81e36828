// Inboxes for these tests: bought by the core's own verb, as every dialect buys them.
import { expect } from 'vitest'
import type { App } from '../../src/app.ts'
import type { InboxPurchase } from '../../src/core/inboxes/buy.ts'
import { addDomain, type NewDomain } from '../../src/core/inboxes/domains.ts'
import type { IncomingMail } from '../../src/core/messages/mail.ts'
import { type Amount, parseAmount } from '../../src/core/money.ts'
import type { Order } from '../../src/core/orders/order.ts'
import type { Database } from '../../src/db/database.ts'
import { type TestServer, testCustomer } from '../harness/server.ts'

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
  const bought = await app.inboxes.buy({
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

let mails = 0

/** A customer and a domain, and what they do with each other's inboxes. The clock is the server's. */
export async function mailMarket({ app, db }: Pick<TestServer, 'app' | 'db'>) {
  const { accountId } = await testCustomer(db, { credit: '1000' })
  const domain = await ownDomain(db, {
    price: usd('0.50'),
    cancellationFee: usd('0.05'),
    sessionS: 600,
  })
  return {
    accountId,
    domain,
    inbox: (wanted: Partial<InboxPurchase> = {}) =>
      buyOne(app, { accountId, domains: [domain], ...wanted }),
    async balance() {
      const [row] = await db.query<{ balance: bigint }>(
        `select balance from ledger_accounts where kind = 'customer' and account_id = $1`,
        [accountId],
      )
      return row?.balance ?? 0n
    },
    send: (address: string, mail: Partial<IncomingMail> = {}) =>
      app.messages.receiveMail(app.now(), {
        ref: `<${++mails}@example.com>`,
        address,
        sender: 'Example <noreply@example.com>',
        subject: 'Your code',
        text: 'Your code is 204060.',
        html: null,
        ...mail,
      }),
    inS: (seconds: number) => new Date(app.now().getTime() + seconds * 1000),
    read: (id: bigint) => app.orders.read(accountId, id),
  }
}

export const refusedWith = (code: string) => expect.objectContaining({ name: 'DomainError', code })
