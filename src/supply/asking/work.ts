// What is dealt with at other platforms, as work for the engine: they are asked for numbers, and what became
// of requests without an answer; told what is to be told; and read. Their streams are followed.
import type { App } from '../../app.ts'
import type { DueAtSupplier } from '../../core/supply/due.ts'
import type { RequestSort } from '../../core/supply/pace.ts'
import type { Ended, Lane, Wanted, Work } from '../../engine/work.ts'
import type { SupplierKind } from '../supplier.ts'
import { requestsPerS } from '../upstream-settings.ts'
import { askFor, lookFor } from './ask.ts'
import { checkBalance } from './balance.ts'
import { followStream } from './follow.ts'
import { type Peer, peerOf } from './peer.ts'
import { readNumbers } from './read.ts'
import { tell } from './tell.ts'

const pollMs = 200
const idleMs = 2_000
/** How often it is looked whether somebody follows the streams. */
const followMs = 2_000
const mostUnderWay = 1_000
/** Over all nodes, at one supplier. */
const atOnce = 20
/** As many as a list has: it is read as a whole anyway. */
const readingsASweep = 10_000

type KindName = DueAtSupplier['kind'] | 'balances' | 'streams'
type PeerLane = Lane & { readonly kind: KindName; readonly peer: Peer }
type Call = (stopping: AbortSignal) => Promise<Ended>

type Kind = {
  /** Customers wait for it. */
  readonly isFast?: true
  /** It waits while the supplier is silent. For the rest: a silent supplier is paused, and read anyway. */
  readonly isGuarded?: true
  /** @param count the most that there is room for */
  claim(peer: Peer, count: number): Promise<readonly Call[]>
}

const oneOf = <T>(claimed: T | null | undefined, call: (one: T) => Call): readonly Call[] =>
  claimed === null || claimed === undefined ? [] : [call(claimed)]

type PeerCall = (peer: Peer, stopping: AbortSignal) => Promise<Ended>

/** What a claim has counted the first request of. */
const isClaimed: ReadonlySet<RequestSort> = new Set(['asks', 'look_ups', 'commands'])

/** A call whose requests count in what the supplier allows a second. */
const counted =
  (peer: Peer, sort: RequestSort, call: PeerCall): Call =>
  async (stopping) => {
    let count = isClaimed.has(sort) ? -1 : 0
    try {
      return await call({ ...peer, sends: () => void count++ }, stopping)
    } finally {
      const perS = requestsPerS(peer.settings)
      await peer.app.supply.countRequests(peer.supplier.id, { count, perS, sort })
    }
  }

const kinds: Readonly<Record<KindName, Kind>> = {
  asks: {
    isFast: true,
    async claim(peer) {
      const perS = requestsPerS(peer.settings)
      const claimed = await peer.app.supply.claimAsks(peer.supplier.id, perS)
      return claimed.map((ask) => counted(peer, 'asks', (by) => askFor(by, ask)))
    },
  },
  look_ups: {
    isFast: true,
    async claim(peer, count) {
      const perS = requestsPerS(peer.settings)
      const claimed = await peer.app.supply.claimLookUps(peer.supplier.id, atOnce, count, perS)
      return claimed.map((lookUp) => counted(peer, 'look_ups', (by) => lookFor(by, lookUp)))
    },
  },
  commands: {
    isGuarded: true,
    async claim(peer, count) {
      const perS = requestsPerS(peer.settings)
      const claimed = await peer.app.supply.claimCommands(peer.supplier.id, atOnce, count, perS)
      return claimed.map((command) => counted(peer, 'commands', (by) => tell(by, command)))
    },
  },
  readings: {
    async claim(peer) {
      const sweep = await peer.app.supply.claimSweep(peer.supplier.id, readingsASweep)
      return oneOf(sweep, (one) =>
        counted(peer, one.isUrgent ? 'urgent_readings' : 'readings', (by, stopping) =>
          readNumbers(by, one, stopping),
        ),
      )
    },
  },
  balances: {
    async claim(peer) {
      const balance = await peer.app.supply.claimBalance(peer.supplier.id)
      return oneOf(balance, (one) => counted(peer, 'readings', (by) => checkBalance(by, one)))
    },
  },
  streams: {
    async claim(peer) {
      const stream = await peer.app.supply.claimStream(peer.supplier.id)
      const perS = requestsPerS(peer.settings)
      // It may go on for days: its request is counted when it begins.
      if (stream !== undefined)
        await peer.app.supply.countRequests(peer.supplier.id, { count: 1, perS, sort: 'readings' })
      return oneOf(stream, (one) => (stopping) => followStream(peer, one, stopping))
    },
  },
}

