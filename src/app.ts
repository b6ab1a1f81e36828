// Builds everything once: what the servers, the workers and the command line are made of.
import type { Config } from './config.ts'
import { type AccessWatch, accessWatch } from './core/accounts/access.ts'
import { keyRecogniser, lastUseNotes, type Recognise } from './core/accounts/keys.ts'
import { type CatalogSource, catalogSource } from './core/catalog/catalog.ts'
import { type OrderWatch, orderWatch } from './core/events/tail.ts'
import { runningKeys } from './core/idempotency/idempotency.ts'
import { messageReader, type OrderMessage } from './core/messages/read.ts'
import { type Receive, receiver } from './core/messages/receive.ts'
import { type Bought, buyer, type DefaultLimits, type Purchase } from './core/orders/buy.ts'
import type { Order } from './core/orders/order.ts'
import { type OrderStatus, orderReader, statusReader } from './core/orders/read.ts'
import { type PublicIds, publicIds } from './core/public-id.ts'
import { readSettings, type Settings } from './core/settings.ts'
import { type Database, openDatabase } from './db/database.ts'
import type { Logger } from './log.ts'

export type App = {
  readonly config: Config
  readonly db: Database
  readonly log: Logger
  readonly ids: PublicIds
  readonly catalog: CatalogSource
  /** A currency's own decimals. */
  readonly decimals: (currency: string) => number
  readonly settings: () => Settings
  readonly access: AccessWatch
  readonly recognise: Recognise
  readonly buy: (now: Date, purchase: Purchase) => Promise<Bought>
  readonly readOrder: (accountId: number, id: bigint) => Promise<Order>
  readonly readStatus: (accountId: number, id: bigint) => Promise<OrderStatus>
  readonly readMessages: (orderId: bigint) => Promise<OrderMessage[]>
  readonly receive: Receive
  readonly watch: OrderWatch
  readonly running: ReturnType<typeof runningKeys>
  readonly limits: () => DefaultLimits
  /** The time, for the rims; verbs get it as an argument. */
  readonly now: () => Date
  /** Keeps what is remembered fresh. Called every second. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** @param url the database's; its schema must be there */
export async function buildApp(config: Config, url: string, log: Logger): Promise<App> {
  const db = openDatabase({
    url,
    poolSize: config.databasePoolSize,
    onIdleError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  })
  const ids = publicIds(await readIdKey(db))
  const catalog = catalogSource(db)
  const decimals = await readDecimals(db)
  const watch = orderWatch(db)
  const notes = lastUseNotes(db)
  const access = accessWatch(db)
  let settings = await readSettings(db)
  const limits = () => ({
    maxOpenOrders: settings.max_open_orders,
    maxOrdersADay: settings.max_orders_a_day,
    maxCancelledPercent: settings.max_cancelled_percent,
  })
  return {
    config,
    db,
    log,
    ids,
    catalog,
    decimals: (currency) => decimals.get(currency) ?? 2,
    settings: () => settings,
    access,
    recognise: keyRecogniser(db, access, notes.used),
    buy: buyer(db, config, limits),
    readOrder: orderReader(db),
    readStatus: statusReader(db),
    readMessages: messageReader(db),
    receive: receiver(db, catalog, (receipt) => {
      if (receipt.orderId !== null) watch.changed(receipt.orderId)
    }),
    watch,
    running: runningKeys(),
    limits,
    now: () => new Date(),
    async refresh() {
      settings = await readSettings(db)
      await notes.flush()
    },
    async close() {
      watch.close()
      await notes.flush().catch((error: unknown) => log.warn({ err: error }, 'last uses were lost'))
      await db.end()
    },
  }
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
