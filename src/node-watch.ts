// What this node knows of its database: whether it may go on, why not, and how far the clocks differ.
import { type DatabaseClock, databaseClock } from './db/clock.ts'
import { type Condition, lookAt, readOnlyWords } from './db/condition.ts'
import type { Database } from './db/database.ts'
import { sqlState } from './db/errors.ts'
import type { SchemaState } from './db/migrate.ts'
import type { Logger } from './log.ts'
import type { Troubles } from './trouble.ts'

/** A difference of the clocks that is told. */
const toleranceMs = 1_000

export type NodeWatch = {
  readonly clock: DatabaseClock
  /** Asks the database, and tells the log what has changed. Called every second.
   * @throws if it does not answer */
  look(): Promise<void>
  /** Asks the database. @returns what this node lacks to serve; empty if it can serve */
  missing(): Promise<string[]>
  /** Why this node must not touch the database any more, as of the last look: its schema has changed in a way
   * that this program does not know. Null: it may go on. */
  refusal(): string | null
  /** What an operator may want to know, as of the last look. */
  details(): NodeDetails
}

export type NodeDetails = {
  readonly schema_version: string | null
  /** Whether a newer program has changed the schema in a way that this one can go on with. */
  readonly newer_schema: boolean
  /** How far this machine's clock is ahead of the database's. */
  readonly clock_ahead_s: number | null
}

/** Opens the watch, and looks for the first time. */
export async function openNodeWatch(parts: {
  readonly db: Database
  readonly log: Logger
  readonly troubles: Troubles
}): Promise<NodeWatch> {
  const { db, log, troubles } = parts
  const clock = databaseClock()
  let last: Condition | null = null
  let newerTold = ''
  const tell = (name: string, facts: Record<string, unknown> | null) => {
    if (facts === null) troubles.worked(name)
    else troubles.failed({ trouble: name, who: 'this node', facts })
  }
  const look = async () => {
    last = await lookAt(db, clock)
    const { readOnly, schema } = last
    tell('read-only database', readOnly && { error: readOnlyWords[readOnly] })
    const unfit = whyUnfit(schema)
    tell('schema', unfit === null ? null : { error: unfit })
    const ahead = clock.aheadMs() ?? 0
    tell('clock', Math.abs(ahead) <= toleranceMs ? null : { error: clockWords(ahead) })
    const newer = unfit === null ? schema.newer.join(', ') : ''
    if (newer !== newerTold && newer !== '')
      log.warn(
        { migrations: newer },
        'a newer program has changed the schema in a compatible way: restart this node with it soon',
      )
    newerTold = newer
  }
  await look()
  return {
    clock,
    look,
    async missing() {
      try {
        await look()
      } catch (error) {
        const { message } = error as Error
        return [
          `the database cannot be reached (${sqlState(error) ?? (message || 'unknown error')})`,
        ]
      }
      if (!last) return []
      const { readOnly, schema } = last
      const unfit = whyUnfit(schema)
      return [...(readOnly ? [readOnlyWords[readOnly]] : []), ...(unfit === null ? [] : [unfit])]
    },
    refusal: () => (last ? whyUnfit(last.schema) : null),
    details: () => ({
      schema_version: last?.schema.version ?? null,
      newer_schema: (last?.schema.newer.length ?? 0) > 0,
      clock_ahead_s: toSeconds(clock.aheadMs()),
    }),
  }
}

function whyUnfit({ missing, newer, isCompatible }: SchemaState): string | null {
  if (!isCompatible)
    return (
      `The schema is that of a newer version: it has ${newer.join(', ')}. ` +
      'Restart this node with that version.'
    )
  if (missing.length > 0) return `Migrations are missing: ${missing.join(', ')}.`
  return null
}

function clockWords(aheadMs: number): string {
  const seconds = Math.abs(toSeconds(aheadMs) as number)
  return (
    `This machine’s clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database’s. ` +
    'Numlet uses the database’s time; set this clock right.'
  )
}

const toSeconds = (ms: number | null) => (ms === null ? null : Math.round(ms) / 1_000)
