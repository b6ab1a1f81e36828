// Brings the schema to this program's version: plain SQL files, forward only, each applied once.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Database, Tx } from './database.ts'

const migrationsFolder = fileURLToPath(new URL('migrations/', import.meta.url))
const functionsFolder = fileURLToPath(new URL('functions/', import.meta.url))
/** Any number, the same in every version of this program. */
const lockId = 728_110_563

type SqlFile = { readonly name: string; readonly sql: string; readonly checksum: string }

/** A migration that was applied has been changed since, or is of a newer program. */
export class MigrationMismatch extends Error {}

/**
 * Applies what is missing, all or nothing, while others that try at the same time wait.
 * Functions are not versioned: each is replaced when its text has changed.
 * @returns the names of the files that were applied
 * @throws MigrationMismatch when the database does not fit this program
 */
export async function migrate(db: Database): Promise<string[]> {
  const migrations = await sqlFiles(migrationsFolder)
  const functions = await sqlFiles(functionsFolder)
  return db.begin(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${lockId})`)
    await tx.query(`create table if not exists schema_migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
    const applied = new Map(
      (
        await tx.query<{ name: string; checksum: string }>(
          'select name, checksum from schema_migrations',
        )
      ).map((row) => [row.name, row.checksum]),
    )
    assertFits(applied, migrations)
    const done: string[] = []
    for (const file of migrations) if (!applied.has(file.name)) done.push(await apply(tx, file))
    for (const file of functions)
      if (applied.get(`functions/${file.name}`) !== file.checksum)
        done.push(await apply(tx, { ...file, name: `functions/${file.name}` }))
    return done
  })
}

/** The names of migrations that this program has and the database lacks. */
export async function pendingMigrations(db: Database): Promise<string[]> {
  const migrations = await sqlFiles(migrationsFolder)
  const [table] = await db.query<{ there: boolean }>(
    `select to_regclass('schema_migrations') is not null as there`,
  )
  if (!table?.there) return migrations.map((file) => file.name)
  const rows = await db.query<{ name: string }>('select name from schema_migrations')
  const applied = new Set(rows.map((row) => row.name))
  return migrations.filter((file) => !applied.has(file.name)).map((file) => file.name)
}

function assertFits(applied: Map<string, string>, migrations: readonly SqlFile[]) {
  const known = new Map(migrations.map((file) => [file.name, file.checksum]))
  for (const [name, checksum] of applied) {
    if (name.startsWith('functions/')) continue
    const ours = known.get(name)
    if (ours === undefined)
      throw new MigrationMismatch(`the database has ${name}, which this version does not know`)
    if (ours !== checksum)
      throw new MigrationMismatch(`${name} was changed after it had been applied`)
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
