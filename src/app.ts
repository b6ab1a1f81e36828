// Builds everything once: the parts of the servers, the workers and the command line.
import { type Config, keyStoreOf } from './config.ts'
import { type AccessWatch, accessWatch } from './core/accounts/access.ts'
import { keyRecogniser, lastUseNotes } from './core/accounts/key-recogniser.ts'
import type { DefaultLimits } from './core/accounts/limits.ts'
import { type Money, moneyVerbs } from './core/accounts/money.ts'
import { rateWindows } from './core/accounts/rate-windows.ts'
import { type Accounts, accountVerbs, type Keys, keyVerbs } from './core/accounts/verbs.ts'
import { type CatalogReads, catalogReads } from './core/catalog/reads.ts'
import { type Deposits, depositVerbs } from './core/deposits/verbs.ts'
import { esimCodes } from './core/esims/esim.ts'
import { type Esims, esimVerbs } from './core/esims/verbs.ts'
import { type EpochWatch, epochWatch } from './core/events/epoch.ts'
import { eventFeed, type Feed } from './core/events/feed.ts'
import { type HoldUps, holdUpWatch } from './core/events/hold-up.ts'
import { type LagWatch, lagWatch } from './core/events/lag.ts'
import { type EventTail, eventTail } from './core/events/tail.ts'
import { type OrderWatch, orderWatch } from './core/events/watch.ts'
import { type Idempotency, idempotencyVerbs } from './core/idempotency/idempotency.ts'
import { type SupplierActivity, supplierActivity } from './core/inbound/activity.ts'
import { type SupplierSessions, sessionVerbs } from './core/inbound/sessions.ts'
import { type InboundRequests, inboundVerbs } from './core/inbound/verbs.ts'
import { inboxCloser } from './core/inboxes/ending.ts'
import { inboxDirectory } from './core/inboxes/inboxes.ts'
import { type Inboxes, inboxVerbs } from './core/inboxes/verbs.ts'
import { supplierSecrets } from './core/inventory/supplier-settings.ts'
import { type Suppliers, supplierVerbs } from './core/inventory/suppliers.ts'
import { type Leaving, leavingVerbs } from './core/leaving/verbs.ts'
import { type CodeSearches, codeSearches } from './core/messages/mail.ts'
import { type MailCounts, mailCounts } from './core/messages/mail-counts.ts'
import { type Messages, messageVerbs } from './core/messages/verbs.ts'
import { type Staff, staffVerbs } from './core/operating/staff.ts'
import { refusalExplainer } from './core/orders/buying/refusal.ts'
import { rentalTermsIn } from './core/orders/buying/rent.ts'
import { type Orders, orderVerbs } from './core/orders/verbs.ts'
import { type Passkeys, passkeyVerbs } from './core/people/passkey-verbs.ts'
import { type SecondFactors, secondFactorVerbs } from './core/people/second-factor.ts'
import { type TeamVerbs, teamVerbs } from './core/people/team-verbs.ts'
import { totpSecrets } from './core/people/totp-secrets.ts'
import { type People, peopleVerbs } from './core/people/verbs.ts'
import { type PublicIds, publicIds } from './core/public-id.ts'
import { type RequestLog, requestLogVerbs } from './core/request-log/verbs.ts'
import { readSettings, type Settings } from './core/settings.ts'
import { type Supply, supplyVerbs } from './core/supply/verbs.ts'
import { type UsageReads, usageReads } from './core/usage/verbs.ts'
import { type VaultSource, vaultSource } from './core/vault/keys.ts'
import { type SecretKeeper, secretKeeper } from './core/vault/secret-keeper.ts'
import { type PushCounts, pushCounts } from './core/webhooks/counts.ts'
import type { Network } from './core/webhooks/destination.ts'
import { webhookSecrets } from './core/webhooks/secrets.ts'
import { type WebhookVerbs, webhookVerbs } from './core/webhooks/verbs.ts'
import type { Database } from './db/database.ts'
import { openPools, type Pools } from './db/pools.ts'
import type { LostChild } from './isolation/pool.ts'
import type { Logger } from './log.ts'
import { type Mailer, openMailer } from './mail/mailer.ts'
import { type Measurements, openMeasurements } from './measurements.ts'
import { type NodeWatch, openNodeWatch } from './node-watch.ts'
import { type GatewayWatch, openGateways } from './payments/gateways.ts'
import { openResolver } from './push/resolver.ts'
import { canRebuy, canRenew, inboundReaderOf } from './supply/kinds.ts'
import { type MailReader, mailReader } from './supply/smtp/reader.ts'
import { type Failure, openTroubles, type Troubles } from './trouble.ts'

