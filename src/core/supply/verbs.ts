// Supply as one object: every verb, with the database, the clock and the terms inside.
import type { Database } from '../../db/database.ts'
import type { CatalogSource } from '../catalog/catalog.ts'
import { type Supplier, suppliersAsked } from '../inventory/suppliers.ts'
import { receiveTexts, type UpstreamText } from '../messages/upstream.ts'
import type { Amount } from '../money.ts'
import { type Answer, type Recorded, recordAnswer } from './answers.ts'
import { type ClaimedAsk, type ClaimedLookUp, claimAsks, claimLookUps, loseAsks } from './asks.ts'
import {
  type BalanceAnswer,
  type BalanceRecorded,
  type ClaimedBalance,
  claimBalance,
  recordBalance,
} from './balances.ts'
import {
  type ClaimedCommand,
  type CommandAnswer,
  claimCommands,
  recordCommand,
} from './commands.ts'
import type { Dealing } from './dealing.ts'
import { type DueAtSupplier, dueAtSuppliers } from './due.ts'
import { type ClaimedFeed, claimFeed, type FeedEnd, keepFeed, restFeed } from './feeds.ts'
import { noteHint } from './hints.ts'
import { type LostRequests, noteForeign, readLost } from './lost.ts'
import { countRequests, type PerS, type RequestSort } from './pace.ts'
import {
  claimSweep,
  type DueNumber,
  endSweep,
  numberToldOf,
  type Sweep,
  type SweepEnd,
} from './polls.ts'
import { noteRateMoves } from './rate-moves.ts'
import { keepRented, noteMissingWords, recordReading } from './readings.ts'
import { giveUpRenewals, type RenewalAnswer, recordRenewal } from './renewals.ts'
import { endPauses } from './source-news.ts'
import type { NumberReading } from './verdict.ts'

/** The verbs. Each is one transaction, calls nobody, and reports the order that it changed to those who wait
 * for it, after the commit. */
export type Supply = {
  /** The opaque id of this platform, which its requests name, so that none goes in a circle. */
  ownId(): Promise<string>
  /** The suppliers that numbers are asked of and that are not off. */
  suppliers(): Promise<Supplier[]>
  /** What is due at them. */
  due(): Promise<DueAtSupplier[]>
  /** @param perS the requests a second that the supplier allows; null: as many as there are */
  claimAsks(supplierId: number, perS?: PerS): Promise<ClaimedAsk[]>
  /** @param atOnce how many may be under way, over all nodes @param most how many may be claimed */
  claimLookUps(
    ...claim: [supplierId: number, atOnce: number, most?: number, perS?: PerS]
  ): Promise<ClaimedLookUp[]>
  /** Counts requests to a supplier that were not counted when they were claimed. */
  countRequests(
    supplierId: number,
    sent: { readonly count: number; readonly perS: PerS; readonly sort: RequestSort },
  ): Promise<void>
  recordAnswer(answer: Answer): Promise<Recorded>
  /** Records the answer to a renewal. */
  recordRenewal(answer: RenewalAnswer): Promise<void>
  /** What a list of a supplier without our keys has to be compared with. */
  readLost(supplierId: number, refs: readonly string[]): Promise<LostRequests>
  /** Notes that somebody else buys with our key. */
  noteForeign(supplierId: number, cost: Amount): Promise<void>
  /** The numbers to be read at a supplier; null if there are none, or if it is to be left alone. */
  claimSweep(supplierId: number, limit: number): Promise<Sweep | null>
  /** Stores the messages of a number that was read. */
  receive(texts: readonly UpstreamText[]): Promise<void>
  recordReading(allocationId: bigint, reading: NumberReading): Promise<void>
  endSweep(sweep: SweepEnd): Promise<void>
  /** Claims the reading of our balance at a supplier; null if it is not due. */
  claimBalance(supplierId: number): Promise<ClaimedBalance | null>
  recordBalance(answer: BalanceAnswer): Promise<BalanceRecorded | null>
  /** Has a number read at once that a supplier has named. */
  hint(supplierId: number, ref: string): Promise<boolean>
  /** Claims the stream of a supplier; undefined if it is being read, or rests. */
  claimStream(supplierId: number): Promise<ClaimedFeed | undefined>
  /** Goes on reading a stream; false if somebody else reads it by now. */
  keepStream(supplierId: number, stream: ClaimedFeed): Promise<boolean>
  endStream(supplierId: number, claims: number, end: FeedEnd): Promise<void>
  claimCommands(
    ...claim: [supplierId: number, atOnce: number, most?: number, perS?: PerS]
  ): Promise<ClaimedCommand[]>
  /** What is known of the number of a command: its messages are stored before the answer is recorded. */
  numberToldOf(allocationId: bigint): Promise<DueNumber>
  recordCommand(answer: CommandAnswer): Promise<void>
  /** What no supplier's answer brings about. @returns how much there was to do */
  tidyUp(now: Date): Promise<number>
  /** Takes suppliers off sale whose currency has moved since they were priced. @returns their names, also of
   * those that were off sale before */
  noteRateMoves(now: Date): Promise<readonly string[]>
}

