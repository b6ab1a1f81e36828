// `history`: a platform with twelve months of past orders. How large it is, how long its upkeep takes (purge,
// audit, archive), and how long purchases at a steady rate take alone and meanwhile.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { purgeTexts } from '../src/core/messages/retention.ts'
import { monthsOfOrders } from '../src/core/months/months.ts'
import { type Database, openDatabase } from '../src/db/database.ts'
import type { Table } from './codes-costs.ts'
import { type BenchServer, fillPlatform, type Platform, startServer } from './ground.ts'
import { statementCosts } from './history-costs.ts'
import { type PastMonth, pastMonths, writePast } from './history-past.ts'
import { type SteadyPurchases, steadyPurchases } from './steady-purchases.ts'

const size = {
  orders: Number(process.env.HISTORY_ORDERS ?? '5000000'),
  numbers: 100_000,
  accounts: 1_000,
}
const purchasesASecond = Number(process.env.HISTORY_RATE ?? '50')
const aloneMs = 20_000
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The tables, each as soon as it is there. */
export async function* history(ground: BenchServer): AsyncGenerator<Table> {
  const now = new Date()
  const [platform, wroteS] = await timed(async () => {
    const filled = await fillPlatform(ground, 'bench_history', size)
    await writePast(filled, now, pastMonths(now), size.orders)
    return filled
  })
  process.stderr.write(`  written in ${Math.round(wroteS)} s\n`)
  yield await sizesOf(platform.db)
  yield await statementCosts(ground, platform, now)
  yield await upkeep(platform, pastMonths(now))
  await platform.db.end()
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now()
  return [await work(), (performance.now() - start) / 1000]
}

/** The tables that grow with orders; of `orders` also one month. */
async function sizesOf(db: Database): Promise<Table> {
  const rows = await db.query<{ name: string; rows: bigint; bytes: bigint; indexes: bigint }>(
    `select t.name, t.rows, t.bytes, t.indexes
       from (select coalesce(i.inhparent, c.oid)::regclass::text as name,
                    sum(greatest(c.reltuples, 0))::bigint as rows,
                    sum(pg_total_relation_size(c.oid))::bigint as bytes,
                    sum(pg_indexes_size(c.oid))::bigint as indexes
               from pg_class c left join pg_inherits i on i.inhrelid = c.oid
              where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace group by 1) t
      where t.rows >= 10000 order by t.bytes desc`,
  )
  const middle = (await monthsOfOrders(db))[5]
  if (!middle) throw new Error('there are too few months')
  const [month] = await db.query<{ rows: bigint; bytes: bigint; indexes: bigint }>(
    `select reltuples::bigint as rows, pg_total_relation_size(oid) as bytes, pg_indexes_size(oid) as indexes
       from pg_class where oid = $1::regclass`,
    [middle.table],
  )
  const named = [...rows, { name: `a month of orders (${middle.table})`, ...month }]
  return {
    title: `Sizes with ${size.orders} past orders`,
    columns: ['rows', 'MB', 'of which indexes'],
    rows: named.map((one) => [
      one.name,
      String(one.rows),
      megabytes(one.bytes as bigint),
      megabytes(one.indexes as bigint),
    ]),
  }
}

const megabytes = (bytes: bigint) => String(Math.round(Number(bytes) / 1e6))

/** Each step while customers buy. */
async function upkeep(platform: Platform, months: readonly PastMonth[]): Promise<Table> {
  const directory = await mkdtemp(join(tmpdir(), 'numlet-history-'))
  const { db, url } = platform
  // The job that purges texts leaves them to this benchmark.
  await db.query(`insert into settings (name, value) values ('retention_days', '3650')`)
  const environment = { NUMLET_DATA: directory, NUMLET_DEMO: '0' }
  const server = await startServer(url, environment, 'start')
  const purchases = await steadyPurchases(server, platform, purchasesASecond)
  const rows: string[][] = []
  try {
    const command = (...args: string[]) => runCommand(url, directory, args)
    for (const [name, work] of Object.entries(stepsOf(url, months, command)))
      rows.push(await measured(purchases, name, work))
  } finally {
    await purchases.stop()
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
  return {
    title: `Upkeep while customers buy ${purchasesASecond} orders a second`,
    columns: ['seconds', 'purchases', 'failed', 'p50 ms', 'p99 ms', 'max ms'],
    rows,
  }
}

type Command = (...args: string[]) => Promise<void>

function stepsOf(
  url: string,
  months: readonly PastMonth[],
  command: Command,
): Record<string, () => Promise<unknown>> {
  const oldest = months[0]?.name as string
  const withTexts = months.at(-2) as PastMonth
  const alone = () => new Promise((resolve) => setTimeout(resolve, aloneMs))
  return {
    'purchases alone, at first': alone,
    'purchases alone': alone,
    [`texts of ${withTexts.name} purged`]: () => purgeUpTo(url, withTexts.to),
    'audit --full': () => command('audit', '--full'),
    'audit of what has changed': () => command('audit'),
    [`archive run ${oldest}`]: () => command('archive', 'run', oldest, '--reason', 'benchmark'),
    [`archive verify ${oldest}`]: () => command('archive', 'verify', oldest),
    'audit of what has changed, with the month archived': () => command('audit'),
    [`archive restore ${oldest}`]: () =>
      command('archive', 'restore', oldest, '--reason', 'benchmark'),
    'purchases alone, once more': alone,
  }
}

async function measured(purchases: SteadyPurchases, name: string, work: () => Promise<unknown>) {
  process.stderr.write(`  ${name} ...\n`)
  const { seconds, purchases: count, failed, p50, p99, max } = await purchases.during(work)
  const row = [
    name,
    seconds.toFixed(1),
    String(count),
    String(failed),
    ...[p50, p99, max].map((ms) => ms.toFixed(1)),
  ]
  process.stderr.write(`    ${row.slice(1).join(' ')}\n`)
  return row
}

/** As the job does it, in one go. */
async function purgeUpTo(url: string, before: Date) {
  const db = openDatabase({ url, poolSize: 1, kind: 'jobs' })
  let messages = 0
  for (let purged = 1; purged > 0; messages += purged)
    purged = await purgeTexts(db, new Date(), before)
  await db.end()
  process.stderr.write(`    ${messages} messages\n`)
}

/** A command of the program, in a process of its own. @throws if it fails */
function runCommand(url: string, directory: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, DATABASE_URL: url, NUMLET_DATA: directory, NUMLET_OPERATOR: 'bench' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`numlet ${args.join(' ')} ended with ${code}: ${output}`))
    })
  })
}
