// Updates the schema to this program's version: plain SQL files, forward only, each applied once.
import { fileURLToPath } from 'node:url'
import { commandName } from '../command-name.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { isCompatible, type SqlFile, sqlFiles, stepsOf } from './migration-files.ts'
import { migrationsFromBefore, replaceRecords } from './migrations-before.ts'
import { createSteps, type Progress, runSteps } from './online.ts'

const migrationsFolder = fileURLToPath(new URL('migrations/', import.meta.url))
const functionsFolder = fileURLToPath(new URL('functions/', import.meta.url))
/** Any number, the same in every version of this program. */
const lockId = 728_110_563

/** What a database has, compared with what this program has. */
export type SchemaState = {
  /** The last migration that was applied, such as `0012-webhooks`. */
  readonly version: string
  /** Migrations of this program that were not applied. */
  readonly missing: readonly string[]
  /** Applied migrations of a newer program. */
  readonly newer: readonly string[]
  /** Whether this program can go on with all of them. */
  readonly isCompatible: boolean
}

/** An applied migration, as `schemaRows` returns it. */
export type Applied = {
  readonly name: string
  readonly checksum: string
  readonly compatible: boolean
}

/** A select for the applied migrations, also from tables that older programs have made. */
export const schemaRows = `select name, checksum,
  coalesce((to_jsonb(m) ->> 'compatible')::boolean, false) as compatible from schema_migrations m`

/** An applied migration has since been changed, or comes from a newer program. */
export class MigrationMismatch extends Error {}

export type MigrateOptions = {
  /** Told what happens, if it takes long. */
  readonly progress?: Progress
  /** The folder of the migrations, with a slash at its end. */
  readonly folder?: string
}

type Plan = {
  readonly db: Database
  readonly progress: Progress
  readonly migrations: readonly SqlFile[]
  readonly functions: readonly SqlFile[]
}

/**
 * Applies missing migrations, while concurrent callers wait: all or nothing, unless one of them runs online.
 * That one is done in steps, after those before it, and the next run goes on where one was interrupted.
 * It needs three connections. Functions are not versioned: each is replaced if its text has changed.
 * @returns the names of the applied files
 * @throws MigrationMismatch if the database does not fit this program
 */
export async function migrate(db: Database, options: MigrateOptions = {}): Promise<string[]> {
  const { progress = () => {}, folder = migrationsFolder } = options
  const [migrations, functions] = [await sqlFiles(folder), await sqlFiles(functionsFolder)]
  const plan = { db, progress, migrations, functions }
  const done: string[] = []
  for (;;) {
    const { applied, online } = await db.begin((tx) => applyPlain(tx, plan))
    done.push(...applied)
    if (online === null) return done
    if (await applyOnline(plan, online)) done.push(online.name)
  }
}

/** Applies the missing files up to the next one that runs online. */
async function applyPlain(tx: Tx, { progress, migrations, functions }: Plan) {
  await lockOut(tx, progress)
  await createRecords(tx)
  let applied = await appliedTo(tx)
  assertFits(applied, migrations, 'none')
  const done: string[] = []
  if (migrationsFromBefore(checksumsOf(applied)) === 'all') {
    done.push(...(await replaceRecords(tx, migrations)))
    applied = await appliedTo(tx)
  }
  for (const file of migrations) {
    if (applied.has(file.name)) continue
    if (stepsOf(file) !== null) {
      await createSteps(tx)
      return { applied: done, online: file }
    }
    done.push(await apply(tx, file))
  }
  for (const file of functions)
    if (applied.get(`functions/${file.name}`)?.checksum !== file.checksum)
      done.push(await apply(tx, { ...file, name: `functions/${file.name}` }))
  return { applied: done, online: null }
}

/** @returns whether it was still to be done */
function applyOnline({ db, progress }: Plan, file: SqlFile): Promise<boolean> {
  return db.begin(async (tx) => {
    await lockOut(tx, progress)
    if ((await appliedTo(tx)).has(file.name)) return false
    const alive = keepAlive(tx)
    try {
      await runSteps({ db, file, progress, goOn: alive.assert }, stepsOf(file) ?? [])
    } finally {
      await alive.stop()
    }
    await record(tx, file)
    return true
  })
}

const askAgainMs = 250

/** Waits until no other migration runs, and keeps others out until the transaction ends. */
// @NOTE asked repeatedly: a statement that waits has a snapshot, and an index that another migration builds
// would wait for that snapshot in turn
async function lockOut(tx: Tx, progress: Progress): Promise<void> {
  for (let tries = 1; ; tries++) {
    const [row] = await tx.query<{ taken: boolean }>(
      `select pg_try_advisory_xact_lock(${lockId}) as taken`,
    )
    if (row?.taken) return
    if (tries === 4) progress('Another migration is running. Waiting for its end.')
    await new Promise((resolve) => setTimeout(resolve, askAgainMs))
  }
}

