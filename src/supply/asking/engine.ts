// The engine that deals with other platforms: it asks for numbers, looks for lost answers, reads what has
// come, and tells them what is to be told. It has no state of its own: if it is killed, its claims expire,
// and the next one goes on.
import type { App } from '../../app.ts'
import type { Supplier } from '../../core/inventory/suppliers.ts'
import { retryDelayMs } from '../../trouble.ts'
import type { SupplierKind } from '../supplier.ts'
import { askFor, lookFor } from './ask.ts'
import { checkBalance } from './balance.ts'
import { followStream } from './follow.ts'
import type { Peer } from './peer.ts'
import { readNumbers } from './read.ts'
import { tell } from './tell.ts'

/** The maximum delay until what other nodes have committed is noticed; longer if there is nobody to ask. */
const pollMs = 200
const idleMs = 2_000
/** The pause between two rounds with work. */
const breathMs = 10
const lookUpsAtOnce = 20
const commandsAtOnce = 20
const readingsAtOnce = 1_000
/** How often it is looked whether somebody follows the streams. */
const followMs = 2_000

export type SupplyEngine = {
  /** Begins whatever is due. @returns how much that was */
  turn(): Promise<number>
  /** Follows the streams that nobody follows, until they end. */
  follow(): Promise<void>
  /** Resolves when nobody is waited for. */
  idle(): Promise<void>
  /** Runs until stopped. */
  start(): void
  /** Waits for what is under way. */
  stop(): Promise<void>
}

type KindNamed = (name: string) => SupplierKind | undefined

/** @param kindNamed the kinds of suppliers that it deals with */
export function supplyEngine(app: App, kindNamed: KindNamed): SupplyEngine {
  const running = new Set<Promise<void>>()
  const run = (supplier: Supplier, work: Promise<void>) => {
    const watched = work
      // What was claimed is due again when its claim is over.
      .catch((error: unknown) =>
        app.troubles.caught(`supplier ${supplier.name}`, error, { isIncident: true }),
      )
      .finally(() => running.delete(watched))
    running.add(watched)
  }
  const deal = async (supplier: Supplier): Promise<number> => {
    const peer = await peerOf(app, kindNamed, supplier)
    if (peer === null) return 0
    const { supply } = app
    const asks = supplier.state === 'on' ? await supply.claimAsks(supplier.id) : []
    for (const ask of asks) run(supplier, askFor(peer, ask))
    const lookUps = await supply.claimLookUps(supplier.id, lookUpsAtOnce)
    for (const lookUp of lookUps) run(supplier, lookFor(peer, lookUp))
    const commands = await supply.claimCommands(supplier.id, commandsAtOnce)
    for (const command of commands) run(supplier, tell(peer, command))
    const sweep = await supply.claimSweep(supplier.id, readingsAtOnce)
    if (sweep) run(supplier, readNumbers(peer, sweep))
    const balance = await supply.claimBalance(supplier.id)
    if (balance) run(supplier, checkBalance(peer, balance))
    const others = (sweep?.due.length ?? 0) + (balance ? 1 : 0)
    return asks.length + lookUps.length + commands.length + others
  }
  const turn = async () => {
    const suppliers = await app.supply.suppliers()
    const counts = await Promise.all(suppliers.map(deal))
    const count = counts.reduce((sum, one) => sum + one, 0)
    return { count, hasPeers: suppliers.length > 0 }
  }
  const streams = streamFollower(app, kindNamed)
  const loop = wakingLoop(app, turn)
  return {
    turn: async () => (await turn()).count,
    follow: streams.follow,
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
    start() {
      streams.start()
      loop.start()
    },
    async stop() {
      await loop.stop()
      await streams.stop()
      await this.idle()
    },
  }
}

/** Follows the streams of suppliers, each on one node. */
function streamFollower(app: App, kindNamed: KindNamed) {
  const stopped = new AbortController()
  const followed = new Map<number, Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  const followOne = async (supplier: Supplier) => {
    const peer = await peerOf(app, kindNamed, supplier)
    if (peer?.upstream.stream(peer.settings, null)) await followStream(peer, stopped.signal)
  }
  const follow = async () => {
    if (stopped.signal.aborted || app.node.refusal() !== null) return
    for (const supplier of await app.supply.suppliers()) {
      if (stopped.signal.aborted || followed.has(supplier.id)) continue
      const one = followOne(supplier)
        .catch((error: unknown) =>
          app.troubles.caught(`stream of supplier ${supplier.name}`, error, { isIncident: true }),
        )
        .finally(() => followed.delete(supplier.id))
      followed.set(supplier.id, one)
    }
  }
  const round = () => {
    const wait = () => {
      if (!stopped.signal.aborted) timer = setTimeout(round, followMs)
    }
    follow().then(wait, (error: unknown) => {
      app.troubles.caught('streams of suppliers', error, { isIncident: true })
      wait()
    })
  }
  return {
    follow,
    start: round,
    async stop() {
      clearTimeout(timer)
      stopped.abort()
      await Promise.all(followed.values())
    },
  }
}

/** @returns null if the supplier cannot be dealt with: an operator is told */
async function peerOf(app: App, kindNamed: KindNamed, supplier: Supplier): Promise<Peer | null> {
  const kind = kindNamed(supplier.kind)
  if (kind?.upstream === undefined) return null
  const trouble = 'secrets of suppliers'
  try {
    const settings = await app.inbound.settingsOf(kind, supplier)
    app.troubles.worked(`${trouble} ${supplier.name}`)
    const ownId = await app.supply.ownId()
    return { app, supplier, upstream: kind.upstream, settings, ownId }
  } catch (error) {
    const who = `supplier ${supplier.name}`
    app.troubles.failed({ trouble: `${trouble} ${supplier.name}`, who, error })
    return null
  }
}

/** Runs turns until stopped: at short intervals, and at once when this node has changed an order. */
function wakingLoop(app: App, turn: () => Promise<{ count: number; hasPeers: boolean }>) {
  let isStopped = true
  let isWanted = false
  let failures = 0
  let unlisten: (() => void) | null = null
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  const rest = (ms: number) => {
    if (!isStopped) timer = setTimeout(go, ms)
  }
  const round = async (): Promise<void> => {
    isWanted = false
    if (app.node.refusal() !== null) return rest(pollMs)
    try {
      const { count, hasPeers } = await turn()
      failures = 0
      app.troubles.worked('supply')
      follow(hasPeers)
      rest(count > 0 || isWanted ? breathMs : hasPeers ? pollMs : idleMs)
    } catch (error) {
      app.troubles.caught('supply', error)
      rest(retryDelayMs(++failures, pollMs))
    }
  }
  /** Learns at once of this node's commits, as long as there is somebody to ask. */
  const follow = (hasPeers: boolean) => {
    if (hasPeers) unlisten ??= app.events.tail.listen(wake, true)
    else unlisten?.()
    if (!hasPeers) unlisten = null
  }
  const go = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    running = round()
  }
  const wake = () => {
    isWanted = true
    if (timer !== null) go()
  }
  return {
    start() {
      isStopped = false
      go()
    },
    async stop() {
      isStopped = true
      unlisten?.()
      if (timer !== null) clearTimeout(timer)
      timer = null
      await running
    },
  }
}
