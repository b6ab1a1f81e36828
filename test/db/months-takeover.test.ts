// The orders of a database from before the partitions become the first of them.
import { cp, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import { installCatalog } from '../../src/core/catalog/install.ts'
import { partitionsOfOrders } from '../../src/core/months/months.ts'
import { buyer } from '../../src/core/orders/buying/buy.ts'
import { anyNumber } from '../../src/core/orders/buying/selection.ts'
import type { Database } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { installDemo } from '../../src/demo.ts'
import { testDatabase, testVault } from '../harness/database.ts'
import { cancelOrder } from '../harness/ending.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { testCustomer } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'

const released = fileURLToPath(new URL('../../src/db/migrations/', import.meta.url))
const added = '0017-months.sql'
/** They need the partitions, or what is made with them. */
const after = ['0040-order-notes.sql', '0045-people-in-epoch.sql']

/** A database as the version before made it. */
async function databaseOfBefore(): Promise<Database> {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  const folder = `${scratch}/migrations/`
  await cp(released, folder, { recursive: true })
  for (const name of [added, ...after]) await rm(`${folder}${name}`)
  // What the verbs of today read.
  await writeFile(`${folder}${after[0]}`, 'alter table orders add column note varchar(1000);')
  const { db } = await testDatabase('empty')
  await migrate(db, { folder })
  await db.begin((tx) => installCatalog(tx, new Date()))
  await installDemo(db, new Date(), testVault)
  return db
}

it('takes over all orders, open ones too, and goes on with their ids', async () => {
  const db = await databaseOfBefore()
  const { accountId } = await testCustomer(db, { credit: '100' })
  const { id: serviceId } = await ownService(db, { numbers: 20 })
  const limits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }
  const buy = async () => {
    const terms = { cancelCooldownS: 0, activationWindowS: 1_200 }
    const wanted = { accountId, selection: { ...anyNumber, serviceId }, quantity: 1, once: null }
    const result = await buyer(db, terms, () => limits)(new Date(), wanted)
    if ('repeated' in result) throw new Error('no key was given')
    return result.orders[0] as NonNullable<(typeof result.orders)[0]>
  }
  const [open, closed] = [await buy(), await buy()]
  await cancelOrder(db, new Date(), closed)
  const rows = () => db.query(`select to_jsonb(o) - 'note' as row from orders o order by id`)
  const before = await rows()
  expect(before).toHaveLength(2)

  await db.query('alter table orders drop column note')
  await db.query('delete from schema_migrations where name = $1', [after[0]])
  expect(await migrate(db)).toContain(added)

  expect(await rows()).toEqual(before)
  const next = await buy()
  expect(next.id).toBe(closed.id + 1n)
  await cancelOrder(db, new Date(), open)
  const partitions = await partitionsOfOrders(db)
  expect(partitions.map(({ table }) => table)).toEqual([
    'orders_0',
    `orders_${partitions[1]?.from}`,
  ])
  const [used] = await db.query(
    'select count(*)::int as orders from orders where tableoid = $1::regclass',
    [partitions[0]?.table],
  )
  expect(used).toEqual({ orders: 3 })
  // Each index of the whole has one of the old table.
  const indexes = await db.query(
    `select i.inhparent::regclass::text as name, count(*)::int as parts
       from pg_inherits i join pg_class c on c.oid = i.inhparent and c.relkind = 'I' group by 1 order by 1`,
  )
  expect(indexes).toEqual(
    ['orders_by_reference', 'orders_listed', 'orders_noted', 'orders_pkey'].map((name) => ({
      ...{ name, parts: 2 },
    })),
  )
  expect((await audit(db, new Date())).checks.filter(({ ok }) => !ok)).toEqual([])
  expect(await migrate(db)).toEqual([])
})
