// What single statements cost with a partition for each month, beside the same with all orders in one.
import { readFile } from 'node:fs/promises'
import { catalogSource } from '../src/core/catalog/catalog.ts'
import { inboxCloser } from '../src/core/inboxes/ending.ts'
import { receiver } from '../src/core/messages/receive.ts'
import { endOverdueOrders } from '../src/core/orders/deadlines.ts'
import { listOrders } from '../src/core/orders/list.ts'
import { ordersById } from '../src/core/orders/read.ts'
import { type Database, openDatabase } from '../src/db/database.ts'
import type { Table } from './codes-costs.ts'
import { type BenchServer, fillPlatform, type Platform } from './ground.ts'
import { pastMonths, writePast } from './history-past.ts'
import { median } from './measure.ts'

const rounds = 5
const timesARound = 400
const pageSize = 20
const ordersAnAccount = 100

type Statement = (db: Database, platform: Platform, now: Date) => Promise<() => Promise<unknown>>

const statements: Readonly<Record<string, Statement>> = {
  'an account’s newest 20 orders': async (db) => {
    const ids = await someAccounts(db)
    return () => listOrders(db, { accountId: oneOf(ids), limit: pageSize })
  },
  'its newest 20 finished ones': async (db) => {
    const ids = await someAccounts(db)
    return () => listOrders(db, { accountId: oneOf(ids), states: ['finished'], limit: pageSize })
  },
  'the sweep, with nothing due': async (db, _platform, now) => {
    return () => endOverdueOrders(db, now, { email: inboxCloser })
  },
  'an old order, by its id': async (db) => {
    const rows = await db.query<{ id: bigint }>(
      'select id from orders tablesample system (0.5) limit 500',
    )
    const ids = rows.map(({ id }) => id)
    return () => ordersById(db, [oneOf(ids)])
  },
  'a message for a number without an order': async (db, _platform, now) => {
    const receive = receiver(db, catalogSource(db), () => {})
    let count = 0
    return () =>
      receive(now, {
        supplierId: 1,
        supplierRef: `cost-${++count}-${Math.random()}`,
        channel: 'sms',
        phone: '+999000000001',
        sender: 'Example',
        text: `Your Example code is ${100_000 + count}.`,
        hint: { orderId: null, serviceId: null },
      })
  },
}

/** Both are measured in turns, on one connection each. */
export async function statementCosts(
  ground: BenchServer,
  old: Platform,
  now: Date,
): Promise<Table> {
  const accounts = old.keys.length
  const young = await fillPlatform(ground, 'bench_one_month', { numbers: 100_000, accounts })
  await writePast(young, now, pastMonths(now).slice(-1), accounts * ordersAnAccount)
  const rows: string[][] = []
  for (const [name, statement] of Object.entries(statements)) {
    const [ours, theirs] = [await costOf(old, statement, now), await costOf(young, statement, now)]
    rows.push([name, ...(await inTurns(ours.measure, theirs.measure))])
    await ours.end()
    await theirs.end()
  }
  await young.db.end()
  return {
    title: 'What statements cost (µs of the database’s CPU time)',
    columns: ['a partition a month', 'one month', 'ratio'],
    rows,
  }
}

/** The database's CPU time: what else the machine does counts little. */
async function costOf(platform: Platform, statement: Statement, now: Date) {
  const db = openDatabase({ url: platform.url, poolSize: 1, kind: 'requests' })
  const once = await statement(db, platform, now)
  const [session] = await db.query<{ pid: number }>('select pg_backend_pid() as pid')
  const file = `/proc/${session?.pid}/schedstat`
  const usedUs = async () => Number((await readFile(file, 'utf8')).split(' ')[0]) / 1000
  return {
    async measure() {
      const before = await usedUs()
      for (let times = 0; times < timesARound; times++) await once()
      return ((await usedUs()) - before) / timesARound
    },
    end: () => db.end(),
  }
}

async function inTurns(ours: () => Promise<number>, theirs: () => Promise<number>) {
  const mine: number[] = []
  const others: number[] = []
  for (let round = 0; round < rounds; round++) {
    mine.push(await ours())
    others.push(await theirs())
  }
  const [a, b] = [median(mine), median(others)]
  return [String(Math.round(a)), String(Math.round(b)), (a / b).toFixed(2)]
}

const oneOf = <T>(list: readonly T[]) => list[Math.floor(Math.random() * list.length)] as T

async function someAccounts(db: Database) {
  const rows = await db.query<{ id: number }>('select id from accounts order by id limit 1000')
  return rows.map(({ id }) => id)
}