const aliveEveryMs = 10_000

/** Keeps a transaction open that only holds a lock: an idle one is ended after a minute. */
function keepAlive(tx: Tx) {
  let lost: unknown
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = running
      .then(() => tx.query('select'))
      .then(
        () => undefined,
        (error) => {
          lost = error
        },
      )
  }, aliveEveryMs)
  return {
    /** @throws if the lock is lost */
    assert() {
      if (lost !== undefined) throw lost
    },
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

async function createRecords(tx: Tx) {
  await tx.query(`create table if not exists schema_migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null default now(),
    compatible boolean not null default false)`)
  const [column] = await tx.query(
    `select from pg_attribute
      where attrelid = 'schema_migrations'::regclass and attname = 'compatible'`,
  )
  if (!column)
    await tx.query(
      'alter table schema_migrations add column compatible boolean not null default false',
    )
}

/** The names of migrations that this program has and the database does not. */
export async function pendingMigrations(db: Queryable): Promise<readonly string[]> {
  return schemaState([...(await appliedTo(db)).values()], await ownMigrations()).missing
}

/** Compares applied migrations with those of this program. */
export function schemaState(
  applied: readonly Applied[],
  migrations: readonly SqlFile[],
): SchemaState {
  const own = applied.filter((one) => !one.name.startsWith('functions/'))
  const names = new Set(own.map(({ name }) => name))
  const known = new Set(migrations.map(({ name }) => name))
  const newer = own.filter(({ name }) => !known.has(name))
  return {
    version:
      [...names]
        .sort()
        .at(-1)
        ?.replace(/\.sql$/, '') ?? 'none',
    missing: migrations.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    newer: newer.map(({ name }) => name),
    isCompatible: newer.every(({ compatible }) => compatible),
  }
}

let remembered: Promise<readonly SqlFile[]> | null = null

/** This program's migrations. They are read once: whoever replaces the files of a running program does not
 * change what it knows. */
export function ownMigrations(): Promise<readonly SqlFile[]> {
  remembered ??= sqlFiles(migrationsFolder).catch((error) => {
    remembered = null
    throw error
  })
  return remembered
}

/** Ensures that this program can use the schema: it is its own, or newer in a compatible way.
 * @throws MigrationMismatch, which says what to do if it is older or newer */
export async function assertMigrated(db: Queryable): Promise<void> {
  const migrations = await ownMigrations()
  const applied = await appliedTo(db)
  assertFits(applied, migrations, 'compatible')
  const pending = migrations.filter((file) => !applied.has(file.name)).length
  if (pending === 0) return
  const lacks =
    applied.size === 0
      ? 'The database has no Numlet tables yet'
      : `The database lacks ${pending} of this version’s migrations`
  throw new MigrationMismatch(`${lacks}. Update it first: ${commandName} migrate`)
}

async function appliedTo(db: Queryable): Promise<Map<string, Applied>> {
  const [table] = await db.query<{ there: boolean }>(
    `select to_regclass('schema_migrations') is not null as there`,
  )
  if (!table?.there) return new Map()
  const rows = await db.query<Applied>(schemaRows)
  return new Map(rows.map((row) => [row.name, row]))
}

const checksumsOf = (applied: ReadonlyMap<string, Applied>) =>
  new Map([...applied].map(([name, { checksum }]) => [name, checksum]))

/** @param newer which migrations of a newer program are accepted */
function assertFits(
  applied: ReadonlyMap<string, Applied>,
  migrations: readonly SqlFile[],
  newer: 'none' | 'compatible',
) {
  const before = migrationsFromBefore(checksumsOf(applied))
  if (before === 'all') return
  if (before === 'some')
    throw new MigrationMismatch(
      'The database was created by a version from before the first release, and not updated to the last ' +
        'one. Nothing was changed. Set NUMLET_DATA to a new directory, or DATABASE_URL to a new database.',
    )
  const known = new Map(migrations.map((file) => [file.name, file.checksum]))
  for (const { name, checksum, compatible } of applied.values()) {
    if (name.startsWith('functions/')) continue
    const ours = known.get(name)
    if (ours === undefined && compatible && newer === 'compatible') continue
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
  await record(tx, file)
  return file.name
}

async function record(tx: Tx, file: SqlFile): Promise<void> {
  await tx.query(
    `insert into schema_migrations (name, checksum, compatible) values ($1, $2, $3)
     on conflict (name) do update set (checksum, compatible, applied_at)
       = (excluded.checksum, excluded.compatible, now())`,
    [file.name, file.checksum, isCompatible(file)],
  )
}