type KindNamed = (name: string) => SupplierKind | undefined

/** All but the streams. @param kindNamed the kinds of suppliers that are dealt with */
export function askingWork(app: App, kindNamed: KindNamed): Work<PeerLane> {
  let hasPeers = false
  return {
    ...{ calls: 'suppliers', kinds: ['asks', 'look_ups', 'commands', 'readings', 'balances'] },
    ...{ trouble: 'supply', most: mostUnderWay, pollMs, idleMs, hearsEvents: true },
    isWanted: async () => hasPeers,
    async lanes() {
      const peers = await peersOf(app, kindNamed)
      hasPeers = peers.length > 0
      const due = hasPeers ? await app.supply.due() : []
      return peers.flatMap((peer) => [
        ...due
          .filter(({ supplierId }) => supplierId === peer.supplier.id)
          .map(({ kind, count, dueAt }) => ({ ...laneOf(peer, kind), count, dueAt })),
        laneOf(peer, 'balances'),
      ])
    },
    claim: claimAll,
  }
}

/** The streams: each is followed by one node until it ends, and once here. */
export function streamWork(app: App, kindNamed: KindNamed): Work<PeerLane> {
  return {
    ...{ calls: 'streams', kinds: ['streams'], trouble: 'streams of suppliers' },
    ...{ most: mostUnderWay, pollMs: followMs, idleMs: followMs, hearsEvents: false },
    async lanes() {
      const peers = await peersOf(app, kindNamed)
      return peers
        .filter(({ upstream, settings }) => upstream.stream(settings, null) !== null)
        .map((peer) => ({
          ...laneOf(peer, 'streams'),
          places: [[`stream of ${peer.supplier.id}`, 1]],
        }))
    },
    claim: claimAll,
  }
}

async function peersOf(app: App, kindNamed: KindNamed): Promise<Peer[]> {
  const suppliers = await app.supply.suppliers()
  if (suppliers.length === 0) return []
  const ownId = await app.supply.ownId()
  const peers = await Promise.all(suppliers.map((one) => peerOf(app, kindNamed, one, ownId)))
  return peers.filter((peer) => peer !== null)
}

function laneOf(peer: Peer, kind: KindName): PeerLane {
  const { isFast = false, isGuarded = false } = kinds[kind]
  const { id } = peer.supplier
  return {
    ...{ peer, kind, owner: id, isFast, places: [], target: `supplier ${id}`, isGuarded },
    ...{ count: 1, dueAt: null },
  }
}

/** Claims at all suppliers at the same time, at each of them one kind after the other. */
async function claimAll(
  _now: Date,
  wanted: readonly Wanted<PeerLane>[],
  begin: Parameters<Work['claim']>[2],
): Promise<void> {
  const bySupplier = Map.groupBy(wanted, ({ lane }) => lane.owner)
  const claims = [...bySupplier.values()].map(async (some) => {
    for (const { lane, count } of some) {
      const who = `supplier ${lane.peer.supplier.name}`
      for (const call of await kinds[lane.kind].claim(lane.peer, count)) begin({ lane, who, call })
    }
  })
  // All come to their ends: what was claimed has begun.
  for (const claim of await Promise.allSettled(claims))
    if (claim.status === 'rejected') throw claim.reason
}
