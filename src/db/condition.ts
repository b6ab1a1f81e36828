// What a node needs to know of its database each second: whether it can be written, its schema, and its time.
import { performance } from 'node:perf_hooks'
import type { DatabaseClock } from './clock.ts'
import type { Database, Queryable } from './database.ts'
import {
  type Applied,
  ownMigrations,
  type SchemaState,
  schemaRows,
  schemaState,
} from './migrate.ts'

/** Why a database cannot be written. */
export type ReadOnly = 'standby' | 'setting'

export type Condition = {
  /** Null: it can be written. */
  readonly readOnly: ReadOnly | null
  readonly schema: SchemaState
}

/** The database can only be read. The message says why and what to do. */
class DatabaseReadOnly extends Error {
  override readonly name = 'DatabaseReadOnly'
}

type Row = {
  readonly ms: number
  readonly is_standby: boolean
  readonly is_read_only: boolean
  readonly applied: readonly Applied[] | null
}

/** Asks with one statement, and compares the clocks. */
export async function lookAt(db: Database, clock: DatabaseClock): Promise<Condition> {
  const migrations = await ownMigrations()
  const sentMs = performance.now()
  const [row] = await db.query<Row>(
    `select (select jsonb_agg(a) from (${schemaRows}
                where name not like 'functions/%') a) as applied,
            pg_is_in_recovery() as is_standby,
            current_setting('transaction_read_only') = 'on' as is_read_only,
            (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
  )
  if (!row) throw new Error('the database did not answer what it was asked')
  clock.compare({ sentMs, answeredMs: performance.now() }, row.ms)
  return { readOnly: readOnlyOf(row), schema: schemaState(row.applied ?? [], migrations) }
}

/** @throws DatabaseReadOnly */
export async function assertWritable(db: Queryable): Promise<void> {
  const [row] = await db.query<Omit<Row, 'ms' | 'applied'>>(
    `select pg_is_in_recovery() as is_standby,
            current_setting('transaction_read_only') = 'on' as is_read_only`,
  )
  const why = row ? readOnlyOf(row) : null
  if (why !== null) throw new DatabaseReadOnly(`${readOnlyWords[why]} ${advice[why]}`)
}

export const readOnlyWords = {
  standby: 'The database is read-only: it is a standby.',
  setting: 'The database is read-only: default_transaction_read_only is on.',
} as const satisfies Record<ReadOnly, string>

const advice = {
  standby: 'Set DATABASE_URL to the primary, or promote this one.',
  setting: 'Turn it off for the database, the user and the server.',
} as const satisfies Record<ReadOnly, string>

const readOnlyOf = (row: Pick<Row, 'is_standby' | 'is_read_only'>): ReadOnly | null =>
  row.is_standby ? 'standby' : row.is_read_only ? 'setting' : null
