// The indexes that find orders are built on each partition of a database from before.
import { cp, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { testDatabase } from '../harness/database.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

const released = fileURLToPath(new URL('../../src/db/migrations/', import.meta.url))
const added = '0040-order-notes.sql'
/** It needs a table of it. */
const after = '0045-people-in-epoch.sql'

it('goes on where it was interrupted, and leaves no partition out', async () => {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  const folder = `${scratch}/migrations/`
  await cp(released, folder, { recursive: true })
  for (const name of [added, after]) await rm(`${folder}${name}`)
  const { db } = await testDatabase('empty')
  await migrate(db, { folder })
  const [last] = await db.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
      where inhparent = 'orders'::regclass order by 1 desc limit 1`,
  )
  // What a migration that was killed has left: the column is not there, one index is.
  await db.query(
    'create index orders_0_listed on orders_0 (account_id, id, service_id, kind, country)',
  )

  expect(await migrate(db)).toContain(added)

  const indexes = await db.query<{ name: string; partition: string }>(
    `select p.relname as name, t.relname as partition
       from pg_inherits h join pg_class p on p.oid = h.inhparent
       join pg_index i on i.indexrelid = h.inhrelid and i.indisvalid join pg_class t on t.oid = i.indrelid
      where p.relname like 'orders\\_%' order by 1, 2`,
  )
  const of = (name: string) =>
    indexes.filter((one) => one.name === name).map((one) => one.partition)
  for (const name of ['orders_listed', 'orders_noted'])
    expect(of(name), name).toEqual(['orders_0', last?.name])
  expect(of('orders_of_account')).toEqual([])
})
