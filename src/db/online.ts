// Migrations that run online, while the platform works: in steps that go on where they were interrupted.
import type { Database, Tx } from './database.ts'
import { isLockTimeout } from './errors.ts'
import { eachPartition, type SqlFile, type Step } from './migration-files.ts'

/** A line about how far a migration is. */
export type Progress = (line: string) => void

/** A lock is waited for no longer than this: whoever wants the same table queues behind the one who waits. */
const lockMs = 2_000
const longestPauseMs = 5_000
const linesEveryMs = 2_000

/** Creates the table of steps: which have begun, how far they are, and which are done. */
export async function createSteps(tx: Tx): Promise<void> {
  await tx.query(`create table if not exists migration_steps (
    migration text not null, step text not null, checksum text not null,
    position text, done bigint not null default 0,
    started_at timestamptz not null default now(), finished_at timestamptz,
    primary key (migration, step))`)
}

type Work = {
  readonly db: Database
  readonly file: SqlFile
  readonly progress: Progress
  /** Throws if the work must not go on. */
  readonly goOn: () => void
}

/** Runs those steps of a migration that are not done. Only one caller at a time. */
export async function runSteps(work: Work, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    work.goOn()
    const begun = await begin(work, step)
    if (begun.isDone) continue
    work.progress(`${work.file.name}: ${step.name}`)
    if (step.kind === 'index' || step.kind === 'partitions') await buildIndexes(work, step)
    else if (step.kind === 'batches') await runBatches(work, step)
    else
      await withLocks(work, step, async (tx) => {
        await tx.query(step.sql)
        await finish(tx, work.file, step)
      })
  }
}

/** @throws Error if the step was changed after it was done */
async function begin({ db, file }: Work, step: Step): Promise<{ isDone: boolean }> {
  await db.once(
    `insert into migration_steps as s (migration, step, checksum) values ($1, $2, $3)
     on conflict (migration, step) do update set checksum = excluded.checksum where s.finished_at is null`,
    [file.name, step.name, step.checksum],
  )
  const [row] = await db.query<{ checksum: string; is_done: boolean }>(
    `select checksum, finished_at is not null as is_done from migration_steps
      where migration = $1 and step = $2`,
    [file.name, step.name],
  )
  if (row?.checksum !== step.checksum)
    throw new Error(`The step “${step.name}” of ${file.name} was changed after it was done.`)
  return { isDone: row.is_done }
}

async function finish(tx: Pick<Tx, 'query'>, file: SqlFile, step: Step): Promise<void> {
  await tx.query(
    'update migration_steps set finished_at = now(), position = null where migration = $1 and step = $2',
    [file.name, step.name],
  )
}

/** Repeats the work until it gets its locks within a short time each. */
async function withLocks<T>(
  { db, file, progress, goOn }: Work,
  step: Step,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    goOn()
    try {
      return await db.begin(async (tx) => {
        await tx.query(`set local lock_timeout = '${lockMs}ms'`)
        await tx.query('set local statement_timeout = 0')
        return work(tx)
      })
    } catch (error) {
      if (!isLockTimeout(error)) throw error
      if (tries === 1 || tries % 10 === 0)
        progress(`${file.name}: ${step.name}: waiting for a lock that others hold`)
      await pause(Math.random() * Math.min(longestPauseMs, 100 * 2 ** tries))
    }
  }
}

async function runBatches(work: Work, step: Step): Promise<void> {
  const { file, progress } = work
  for (let toldAt = Date.now(); ; ) {
    const batch = await withLocks(work, step, (tx) => oneBatch(tx, file, step))
    if (batch.position === null) return progress(`${file.name}: ${step.name}: ${batch.done} rows`)
    if (Date.now() - toldAt < linesEveryMs) continue
    toldAt = Date.now()
    progress(`${file.name}: ${step.name}: ${batch.done} rows so far`)
  }
}

/** The position is written in the transaction of the batch, so that none is lost or repeated. */
async function oneBatch(tx: Tx, file: SqlFile, step: Step) {
  const [before] = await tx.query<{ position: string | null; done: bigint }>(
    'select position, done from migration_steps where migration = $1 and step = $2 for update',
    [file.name, step.name],
  )
  const [row] = await tx.query<{ position: unknown; done: unknown }>(step.sql, [
    before?.position ?? null,
  ])
  if (!before || !row) throw new Error(`${file.name}: ${step.name} returned no row`)
  const position = row.position === null ? null : String(row.position)
  const done = before.done + BigInt(String(row.done))
  await tx.query(
    'update migration_steps set position = $3, done = $4 where migration = $1 and step = $2',
    [file.name, step.name, position, done],
  )
  if (position === null) await finish(tx, file, step)
  else if (position === before.position)
    throw new Error(`${file.name}: ${step.name} did not move on from ${position}`)
  return { position, done }
}

type IndexStep = Step & { readonly kind: 'index' | 'partitions' }

async function buildIndexes(work: Work, step: IndexStep): Promise<void> {
  for (const one of step.kind === 'index' ? [step] : await onPartitions(work.db, step)) {
    work.goOn()
    await buildIndex(work, one)
  }
  await work.db.begin((tx) => finish(tx, work.file, step))
}

/** The step for each partition. One that is made meanwhile is empty: a later step, which creates the index on
 * the whole table, builds it there. */
async function onPartitions(db: Database, step: IndexStep): Promise<IndexStep[]> {
  const rows = await db.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
      where inhparent = to_regclass('orders') order by 1`,
  )
  return rows.map(({ name }) => {
    const [index, table, sql] = [step.index, step.table, step.sql].map((text) =>
      text.replaceAll(eachPartition, name),
    ) as [string, string, string]
    return { ...step, index, table, sql }
  })
}

/** An index that an interrupted build has left is not valid: it is dropped, and built again. */
async function buildIndex({ db, file, progress }: Work, step: IndexStep): Promise<void> {
  const [found] = await db.query<{ is_valid: boolean }>(
    'select indisvalid as is_valid from pg_index where indexrelid = to_regclass($1)',
    [step.index],
  )
  if (found && !found.is_valid) await db.outside(`drop index concurrently ${step.index}`)
  if (!found?.is_valid) {
    const watch = watchBuild(db, step, (how) =>
      progress(`${file.name}: building index ${step.index}: ${how}`),
    )
    try {
      await db.outside(step.sql)
    } finally {
      await watch.stop()
    }
  }
}

function watchBuild(db: Database, step: IndexStep, tell: (how: string) => void) {
  let running = Promise.resolve()
  const look = async () => {
    const [row] = await db.query<{ phase: string; share: number | null }>(
      `select phase, (100 * coalesce(nullif(blocks_done, 0)::numeric / nullif(blocks_total, 0),
                 tuples_done::numeric / nullif(tuples_total, 0)))::int as share
         from pg_stat_progress_create_index where relid = to_regclass($1)`,
      [step.table],
    )
    if (row) tell(row.share === null ? row.phase : `${row.share} % (${row.phase})`)
  }
  const timer = setInterval(() => {
    // A line less does not matter: the build goes on.
    running = running.then(look).catch(() => undefined)
  }, linesEveryMs)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
