// One connection to an SMSC from its opening to its end, with what the log and the metrics say about it.
import { randomUUID } from 'node:crypto'
import type { App } from '../../app.ts'
import type { Supplier } from '../../core/inventory/suppliers.ts'
import { bindTo } from './bind.ts'
import type { Connection } from './connection.ts'
import { smppIntake } from './intake.ts'
import type { SmppOptions } from './options.ts'
import { type Session, type SessionTimes, smppSession } from './session.ts'

export type LinkEnd =
  /** This node ended it. */
  | { readonly kind: 'stopped' }
  /** Another node may have it. */
  | { readonly kind: 'cut'; readonly reason: string }
  | {
      readonly kind: 'lost'
      readonly reason: string
      /** Null: it could not be bound. */
      readonly boundMs: number | null
      /** Why it could not be bound. */
      readonly error: unknown
    }

export type Link = {
  /** It is ours until then, by `performance.now()`, unless this is called again. */
  holdUntil(ms: number): void
  /** Ends it in good order. */
  stop(reason: string): Promise<void>
  /** Ends it at once: somebody else may hold it. */
  cut(reason: string): void
  /** Never fails. */
  readonly ended: Promise<LinkEnd>
}

type Parts = {
  readonly app: App
  readonly supplier: Supplier
  readonly settings: SmppOptions
  readonly times: SessionTimes
  readonly noteBound: () => void
}

/** How many windows may be at work: those included that have been answered because they took too long. */
const worksAWindow = 4

export function openLink(parts: Parts): Link {
  const given = new AbortController()
  let session: Session | null = null
  let connection: Connection | null = null
  let stopping: Promise<void> | null = null
  let cutReason: string | null = null
  let expiry: NodeJS.Timeout | undefined
  const end = (reason: string) => {
    given.abort()
    connection?.cut(reason)
  }
  const run = async (): Promise<LinkEnd> => {
    const one = await serve(parts, given.signal, (bound, own) => {
      connection = bound
      session = own
    })
    clearTimeout(expiry)
    if (cutReason !== null) return { kind: 'cut', reason: cutReason }
    return stopping === null ? one : { kind: 'stopped' }
  }
  const cut = (reason: string) => {
    cutReason ??= reason
    end(reason)
  }
  const ended = run().then((one) => told(parts, one))
  return {
    holdUntil(ms) {
      clearTimeout(expiry)
      const left = Math.max(ms - performance.now(), 0)
      expiry = setTimeout(cut, left, 'this server could not say in time that it is alive').unref()
    },
    stop(reason) {
      stopping ??= session ? session.stop(reason) : Promise.resolve(end(reason))
      return stopping
    },
    cut,
    ended,
  }
}

/** Binds, and serves the connection until its end. */
async function serve(
  { app, supplier, settings, times, noteBound }: Parts,
  signal: AbortSignal,
  bound: (connection: Connection, session: Session) => void,
): Promise<LinkEnd> {
  const count = app.sessions.counts.of(supplier.name)
  let waited = 0
  const session = smppSession({
    intake: smppIntake({
      ...{ app, supplier, session: randomUUID(), usualAlphabet: settings.usualAlphabet },
      maxWorks: settings.window * worksAWindow,
    }),
    ...{ window: settings.window, times },
    waiting(now) {
      count.unanswered += now - waited
      waited = now
    },
  })
  try {
    const connection = await bindTo(settings, session, signal)
    if (signal.aborted) connection.cut('it was stopped')
    bound(connection, session)
    session.begin(connection)
    count.bound++
    noteBound()
    app.troubles.worked(troubleOf(supplier))
    const boundAt = performance.now()
    const reason = await connection.ended
    count.bound--
    return { kind: 'lost', reason, boundMs: performance.now() - boundAt, error: null }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'lost', reason, boundMs: null, error }
  }
}

/** What the log calls it when a supplier cannot be reached. */
export const troubleOf = ({ name }: Supplier) => `supplier ${name}`

/** One line in the log when the connection is lost, and one when it is back. */
function told({ app, supplier }: Parts, end: LinkEnd): LinkEnd {
  if (end.kind === 'cut')
    app.log.warn({ supplier: supplier.name, reason: end.reason }, 'a connection was given up')
  if (end.kind !== 'lost') {
    app.troubles.worked(troubleOf(supplier))
    return end
  }
  if (end.boundMs !== null) app.sessions.counts.of(supplier.name).lost++
  const facts = { reason: end.reason, was_bound: end.boundMs !== null }
  app.troubles.failed({ trouble: troubleOf(supplier), who: 'SMPP bind', facts })
  return end
}