export type App = {
  readonly config: Config
  readonly db: Database
  /** `db`, and the connections that wait behind nothing else, for health and metrics. */
  readonly pools: Pools
  readonly log: Logger
  /** What fails, for the log: one line when it begins, one when it ends. */
  readonly troubles: Troubles
  readonly ids: PublicIds
  readonly catalog: CatalogReads
  readonly accounts: Accounts
  readonly keys: Keys
  /** The export of an account, and closing it. */
  readonly leaving: Leaving
  readonly money: Money
  readonly deposits: Deposits
  /** Users and their sessions. */
  readonly people: People
  readonly secondFactors: SecondFactors
  readonly passkeys: Passkeys
  /** The people of an account. */
  readonly team: TeamVerbs
  /** What programs of the operator do. */
  readonly staff: Staff
  /** Sends mails to users. */
  readonly mailer: Mailer
  readonly settings: () => Settings
  readonly access: AccessWatch & {
    /** Takes requests from a name's limit per minute, which all servers share. */
    readonly takeRequests: ReturnType<typeof rateWindows>
  }
  readonly usage: UsageReads
  /** What was called with each key. */
  readonly requestLog: RequestLog
  readonly orders: Orders
  /** Numbers of other platforms. */
  readonly supply: Supply
  readonly inboxes: Inboxes
  readonly esims: Esims
  readonly messages: Messages
  readonly suppliers: Suppliers & {
    /** What they do, counted for operators. */
    readonly activity: SupplierActivity
  }
  /** What comes in by vendors' webhooks and over connections. */
  readonly inbound: InboundRequests
  /** Connections that this node holds to suppliers. */
  readonly sessions: SupplierSessions
  /** What the mail server uses. */
  readonly mail: {
    /** The code patterns of inboxes. */
    readonly codeSearches: CodeSearches
    /** Parses and searches mails in child processes. */
    readonly reader: MailReader
    readonly counts: MailCounts
  }
  /** The events as they are committed: for this node, for those who wait for an order, for streams. */
  readonly events: {
    readonly tail: EventTail
    readonly watch: OrderWatch
    readonly feed: Feed
    readonly epochs: EpochWatch
    /** How far webhooks and success rates are behind. */
    readonly lags: LagWatch
    readonly holdUps: HoldUps
  }
  /** The vault for a purpose of a dialect. */
  readonly vaultFor: (purpose: string) => VaultSource
  readonly webhooks: WebhookVerbs & {
    /** The destinations that they may reach. */
    readonly network: Network
    readonly secrets: SecretKeeper
    /** The attempts to deliver, for the metrics. */
    readonly attempts: PushCounts
  }
  readonly idempotency: Idempotency
  /** The database's time, as this node knows it. */
  readonly now: () => Date
  /** What this process counts of its own work, for the metrics. */
  readonly measured: Measurements
  /** What this node knows of its database. */
  readonly node: NodeWatch
  /** Refreshes cached data. Called every second. */
  refresh(): Promise<void>
  close(): Promise<void>
}

type Outside = {
  readonly clock?: () => Date
  readonly resolve?: Network['resolve']
  readonly name?: string
}

/** @param url of the database, whose schema must be up to date
 * @param outside the clock, how the hosts of webhooks are looked up, and the name of this process in the
 * database's list of sessions */
