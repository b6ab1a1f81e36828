// Builds everything once: the parts of the servers, the workers and the command line.
import { type Config, keyPlacesOf } from './config.ts'
import { type AccessWatch, accessWatch } from './core/accounts/access.ts'
import { keyRecogniser, lastUseNotes, type Recognise } from './core/accounts/keys.ts'
import { rateWindows } from './core/accounts/rate-windows.ts'
import type { Annotations } from './core/annotations.ts'
import { type CatalogSource, catalogSource } from './core/catalog/catalog.ts'
import type { Gateways } from './core/deposits/gateway.ts'
import { esimCodes } from './core/esims/esim.ts'
import { type BuyEsim, esimReader, esimSeller, type ReadEsim } from './core/esims/sell.ts'
import { eventFeed, type Feed } from './core/events/feed.ts'
import { type EventTail, eventTail } from './core/events/tail.ts'
import { type OrderWatch, orderWatch } from './core/events/watch.ts'
import { type Once, type Repeated, runningKeys } from './core/idempotency/idempotency.ts'
import { buyInboxes, type InboxPurchase } from './core/inboxes/buy.ts'
import type { Inbox } from './core/inboxes/inbox.ts'
import { inboxDirectory, inboxReader, reorderInbox } from './core/inboxes/inboxes.ts'
import {
  type CodeWishes,
  codeWishes,
  mailReceiver,
  type ReceiveMail,
} from './core/messages/mail.ts'
import { type MailCounts, mailCounts } from './core/messages/mail-counts.ts'
import { messageReader, type OrderMessage } from './core/messages/read.ts'
import { type Receive, receiver } from './core/messages/receive.ts'
import type { Receipt } from './core/messages/store.ts'
import { buyAgain } from './core/orders/again.ts'
import { type Bought, buyer, type DefaultLimits, type Purchase } from './core/orders/buy.ts'
import type { Order, OrderKind } from './core/orders/order.ts'
import type { Target } from './core/orders/orders.ts'
import { orderReader } from './core/orders/read.ts'
import { type Asked, type Explain, refusalExplainer } from './core/orders/refusal.ts'
import { type Rental, type RentalTerms, renewOrder, rentNumber } from './core/orders/rent.ts'
import { type OrderService, servicesReader } from './core/orders/services.ts'
import { buyPicky, buyTogether, type Together } from './core/orders/together.ts'
import { type PublicIds, publicIds } from './core/public-id.ts'
import { readSettings, type Settings } from './core/settings.ts'
import { type VaultSource, vaultSource } from './core/vault/keys.ts'
import { type PushCounts, pushCounts } from './core/webhooks/counts.ts'
import type { Network } from './core/webhooks/destination.ts'
import { type SecretKeeper, secretKeeper, webhookSecrets } from './core/webhooks/secrets.ts'
import { type Database, openDatabase } from './db/database.ts'
import type { Logger } from './log.ts'
import { openGateways } from './payments/gateways.ts'
import { openResolver } from './push/resolver.ts'
import { type MailReader, mailReader } from './supply/smtp/reader.ts'

