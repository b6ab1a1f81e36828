// Metrics of the whole platform, read from the database: every node shows the same. What is costly to read is
// read rarely, and shared by all who ask.
import type { Registry } from 'prom-client'
import type { App } from '../app.ts'
import {
  type BannedTotal,
  type OutOfSale,
  readBanned,
  readOutOfSale,
  readStockTotals,
  type StockTotal,
} from '../core/inventory/totals.ts'
import { type MoneyTotal, readMoneyTotals } from '../core/ledger/totals.ts'
import {
  type CodeTimes,
  codeBoundsS,
  type OrderTotal,
  readCodeTimes,
  readOrderTotals,
} from '../core/orders/totals.ts'
import { readSupplyTotals, type SupplyTotal } from '../core/supply/totals.ts'
import { bucketed, sampled } from './metric-forms.ts'
import { supplyMetrics } from './supply-metrics.ts'

const minAgeMs = 12_000
/** A result is kept this many times as long as it took to read: reading takes 2 % of a processor at most. */
const restFactor = 50

type Platform = {
  readonly orders: readonly OrderTotal[]
  readonly codes: readonly CodeTimes[]
  readonly stock: readonly StockTotal[]
  readonly outOfSale: readonly OutOfSale[]
  readonly banned: readonly BannedTotal[]
  readonly money: readonly MoneyTotal[]
  readonly supply: readonly SupplyTotal[]
}

export function platformMetrics(registry: Registry, app: App) {
  const db = app.pools.watch
  const platform = kept<Platform>(async () => ({
    orders: await readOrderTotals(db),
    codes: await readCodeTimes(db),
    stock: await readStockTotals(db),
    outOfSale: await readOutOfSale(db),
    banned: await readBanned(db),
    money: await readMoneyTotals(db),
    supply: await readSupplyTotals(db),
  }))
  sampled(
    registry,
    'counter',
    {
      name: 'numlet_orders_total',
      help: 'Orders of the platform, by kind, service and what has happened to them.',
      labels: ['kind', 'service', 'outcome'],
    },
    async () =>
      (await platform()).orders.map(({ orders, ...labels }) => ({ labels, value: orders })),
  )
  bucketed(
    registry,
    {
      name: 'numlet_order_code_seconds',
      help: 'Seconds from an order to its first code, for the whole platform.',
      bounds: codeBoundsS,
    },
    async () => spreadsOf((await platform()).codes),
  )
  sampled(
    registry,
    'gauge',
    {
      name: 'numlet_stock_numbers',
      help: 'Numbers for sale, by service; 0 if a service that is offered is sold out.',
      labels: ['service'],
    },
    async () =>
      (await platform()).stock.map(({ service, numbers }) => ({
        labels: { service },
        value: numbers,
      })),
  )
  upkeepMetrics(registry, platform)
  supplyMetrics(registry, async () => (await platform()).supply)
  sampled(
    registry,
    'counter',
    {
      name: 'numlet_money_total',
      help: 'Money moved in the ledger, in units of the currency, by kind of transfer.',
      labels: ['movement', 'currency'],
    },
    async () =>
      (await platform()).money.map(({ amount, ...labels }) => ({ labels, value: amount })),
  )
}

function upkeepMetrics(registry: Registry, platform: () => Promise<Platform>) {
  const out = {
    name: 'numlet_numbers_out_of_sale',
    help: 'Numbers out of sale, by supplier and by why: operator, batch or silent.',
    labels: ['supplier', 'why'],
  }
  sampled(registry, 'gauge', out, async () =>
    (await platform()).outOfSale.map(({ numbers, ...labels }) => ({ labels, value: numbers })),
  )
  const banned = {
    name: 'numlet_numbers_banned',
    help: 'Numbers that are banned from a service because its messages did not come.',
    labels: ['service'],
  }
  sampled(registry, 'gauge', banned, async () =>
    (await platform()).banned.map(({ numbers, ...labels }) => ({ labels, value: numbers })),
  )
}

function spreadsOf(codes: readonly CodeTimes[]) {
  const kinds = [...new Set(codes.map(({ kind }) => kind))]
  return kinds.map((kind) => {
    const own = codes.filter((one) => one.kind === kind)
    return {
      labels: { kind },
      counts: [...codeBoundsS, null].map(
        (bound) => own.find(({ upToS }) => upToS === bound)?.orders ?? 0,
      ),
      sum: own.reduce((sum, { seconds }) => sum + seconds, 0),
    }
  })
}

/** Keeps a result for a while. All who ask meanwhile share it, or the reading in progress. */
export function kept<T>(load: () => Promise<T>): () => Promise<T> {
  let last: { readonly value: T; readonly untilMs: number } | null = null
  let loading: Promise<T> | null = null
  const renew = async () => {
    const begun = performance.now()
    const value = await load()
    const tookMs = performance.now() - begun
    last = { value, untilMs: performance.now() + Math.max(minAgeMs, restFactor * tookMs) }
    return value
  }
  return () => {
    if (last && performance.now() < last.untilMs) return Promise.resolve(last.value)
    loading ??= renew().finally(() => {
      loading = null
    })
    return loading
  }
}
