// A database from before the first release is taken over as a whole, or refused and left as it is.
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { installCatalog } from '../../src/core/catalog/install.ts'
import type { Database } from '../../src/db/database.ts'
import {
  assertMigrated,
  MigrationMismatch,
  migrate,
  pendingMigrations,
} from '../../src/db/migrate.ts'
import { migrationsBefore } from '../../src/db/migrations-before.ts'
import { testDatabase } from '../harness/database.ts'
import { dramaNumbers, openMarket } from '../promises/market.ts'

const records = (db: Database) =>
  db.query<{ name: string; checksum: string }>(
    'select name, checksum, applied_at from schema_migrations order by name',
  )

/** Makes the records look as if the schema had been created by the migrations of before. */
async function pretend(db: Database, applied: Iterable<readonly [string, string]>) {
  await db.query(`delete from schema_migrations where name not like 'functions/%'`)
  for (const [name, checksum] of applied)
    await db.query('insert into schema_migrations (name, checksum) values ($1, $2)', [
      name,
      checksum,
    ])
}

const before = [...migrationsBefore]

const source = (path: string) => fileURLToPath(new URL(`../../src/db/${path}`, import.meta.url))

/** The schema that the migrations of before made, which the first twelve files make, too. */
async function createBefore(db: Database) {
  for (const folder of ['migrations/', 'functions/'])
    for (const name of (await readdir(source(folder))).sort())
      if (folder === 'functions/' || name <= '0012-webhooks.sql')
        await db.query(await readFile(source(`${folder}${name}`), 'utf8'))
  await db.query(`create table schema_migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
  await db.begin((tx) => installCatalog(tx, new Date()))
  const [supplier] = await db.query<{ id: number }>(
    `insert into suppliers (name, kind, state) values ('one', 'http-callback', 'active') returning id`,
  )
  const shelf = { country: 'GB', operator: 'Drama', pool: '1' }
  const prices = { whatsapp: '0.40', telegram: '0.30' }
  const supplierId = supplier?.id as number
  const operators = await openMarket(db, supplierId, [{ ...shelf, phones: [], prices }])
  // As the import of before wrote them: the present one writes columns that came later.
  const placed = [shelf.country, operators.get(shelf.operator), shelf.pool]
  await db.query(
    `insert into shelves (country, operator_id, pool, area) values ($1, $2, $3, '')
     on conflict do nothing`,
    placed,
  )
  await db.query(
    `insert into numbers (phone, supplier_id, shelf_id, position)
     select p.phone, $1, s.id, p.position
       from unnest($2::text[]) with ordinality as p(phone, position), shelves s
      where s.country = $3 and s.operator_id = $4 and s.pool = $5`,
    [supplierId, dramaNumbers(20), ...placed],
  )
}

it('takes over a database that has all migrations of before, once and with its data', async () => {
  const { db: freshDb } = await testDatabase()
  const { db } = await testDatabase('empty')
  await createBefore(db)
  const fresh = (await records(freshDb)).map(({ name, checksum }) => ({ name, checksum }))
  const rows = () => db.query('select id, phone, position from numbers order by id')
  const numbers = await rows()
  expect(numbers).toHaveLength(20)
  await pretend(db, before)
  await db.query('alter table orders rename constraint orders_channel_check to orders_way_check')
  await expect(assertMigrated(db)).rejects.toThrow(/lacks \d+ .* numlet -- migrate$/)

  expect((await migrate(db)).sort()).toEqual(fresh.map(({ name }) => name).sort())

  expect((await records(db)).map(({ name, checksum }) => ({ name, checksum }))).toEqual(fresh)
  expect(await rows()).toEqual(numbers)
  expect(await pendingMigrations(db)).toEqual([])
  expect(await migrate(db)).toEqual([])
})

it.each([
  ['only some of them', before.slice(0, -1)],
  ['only the first', before.slice(0, 1)],
  ['another text of one', before.with(3, [before[3]?.[0] ?? '', 'another'])],
  ['all of them and one more', [...before, ['0099-unknown.sql', 'unknown'] as const]],
])('refuses a database with %s, and changes nothing', async (_what, applied) => {
  const { db } = await testDatabase('empty')
  await db.query(`create table schema_migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
  await pretend(db, applied)
  const found = await records(db)

  for (const attempt of [migrate, assertMigrated]) {
    const refusal = await attempt(db).catch((error) => error)
    expect(refusal).toBeInstanceOf(MigrationMismatch)
    expect(refusal.message).toMatch(
      /^The database was created by a version from before .* NUMLET_DATA .*\.$/,
    )
  }

  expect(await records(db)).toEqual(found)
  expect(
    await db.query(`select relname from pg_class where relnamespace = 'public'::regnamespace
    and relkind = 'r'`),
  ).toEqual([{ relname: 'schema_migrations' }])
})