export type App = {
  readonly config: Config
  readonly db: Database
  readonly log: Logger
  readonly ids: PublicIds
  readonly catalog: CatalogSource
  /** The decimals of a currency. */
  readonly decimals: (currency: string) => number
  readonly settings: () => Settings
  readonly access: AccessWatch
  readonly recognise: Recognise
  /** Takes requests from a name's limit per minute, which all servers share. */
  readonly takeRequests: ReturnType<typeof rateWindows>
  readonly buy: (now: Date, purchase: Purchase) => Promise<Bought>
  /** One number for several services. */
  readonly buyTogether: (now: Date, order: Together) => Promise<Bought>
  /** The number of a past order again. */
  readonly buyAgain: (now: Date, target: AgainTarget) => Promise<Bought>
  readonly rent: (now: Date, rental: Rental) => Promise<Bought>
  readonly renew: (now: Date, target: OnceTarget) => Promise<Order | Repeated>
  readonly rentalTerms: () => RentalTerms
  readonly buyEsim: BuyEsim
  readonly buyInboxes: (now: Date, purchase: InboxPurchase) => Promise<Bought>
  readonly reorderInbox: (now: Date, target: OnceTarget) => Promise<Order | Repeated>
  readonly readOrder: (accountId: number, id: bigint) => Promise<Order>
  readonly readMessages: (orderId: bigint) => Promise<OrderMessage[]>
  /** The services of an order for several, each with its price and code. */
  readonly readServices: (orderId: bigint) => Promise<OrderService[]>
  /** The eSIM of an order of kind `esim`. */
  readonly readEsim: ReadEsim
  /** The inbox of an order of kind `email`. */
  readonly readInbox: (orderId: bigint) => Promise<Inbox>
  readonly isOpenInbox: (now: Date, address: string) => Promise<boolean>
  readonly receive: Receive
  readonly receiveMail: ReceiveMail
  /** The code patterns of inboxes. */
  readonly codeWishes: CodeWishes
  /** Parses and searches mails in child processes. */
  readonly mailReader: MailReader
  readonly mails: MailCounts
  readonly tail: EventTail
  readonly watch: OrderWatch
  readonly feed: Feed
  /** The destinations that webhooks may reach. */
  readonly network: Network
  readonly webhookSecrets: SecretKeeper
  readonly pushes: PushCounts
  /** The gateways for deposits. */
  readonly gateways: Gateways
  readonly running: ReturnType<typeof runningKeys>
  readonly limits: () => DefaultLimits
  /** The clock, for the outer layers. Verbs get the time as an argument. */
  readonly now: () => Date
  /** Refreshes cached data. Called every second. */
  refresh(): Promise<void>
  close(): Promise<void>
}

type OnceTarget = Target & { readonly once: Once | null }

type AgainTarget = OnceTarget & { readonly annotations?: Annotations }

/** @param url of the database, whose schema must be up to date */
export async function buildApp(config: Config, url: string, log: Logger): Promise<App> {
  const db = openDatabase({
    url,
    poolSize: config.databasePoolSize,
    onIdleError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  })
  const ids = publicIds(await readIdKey(db))
  const catalog = catalogSource(db)
  const decimals = await readDecimals(db)
  const tail = eventTail(db)
  const watch = orderWatch(tail)
  const notes = lastUseNotes(db)
  const access = accessWatch(db)
  const vaults = vaultSource(keyPlacesOf(config), esimCodes)
  let settings = await readSettings(db)
  const limits = () => limitsIn(settings)
  const rentalTerms = () => ({
    graceS: settings.rental_grace_hours * 3600,
    remindersS: settings.rental_reminder_hours.map((hours) => hours * 3600),
  })
  const reader = mailReader({ lost: (child) => log.warn(child, 'a process that reads mail ended') })
  const decimalsOf = (currency: string) => decimals.get(currency) ?? 2
  const explain = refusalExplainer({ db, catalog, decimals: decimalsOf, limits })
  const delivered = ({ orderId }: Receipt) => {
    if (orderId !== null) watch.changed(orderId)
  }
  return {
    config,
    db,
    log,
    ids,
    catalog,
    decimals: decimalsOf,
    settings: () => settings,
    access,
    recognise: keyRecogniser(db, access, notes.used),
    takeRequests: rateWindows(db),
    ...buying({ db, config, limits, rentalTerms, vaults, explain, reader }),
    ...reading(db, vaults),
    limits,
    rentalTerms,
    receive: receiver(db, catalog, delivered),
    ...mailing({ db, catalog, reader, delivered }),
    mails: mailCounts(),
    tail,
    watch,
    feed: eventFeed(db, tail),
    network: networkOf(config),
    webhookSecrets: secretKeeper(vaultSource(keyPlacesOf(config), webhookSecrets)),
    pushes: pushCounts(),
    gateways: await openGateways(config.payments, (trouble) =>
      log.warn(trouble, 'a payment gateway did not do what was asked'),
    ),
    running: runningKeys(),
    now: () => new Date(),
    async refresh() {
      settings = await readSettings(db)
      await notes.flush()
    },
    async close() {
      watch.close()
      tail.close()
      await reader.stop()
      await notes
        .flush()
        .catch((error: unknown) => log.warn({ err: error }, 'last uses of keys are lost'))
      await db.end()
    },
  }
}

