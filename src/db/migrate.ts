// Updates the schema to this program's version: plain SQL files, forward only, each applied once.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { commandName } from '../command-name.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { migrationsFromBefore, replaceRecords } from './migrations-before.ts'

const migrationsFolder = fileURLToPath(new URL('migrations/', import.meta.url))
const functionsFolder = fileURLToPath(new URL('functions/', import.meta.url))
/** Any number, the same in every version of this program. */
const lockId = 728_110_563

type SqlFile = { readonly name: string; readonly sql: string; readonly checksum: string }

/** An applied migration has since been changed, or comes from a newer program. */
export class MigrationMismatch extends Error {}

/**
 * Applies missing migrations, all or nothing, while concurrent callers wait.
 * Functions are not versioned: each is replaced if its text has changed.
 * @returns the names of the applied files
 * @throws MigrationMismatch if the database does not fit this program
 */
export async function migrate(db: Database): Promise<string[]> {
  const migrations = await sqlFiles(migrationsFolder)
  const functions = await sqlFiles(functionsFolder)
  return db.begin(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${lockId})`)
    await tx.query(`create table if not exists schema_migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
    let applied = await appliedTo(tx)
    assertFits(applied, migrations)
    const done: string[] = []
    if (migrationsFromBefore(applied) === 'all') {
      done.push(...(await replaceRecords(tx, migrations)))
      applied = await appliedTo(tx)
    }
    for (const file of migrations) if (!applied.has(file.name)) done.push(await apply(tx, file))
    for (const file of functions)
      if (applied.get(`functions/${file.name}`) !== file.checksum)
        done.push(await apply(tx, { ...file, name: `functions/${file.name}` }))
    return done
  })
}

/** The names of migrations that this program has and the database does not. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const migrations = await sqlFiles(migrationsFolder)
  const applied = await appliedTo(db)
  return migrations.filter((file) => !applied.has(file.name)).map((file) => file.name)
}

/** Ensures that the schema is exactly this program's.
 * @throws MigrationMismatch, which says what to do if it is older or newer */
export async function assertMigrated(db: Queryable): Promise<void> {
  const migrations = await sqlFiles(migrationsFolder)
  const applied = await appliedTo(db)
  assertFits(applied, migrations)
  const pending = migrations.filter((file) => !applied.has(file.name)).length
  if (pending === 0) return
  const lacks =
    applied.size === 0
      ? 'The database has no Numlet tables yet'
      : `The database lacks ${pending} of this version’s migrations`
  throw new MigrationMismatch(`${lacks}. Update it first: ${commandName} migrate`)
}

async function appliedTo(db: Queryable): Promise<Map<string, string>> {
  const [table] = await db.query<{ there: boolean }>(
    `select to_regclass('schema_migrations') is not null as there`,
  )
  if (!table?.there) return new Map()
  const rows = await db.query<{ name: string; checksum: string }>(
    'select name, checksum from schema_migrations',
  )
  return new Map(rows.map((row) => [row.name, row.checksum]))
}

function assertFits(applied: Map<string, string>, migrations: readonly SqlFile[]) {
  const before = migrationsFromBefore(applied)
  if (before === 'all') return
  if (before === 'some')
    throw new MigrationMismatch(
      'The database was created by a version from before the first release, and not updated to the last ' +
        'one. Nothing was changed. Set NUMLET_DATA to a new directory, or DATABASE_URL to a new database.',
    )
  const known = new Map(migrations.map((file) => [file.name, file.checksum]))
  for (const [name, checksum] of applied) {
    if (name.startsWith('functions/')) continue
    const ours = known.get(name)
    if (ours === undefined)
      throw new MigrationMismatch(
        `The database was used by a newer version of Numlet: it has the migration ${name}, ` +
          'which this version does not know. ' +
          'Start that version, or restore a backup made before the upgrade.',
      )
    if (ours !== checksum)
      throw new MigrationMismatch(
        `The migration ${name} differs from the one that was applied to the database. ` +
          'Restore the released files of this version, or restore a backup.',
      )
  }
}

async function apply(tx: Tx, file: SqlFile): Promise<string> {
  await tx.query(file.sql)
  await tx.query(
    `insert into schema_migrations (name, checksum) values ($1, $2)
     on conflict (name) do update set checksum = excluded.checksum, applied_at = now()`,
    [file.name, file.checksum],
  )
  return file.name
}

async function sqlFiles(folder: string): Promise<SqlFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(`${folder}${name}`, 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}
