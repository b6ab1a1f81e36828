// A command that is killed at any step leaves a month whole: in the database, or in the archive.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { type Archives, started, testArchives } from '../archive/archives.ts'
import { dump, oldMonth } from '../archive/old-month.ts'

let archives: Archives
let month: string
let before: Record<string, string[]>
beforeAll(async () => {
  archives = await testArchives()
  month = await oldMonth(archives.db)
  before = await dump(archives.db)
})

const patienceMs = 60_000

type Step = (found: { readonly db: Database; readonly directory: string }) => Promise<boolean>

const isFile =
  (...path: string[]): Step =>
  async ({ directory }) =>
    existsSync(join(directory, ...path.map((part) => part.replace('MONTH', month))))
const isRow =
  (sql: string): Step =>
  async ({ db }) =>
    (await db.query(sql)).length > 0

/** Starts the program, and kills it when a step is reached, unless it is done before. */
async function killedAt(args: readonly string[], step: Step): Promise<void> {
  const child = started(archives, args)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const { db, directory } = archives
  const late = AbortSignal.timeout(patienceMs)
  while (!(await step({ db, directory }))) {
    late.throwIfAborted()
    if (child.exitCode !== null) break
    // A turn of the event loop, and no more: some steps take a millisecond.
    await db.query('select')
  }
  child.kill('SIGKILL')
  // A null: it was killed.
  expect([null, 0]).toContain(await ended)
  await othersEnded(db)
}

/** PostgreSQL notices within seconds that the program is gone. */
async function othersEnded(db: Database): Promise<void> {
  const late = AbortSignal.timeout(patienceMs)
  const others = `select 1 as yes from pg_stat_activity
    where application_name = 'numlet cli' and datname = current_database()`
  while ((await db.query(others)).length > 0) late.throwIfAborted()
}

const isArchived = async () =>
  (await archives.db.query('select 1 as yes from archived_months')).length > 0

/** Whatever was done, the month is in one place only, and the books are right. */
async function expectWhole(): Promise<void> {
  const { db, json, expectClean } = archives
  await expectClean()
  if (await isArchived()) {
    expect(await json('verify', month)).toMatchObject({ ok: true })
    const left = await db.query(
      `select 1 as yes from orders where created_at < now() - interval '500 days'`,
    )
    expect(left).toEqual([])
  } else expect(await dump(db)).toEqual(before)
}

/** The lock of a step that needs all orders: somebody uses them and does not end. */
async function whileOrdersAreUsed(work: () => Promise<void>): Promise<void> {
  await archives.db.begin(async (tx) => {
    await tx.query('lock table orders in row exclusive mode')
    await work()
  })
}

const waits: Step = isRow(
  `select 1 as yes from pg_locks where relation = 'orders'::regclass and not granted`,
)

it.each<[string, Step]>([
  ['has begun', isFile('.MONTH.partial')],
  ['writes', isFile('.MONTH.partial', 'orders.ndjson.gz')],
  ['has written', isFile('.MONTH.partial', 'manifest.json')],
  ['has its place', isFile('MONTH', 'manifest.json')],
  ['has dropped the month', isRow('select 1 as yes from archived_months')],
])('archives nothing or everything when it is killed as it %s', async (_, step) => {
  const { db, json, directory } = archives
  await killedAt(['run', month], step)
  await expectWhole()
  // The next run puts everything in order.
  if (!(await isArchived())) expect((await json('run', month)).archived).toHaveLength(1)
  else await json('run', '--older-than', '600')
  expect(await readdir(directory)).toEqual([month])
  await expectWhole()
  const dropped = `select 1 as yes from messages m join archived_months a
    on m.order_id >= a.orders_from and m.order_id < a.orders_to`
  expect(await db.query(dropped)).toEqual([])
  expect(await json('restore', month)).toMatchObject({ changed: true })
  expect(await dump(db)).toEqual(before)
})

it('keeps the month when it is killed as it waits to drop it', async () => {
  const { json } = archives
  await whileOrdersAreUsed(() => killedAt(['run', month], waits))
  expect(await isArchived()).toBe(false)
  await expectWhole()
  expect((await json('run', month)).archived).toHaveLength(1)
  await expectWhole()
})

it.each<[string, Step]>([
  ['loads', isRow(`select 1 as yes from pg_class where relname = 'archive_messages'`)],
  [
    'has loaded orders',
    isRow(
      `select 1 as yes from pg_stat_activity where query like 'insert into past_leases%' or exists (
       select from past_leases p join archived_months a
         on p.order_id >= a.orders_from and p.order_id < a.orders_to)`,
    ),
  ],
  [
    'has loaded messages',
    isRow(
      `select 1 as yes from messages m join archived_months a
       on m.order_id >= a.orders_from and m.order_id < a.orders_to`,
    ),
  ],
  ['is done', isRow('select 1 as yes where not exists (select from archived_months)')],
])('restores nothing or everything when it is killed as it %s', async (_, step) => {
  const { db, json } = archives
  if (!(await isArchived())) await json('run', month)
  await killedAt(['restore', month], step)
  await expectWhole()
  await json('restore', month)
  expect(await dump(db)).toEqual(before)
  expect(await db.query(`select 1 as yes from pg_class where relname like 'archive\\_%'`)).toEqual(
    [],
  )
  await expectWhole()
})

it('restores nothing when it is killed as it waits to put the month back', async () => {
  const { db, json } = archives
  await json('run', month)
  await db.begin(async (tx) => {
    // As strong as what a partition needs that comes in; reads go on.
    await tx.query('lock table orders in share row exclusive mode')
    await killedAt(['restore', month], waits)
  })
  expect(await isArchived()).toBe(true)
  await expectWhole()
  await json('restore', month)
  expect(await dump(db)).toEqual(before)
})
