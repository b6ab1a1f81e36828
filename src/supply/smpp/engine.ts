// Holds the connections of this node to SMSCs: takes those that nobody holds, binds, and binds again when one
// is lost.
import { randomUUID } from 'node:crypto'
import type { App } from '../../app.ts'
import { type Held, leaseS } from '../../core/inbound/sessions.ts'
import type { Supplier } from '../../core/inventory/suppliers.ts'
import { loopOf } from '../../engine/loop.ts'
import { type Backoff, usualBackoff, waitMs } from './backoff.ts'
import { smppKind } from './kind.ts'
import { type Link, type LinkEnd, openLink, troubleOf } from './link.ts'
import { type SmppOptions, smppOptions } from './options.ts'
import { type SessionTimes, sessionTimes } from './session.ts'

export type SmppEngine = {
  /** Runs until stopped. */
  start(): void
  /** Acknowledges what is stored, unbinds everywhere, and gives the connections back. */
  stop(): Promise<void>
}

export type EngineOptions = {
  /** How often it looks what there is to do. */
  readonly pollMs?: number
  /** How long it keeps a connection without renewing its lease. */
  readonly holdMs?: number
  readonly backoff?: Backoff
  readonly times?: SessionTimes
}

/** A connection, and what it was opened for. */
type Own = { readonly held: Held; readonly link: Link; readonly supplier: Supplier }

const usualPollMs = 1_000
/** The name of its failures in the log. */
const trouble = 'SMPP sessions'

export function smppEngine(app: App, options: EngineOptions = {}): SmppEngine {
  const { pollMs = usualPollMs, holdMs = leaseS * 1_000 } = options
  const { backoff = usualBackoff, times = sessionTimes } = options
  const holder = randomUUID()
  const owns = new Map<string, Own>()
  const failures = failuresInARow(backoff)
  const ends = new Set<Promise<void>>()
  let isStopping = false
  const failed = (error: unknown) => app.troubles.caught(trouble, error)
  const ended = async (own: Own, end: LinkEnd) => {
    const { held, supplier } = own
    owns.delete(nameOf(held))
    if (end.kind === 'lost') failures.add(supplier, end)
    // If this fails, the connection is free when its time is over.
    await app.sessions
      .leave(app.now(), holder, held, end.kind === 'stopped' ? null : end.reason)
      .catch(failed)
  }
  /** What failed here works on another node. */
  const othersHoldIt = async (supplier: Supplier) => {
    if (!failures.has(supplier) || !(await app.sessions.isBound(app.now(), supplier.id))) return
    failures.clear(supplier)
    app.troubles.worked(troubleOf(supplier))
  }
  const open = async (supplier: Supplier, settings: SmppOptions) => {
    const askedAt = performance.now()
    const slot = await app.sessions.take(app.now(), holder, supplier.id, settings.binds)
    if (slot === null) return othersHoldIt(supplier)
    const held = { supplierId: supplier.id, slot }
    const noteBound = () => void app.sessions.bound(app.now(), holder, held).catch(failed)
    const link = openLink({ app, supplier, settings, times, noteBound })
    link.holdUntil(askedAt + holdMs)
    const own = { held, link, supplier }
    owns.set(nameOf(held), own)
    const end = link.ended.then((one) => ended(own, one)).finally(() => ends.delete(end))
    ends.add(end)
  }
  const takeFree = async (supplier: Supplier) => {
    if (isStopping || failures.mustWait(supplier)) return
    const settings = await settingsOf(app, supplier)
    const mine = [...owns.values()].filter((own) => own.supplier.id === supplier.id)
    if (settings && mine.length < settings.binds) await open(supplier, settings)
  }
  const keep = async () => {
    const askedAt = performance.now()
    const kept = new Set((await app.sessions.keep(app.now(), holder)).map(nameOf))
    for (const [name, { link }] of owns)
      if (kept.has(name)) link.holdUntil(askedAt + holdMs)
      else link.cut('another server holds the connection')
  }
  const turn = async () => {
    if (owns.size > 0) await keep()
    const wanted = await app.sessions.wanted(smppKind.name)
    noteUnwanted(app, wanted)
    for (const { link, supplier } of owns.values())
      if (!wanted.some((one) => isSame(one, supplier))) void link.stop('its settings have changed')
    for (const supplier of wanted) await takeFree(supplier)
    return pollMs
  }
  const loop = loopOf(app, { trouble, pollMs, turn })
  return {
    start: loop.start,
    async stop() {
      isStopping = true
      await loop.stop()
      await Promise.all([...owns.values()].map(({ link }) => link.stop('Numlet stops')))
      await Promise.all(ends)
    },
  }
}

/** The attempts that have failed in a row, by supplier, and when the next one is due. */
function failuresInARow(backoff: Backoff) {
  const bySupplier = new Map<number, { readonly count: number; readonly nextAtMs: number }>()
  return {
    /** @NOTE a connection that lasts for seconds only is a failure, too: it is not bound at once again */
    add({ id }: Supplier, { boundMs, error }: Extract<LinkEnd, { kind: 'lost' }>) {
      const before = (boundMs ?? 0) > backoff.maxMs ? 0 : (bySupplier.get(id)?.count ?? 0)
      const count = before + 1
      bySupplier.set(id, { count, nextAtMs: performance.now() + waitMs(count, error, backoff) })
    },
    has: ({ id }: Supplier) => bySupplier.has(id),
    mustWait: ({ id }: Supplier) => (bySupplier.get(id)?.nextAtMs ?? 0) > performance.now(),
    clear: ({ id }: Supplier) => void bySupplier.delete(id),
  }
}

/** For the metrics: suppliers that are off want no connection. */
function noteUnwanted(app: App, wanted: readonly Supplier[]) {
  for (const [name, count] of app.sessions.counts.all())
    if (!wanted.some((one) => one.name === name)) count.wanted = 0
}

const nameOf = ({ supplierId, slot }: Held) => `${supplierId} ${slot}`

/** Whether a supplier is as it was when its connection was opened. */
const isSame = (one: Supplier, other: Supplier) =>
  one.id === other.id &&
  JSON.stringify([one.config, one.secrets]) === JSON.stringify([other.config, other.secrets])

/** @returns null if they cannot be read: an operator is told */
async function settingsOf(app: App, supplier: Supplier): Promise<SmppOptions | null> {
  const trouble = 'secrets of suppliers'
  const count = app.sessions.counts.of(supplier.name)
  try {
    const settings = smppOptions(await app.inbound.settingsOf(smppKind, supplier))
    count.wanted = settings.binds
    return settings
  } catch (error) {
    count.wanted = 1
    app.troubles.failed({ trouble, who: `supplier ${supplier.name}`, error, isIncident: true })
    return null
  }
}