const networkOf = ({ nameServers, webhookAllow }: Config): Network => ({
  resolve: openResolver({ servers: nameServers }),
  allowed: webhookAllow,
})

const limitsIn = (settings: Settings): DefaultLimits => ({
  maxOpenOrders: settings.max_open_orders,
  maxOrdersADay: settings.max_orders_a_day,
  maxCancelledPercent: settings.max_cancelled_percent,
})

type Parts = {
  readonly db: Database
  readonly config: Config
  readonly limits: () => DefaultLimits
  readonly rentalTerms: () => RentalTerms
  readonly vaults: VaultSource
  readonly explain: Explain
  readonly reader: MailReader
}

/** Every way to spend money. */
function buying({ db, config, limits, rentalTerms, vaults, explain, reader }: Parts) {
  const buy = buyer(db, config, limits)
  const sellEsim = esimSeller(db, vaults, limits)
  return {
    buy: (now, purchase) =>
      explain(
        now,
        askedFor('activation', purchase),
        purchase.wish.exclude?.length
          ? buyPicky(db, now, config, limits(), purchase)
          : buy(now, purchase),
      ),
    buyTogether: (now, order) =>
      explain(now, { kind: 'activation', ...order }, buyTogether(db, now, config, limits(), order)),
    buyAgain: (now, target) =>
      explain(
        now,
        { kind: 'activation', accountId: target.accountId },
        buyAgain(db, now, config, limits(), target),
      ),
    rent: (now, rental) =>
      explain(
        now,
        { ...askedFor('rental', rental), durationS: rental.durationS },
        rentNumber(db, now, rentalTerms(), limits(), rental),
      ),
    renew: (now, target) =>
      explain(
        now,
        { kind: 'rental', accountId: target.accountId },
        renewOrder(db, now, rentalTerms(), limits(), target),
      ),
    buyEsim: (now, sale) => explain(now, { kind: 'esim', ...sale }, sellEsim(now, sale)),
    buyInboxes: (now, purchase) =>
      explain(
        now,
        { kind: 'email', ...purchase },
        buyInboxes(db, now, limits(), purchase, reader.patternFault),
      ),
    reorderInbox: (now, target) => reorderInbox(db, now, target),
  } satisfies Partial<App>
}

type MailParts = {
  readonly db: Database
  readonly catalog: CatalogSource
  readonly reader: MailReader
  readonly delivered: (receipt: Receipt) => void
}

/** What inbound mail uses. */
function mailing({ db, catalog, reader, delivered }: MailParts) {
  const directory = inboxDirectory(db)
  return {
    isOpenInbox: directory.isOpen,
    codeWishes: codeWishes(directory, catalog),
    mailReader: reader,
    receiveMail: mailReceiver({ db, catalog, directory, delivered, findCodes: reader.find }),
  } satisfies Partial<App>
}

function askedFor(
  kind: OrderKind,
  { accountId, wish, quantity }: Pick<Purchase, 'accountId' | 'wish'> & { quantity?: number },
): Asked {
  const { serviceId, country, pool, offerId, maxPrice } = wish
  return { accountId, kind, serviceIds: [serviceId], country, pool, offerId, maxPrice, quantity }
}

/** Reads orders and their data. Concurrent reads are combined. */
function reading(db: Database, vaults: VaultSource) {
  return {
    readOrder: orderReader(db),
    readMessages: messageReader(db),
    readServices: servicesReader(db),
    readEsim: esimReader(db, vaults),
    readInbox: inboxReader(db),
  } satisfies Partial<App>
}

async function readIdKey(db: Database): Promise<Buffer> {
  const [row] = await db.query<{ id_key: Buffer }>('select id_key from installation')
  if (!row) throw new Error('the database has no row in installation')
  return row.id_key
}

async function readDecimals(db: Database): Promise<Map<string, number>> {
  const rows = await db.query<{ code: string; decimals: number }>(
    'select code, decimals from currencies',
  )
  return new Map(rows.map((row) => [row.code, row.decimals]))
}