export async function buildApp(
  config: Config,
  url: string,
  log: Logger,
  outside: Outside = {},
): Promise<App> {
  const own = await openNode(config, url, log, outside.name)
  const { troubles, pools, node, measured } = own
  const { db } = pools
  const { clock = node.clock.now } = outside
  const ids = publicIds(await readIdKey(db))
  const catalog = catalogReads(db)
  const decimalsOf = await readDecimals(db)
  const tail = eventTail(pools.watch)
  const watch = orderWatch(tail)
  const notes = lastUseNotes(db)
  const access = accessWatch(pools.watch)
  let settings = await readSettings(db)
  const reader = mailReader({ lost: (child) => troubles.failed(readerLost(child)) })
  const limits = () => limitsIn(settings)
  const explain = refusalExplainer({ db, catalog, decimals: decimalsOf, limits })
  const directory = inboxDirectory(db)
  const network = networkOf(config, outside.resolve)
  const secrets = secretKeeper(vaultSource(keyStoreOf(config), webhookSecrets))
  const gateways = await openGateways(config.payments, gatewayWatch(troubles))
  const closers = { email: inboxCloser }
  const core = { db, clock, limits, explain, closers, watch, changed: watch.changed }
  const activity = supplierActivity(db)
  const persons = personParts({ ...core, config, log, troubles })
  const requestLog = requestLogVerbs(db, () => settings.request_log_days > 0)
  const counted = countedIn([notes, activity, persons.people, requestLog])
  const messages = measured.ofMessages(
    activity.ofMessages(messageVerbs({ ...core, catalog, directory, findCodes: reader.find })),
  )
  return {
    config,
    ...own,
    db,
    log,
    ids,
    catalog,
    ...{ accounts: accountVerbs(core), leaving: leavingVerbs({ ...core, ids }) },
    keys: keyVerbs({ ...core, recognise: keyRecogniser(db, access, notes.used) }),
    money: moneyVerbs(db, decimalsOf),
    deposits: depositVerbs({ ...core, gateways }),
    ...persons,
    settings: () => settings,
    access: { ...access, takeRequests: rateWindows(db) },
    orders: orderVerbs({ ...core, ...sellingBy(() => settings), terms: config }),
    supply: supplyVerbs({ ...core, terms: config, catalog }),
    inboxes: inboxVerbs({ ...core, directory, patternFault: reader.patternFault }),
    esims: esimVerbs({ ...core, vaults: vaultSource(keyStoreOf(config), esimCodes) }),
    messages,
    ...supplyParts({ config, db, access, troubles, receive: messages.receive, activity }),
    mail: { codeSearches: codeSearches(directory, catalog), reader, counts: mailCounts() },
    events: eventParts(pools, clock, tail, watch),
    vaultFor: (purpose) => vaultSource(keyStoreOf(config), purpose),
    webhooks: webhooksWith({ ...core, network, secrets }),
    ...{ idempotency: idempotencyVerbs(db, clock), usage: usageReads(db, clock), requestLog },
    now: clock,
    async refresh() {
      settings = await readSettings(pools.watch)
      await counted.flush()
    },
    async close() {
      for (const one of [watch, tail, persons.mailer]) one.close()
      await reader.stop()
      await counted
        .flush()
        .catch((error) => troubles.caught('counts in memory', error, { isIncident: true }))
      troubles.close()
      await db.end()
    },
  }
}

/** What belongs to people: those who sign in, and the operator's own. */
const personParts = (
  parts: Parameters<typeof peopleVerbs>[0] & Parameters<typeof openMailer>[0],
) => {
  const people = peopleVerbs(parts)
  const vaults = vaultSource(keyStoreOf(parts.config), totpSecrets)
  return {
    people,
    secondFactors: secondFactorVerbs({ ...parts, vaults }),
    passkeys: passkeyVerbs(parts),
    team: teamVerbs({ ...parts, passwords: people.passwords }),
    staff: staffVerbs(parts),
    mailer: openMailer(parts),
  }
}