/** How long a stream is its reader's without a word of it. */
const streamLeaseS = 30

export type SupplyParts = Dealing & {
  readonly clock: () => Date
  readonly catalog: CatalogSource
  readonly changed: (orderId: bigint) => void
}

async function ownIdOf(db: Database): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `select left(encode(sha256(id_key || 'supply'::bytea), 'hex'), 16) as id from installation`,
  )
  if (!row) throw new Error('the installation has no key')
  return row.id
}

/** Composes the verbs of this folder. */
export function supplyVerbs(parts: SupplyParts): Supply {
  const { db, clock, catalog, changed } = parts
  return {
    ownId: () => ownIdOf(db),
    suppliers: () => suppliersAsked(db),
    due: () => dueAtSuppliers(db, clock()),
    claimAsks: (supplierId, perS) => claimAsks(parts, clock(), supplierId, perS),
    claimLookUps: (...claim) => claimLookUps(parts, clock(), ...claim),
    countRequests: (supplierId, sent) => countRequests(db, clock(), supplierId, sent),
    async recordAnswer(answer) {
      const recorded = await recordAnswer(parts, clock(), answer)
      changed(recorded.orderId)
      return recorded
    },
    async recordRenewal(answer) {
      changed(await recordRenewal(parts, clock(), answer))
    },
    readLost: (supplierId, refs) => readLost(db, supplierId, refs),
    noteForeign: (supplierId, cost) => noteForeign(db, clock(), supplierId, cost),
    claimSweep: (supplierId, limit) => claimSweep(db, clock(), supplierId, limit),
    async receive(texts) {
      for (const receipt of await receiveTexts(db, catalog, clock(), texts))
        if (receipt.orderId !== null && !receipt.duplicate) changed(receipt.orderId)
    },
    async recordReading(allocationId, reading) {
      const orderId = await recordReading(parts, clock(), allocationId, reading)
      if (orderId !== null) changed(orderId)
    },
    endSweep: (sweep) => endSweep(db, clock(), sweep),
    claimBalance: (supplierId) => claimBalance(db, clock(), supplierId),
    recordBalance: (answer) => recordBalance(db, clock(), answer),
    hint: (supplierId, ref) => noteHint(db, clock(), supplierId, ref),
    claimStream: (supplierId) =>
      claimFeed(db, clock(), { supplierId, feed: 'stream' }, streamLeaseS),
    keepStream: (supplierId, { claims, cursor }) =>
      keepFeed(
        db,
        clock(),
        { supplierId, feed: 'stream', claims },
        { leaseS: streamLeaseS, cursor },
      ),
    async endStream(supplierId, claims, end) {
      await restFeed(db, clock(), { supplierId, feed: 'stream', claims }, end)
    },
    claimCommands: (...claim) => claimCommands(parts, clock(), ...claim),
    numberToldOf: (allocationId) => numberToldOf(db, allocationId),
    async recordCommand(answer) {
      const recorded = await recordCommand(parts, clock(), answer)
      // Also when the supplier has refused: somebody may wait for its answer.
      if (recorded.isChanged || recorded.isOver) changed(recorded.orderId)
    },
    noteRateMoves: (now) => db.begin((tx) => noteRateMoves(tx, now)),
    async tidyUp(now) {
      const lost = await loseAsks(parts, now)
      const resumed = await db.begin((tx) => endPauses(tx, now))
      const kept = await keepRented(parts, now)
      const givenUp = await giveUpRenewals(parts, now)
      return lost + resumed + kept + givenUp + (await noteMissingWords(parts, now))
    },
  }
}
