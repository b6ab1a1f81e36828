// Problems that last: one line in the log when one begins and one when it ends, however often it is met.
import { isBusy, isUnavailable, sqlState } from './db/errors.ts'
import type { Logger } from './log.ts'

/** How long failures are collected before the first line, so that it can name who met them. */
const collectMs = 250
/** The end is told when this long nothing has failed. */
const quietMs = 4_000
/** The same for incidents, which have no success that could end them. */
const quietIncidentMs = 60_000
const maxNames = 30

export type Failure = {
  /** The name of the problem, such as `database`. All failures of one name share its two lines. */
  readonly trouble: string
  /** Who met it, such as `job tail` or `requests`. */
  readonly who: string
  readonly error?: unknown
  /** Facts for the first line. */
  readonly facts?: Readonly<Record<string, unknown>>
  /** Whether it is a bug: its line has level `error`, and the stack of the first failure. */
  readonly isBug?: boolean
  /** Whether there is no success that ends it: it is over when nothing has failed for a minute. */
  readonly isIncident?: boolean
}

export type TroubleState = { readonly isOn: boolean; readonly failures: number }

export type Troubles = {
  failed(failure: Failure): void
  /** Reports an error of `who`: an outage of the database, or a bug. */
  caught(who: string, error: unknown, kind?: { readonly isIncident: boolean }): void
  /** Something worked that fails while there is this problem. Costs next to nothing if there is none. */
  worked(trouble: string): void
  /** All problems since the process started. */
  all(): ReadonlyMap<string, TroubleState>
  /** Writes the lines that are still due. */
  close(): void
}

type Open = {
  readonly first: Failure
  readonly since: Date
  readonly by: Map<string, number>
  failures: number
  lastMs: number
  hasWorked: boolean
  isTold: boolean
  timer?: NodeJS.Timeout
}

/** @param log where the lines go */
export function openTroubles(log: Logger): Troubles {
  const open = new Map<string, Open>()
  const totals = new Map<string, number>()
  const end = (name: string, one: Open) => {
    clearTimeout(one.timer)
    if (!one.isTold) tell(log, name, one)
    open.delete(name)
    const facts = {
      trouble: name,
      seconds: Math.round((one.lastMs - one.since.getTime()) / 100) / 10,
      failures: one.failures,
      met_by: namesOf(one.by),
    }
    log.warn(facts, `${name}: problem ended`)
  }
  const look = (name: string, one: Open) => {
    if (!one.isTold) tell(log, name, one)
    const mustBeQuietMs = one.first.isIncident ? quietIncidentMs : quietMs
    const leftMs = one.lastMs + mustBeQuietMs - Date.now()
    const isOver = one.first.isIncident || one.hasWorked
    if (isOver && leftMs <= 0) return end(name, one)
    one.timer = setTimeout(look, Math.max(leftMs, collectMs), name, one).unref()
  }
  const failed = (failure: Failure) => {
    const name = failure.trouble
    totals.set(name, (totals.get(name) ?? 0) + 1)
    const one = open.get(name) ?? begin(failure)
    if (!open.has(name)) {
      open.set(name, one)
      one.timer = setTimeout(look, collectMs, name, one).unref()
    }
    one.failures++
    one.lastMs = Date.now()
    one.hasWorked = false
    if (one.by.has(failure.who) || one.by.size < maxNames)
      one.by.set(failure.who, (one.by.get(failure.who) ?? 0) + 1)
  }
  return {
    failed,
    caught(who, error, kind) {
      if (isBusy(error)) failed({ trouble: 'locked rows', who, error, isIncident: true })
      else if (isUnavailable(error)) failed({ trouble: 'database', who, error })
      else failed({ trouble: who, who, error, isBug: true, ...kind })
    },
    worked(trouble) {
      if (open.size === 0) return
      const one = open.get(trouble)
      if (one) one.hasWorked = true
    },
    all: () =>
      new Map([...totals].map(([name, failures]) => [name, { isOn: open.has(name), failures }])),
    close() {
      for (const [name, one] of open) {
        clearTimeout(one.timer)
        if (!one.isTold) tell(log, name, one)
      }
      open.clear()
    },
  }
}

const begin = (first: Failure): Open => ({
  first,
  since: new Date(),
  by: new Map(),
  failures: 0,
  lastMs: Date.now(),
  hasWorked: false,
  isTold: false,
})

function tell(log: Logger, name: string, one: Open) {
  one.isTold = true
  const { first } = one
  const facts = {
    trouble: name,
    since: one.since.toISOString(),
    met_by: namesOf(one.by),
    ...first.facts,
    ...(first.error === undefined ? {} : errorFields(first)),
  }
  log[first.isBug ? 'error' : 'warn'](facts, `${name}: problem started`)
}

/** `job tail 12, requests 3` */
const namesOf = (by: ReadonlyMap<string, number>) =>
  [...by].map(([who, times]) => `${who} ${times}`).join(', ')

/** An outage is explained by its message alone; a bug needs its stack. */
function errorFields({ error, isBug }: Failure): Record<string, unknown> {
  if (isBug) return { err: error }
  const one = error instanceof AggregateError && error.message === '' ? error.errors[0] : error
  const message = one instanceof Error ? one.message : String(one)
  return { error: message, sqlstate: sqlState(one) }
}

/** How long to wait before a failed work is tried again: longer each time, and random, so that neither
 * jobs nor nodes come all at once. @param failures in a row, at least 1 */
export function retryDelayMs(failures: number, minMs: number, maxMs = 2_000): number {
  const limit = Math.max(minMs, maxMs)
  const backoff = Math.min(limit, Math.max(minMs, 50) * 2 ** Math.min(failures, 20))
  return backoff * (0.5 + Math.random() / 2)
}