/** What is counted in memory, and written now and then. */
const countedIn = (parts: readonly { flush(): Promise<unknown> }[]) => ({
  flush: () => Promise.all(parts.map((part) => part.flush())),
})

function supplyParts(parts: {
  readonly config: Config
  readonly db: Database
  readonly access: AccessWatch
  readonly troubles: Troubles
  readonly receive: Messages['receive']
  readonly activity: SupplierActivity
}) {
  const { config, db, access, troubles, receive, activity } = parts
  const suppliers = supplierVerbs(db, access)
  const inbound = inboundVerbs({
    ...{ db, receive, suppliers, activity },
    keeper: secretKeeper(vaultSource(keyStoreOf(config), supplierSecrets)),
    readerOf: inboundReaderOf,
    failed: (error) => troubles.caught('requests of vendors', error, { isIncident: true }),
  })
  return { suppliers: { ...suppliers, activity }, inbound, sessions: sessionVerbs(db) }
}

/** What belongs to this process alone. */
async function openNode(config: Config, url: string, log: Logger, name?: string) {
  const troubles = openTroubles(log)
  const pools = poolsOf(config, url, troubles, name)
  const node = await openNodeWatch({ db: pools.watch, log, troubles })
  return { troubles, pools, node, measured: openMeasurements() }
}

const poolsOf = (config: Config, url: string, troubles: Troubles, name = 'numlet serve') =>
  openPools({
    url,
    poolSize: config.databasePoolSize,
    name,
    onIdleError: (error) =>
      troubles.failed({ trouble: 'database', who: 'idle connections', error }),
    onTrouble: (kind, error) => {
      if (error === null) troubles.worked('database')
      else troubles.failed({ trouble: 'database', who: `new connections for ${kind}`, error })
    },
  })

const readerLost = (child: LostChild): Failure => ({
  trouble: 'mail readers',
  who: 'processes that read mail',
  facts: child,
  isIncident: true,
})

/** A gateway's problem begins with a call that failed, and ends with one that worked. */
const gatewayWatch = (troubles: Troubles): GatewayWatch => ({
  failed({ gateway, call, kind, why }) {
    const trouble = `gateway ${gateway}`
    troubles.failed({ trouble, who: call, facts: { kind, why } })
  },
  worked: (gateway) => troubles.worked(`gateway ${gateway}`),
})

const eventParts = (
  { db, watch: watchDb }: Pools,
  clock: () => Date,
  tail: EventTail,
  watch: OrderWatch,
) => ({
  tail,
  watch,
  feed: eventFeed(db, tail),
  epochs: epochWatch(db),
  lags: lagWatch(watchDb, clock),
  holdUps: holdUpWatch(watchDb),
})

const networkOf = (
  { nameServers, webhookAllow }: Config,
  resolve = openResolver({ servers: nameServers }),
): Network => ({ resolve, allowed: webhookAllow })

const webhooksWith = (parts: Parameters<typeof webhookVerbs>[0]): App['webhooks'] => ({
  ...webhookVerbs(parts),
  network: parts.network,
  secrets: parts.secrets,
  attempts: pushCounts(),
})

const limitsIn = (settings: Settings): DefaultLimits => ({
  maxOpenOrders: settings.max_open_orders,
  maxOrdersADay: settings.max_orders_a_day,
  maxCancelledPercent: settings.max_cancelled_percent,
})

const sellingBy = (settings: () => Settings) => ({
  canRebuy,
  canRenew,
  rentalTerms: () => rentalTermsIn(settings()),
})

async function readIdKey(db: Database): Promise<Buffer> {
  const [row] = await db.query<{ id_key: Buffer }>('select id_key from installation')
  if (!row) throw new Error('the database has no row in installation')
  return row.id_key
}

async function readDecimals(db: Database): Promise<(currency: string) => number> {
  const rows = await db.query<{ code: string; decimals: number }>(
    'select code, decimals from currencies',
  )
  const known = new Map(rows.map((row) => [row.code, row.decimals]))
  return (currency) => known.get(currency) ?? 2
}
