// Work that calls the world: what is due, in lanes, and how a piece of it is claimed and done. The kinds of
// work are data (src/push/work.ts, src/supply/asking/work.ts, src/payments/work.ts); engine.ts runs them.

/** A place that each piece of a lane takes, and how many there are for all lanes that name it. */
export type Place = readonly [name: string, most: number]

/** What is due of one owner at one receiver, such as an endpoint's webhooks or a supplier's commands. */
export type Lane = {
  /** The kind of work, as the metrics name it. */
  readonly kind: string
  /** Owners take turns: accounts, suppliers or gateways. */
  readonly owner: number
  /** Whether it goes before all that is not. */
  readonly isFast: boolean
  readonly places: readonly Place[]
  /** Who answers or is silent: its breaker. */
  readonly target: string
  /** Whether it waits while the target is silent. What does not is sent anyway, and still judged. */
  readonly isGuarded: boolean
  /** How many pieces are due at most; null: it is not known. */
  readonly count: number | null
  /** Since when the oldest piece is due; null: it is not known. */
  readonly dueAt: Date | null
}

export type Wanted<L extends Lane = Lane> = { readonly lane: L; readonly count: number }

/** How a piece of work ended. */
export type Ended = {
  /** In a word, for the metrics. */
  readonly outcome: string
  /** Whether the target answered; null: it was not asked. */
  readonly answered: boolean | null
  /** Records the outcome, when the piece's places are free again. */
  record?(): Promise<void>
}

/** A piece of work that is claimed. */
export type Piece = {
  readonly lane: Lane
  /** Who meets its failures, in the log. */
  readonly who: string
  /** Calls, and records. What has no end of its own ends with the signal, and is given back. */
  call(stopping: AbortSignal): Promise<Ended>
}

/** Work that is looked for together. All claims are in the database: what is not recorded is due again when
 * its claim is over. */
export type Work<L extends Lane = Lane> = {
  /** Whom it calls, as the metrics name them. */
  readonly calls: string
  /** Of which kinds its lanes are. */
  readonly kinds: readonly string[]
  /** The name of its failures in the log. */
  readonly trouble: string
  /** The maximum of pieces at the same time on a node. */
  readonly most: number
  /** The maximum delay until it is noticed what other nodes have committed; `idleMs` if nobody wants any. */
  readonly pollMs: number
  readonly idleMs: number
  /** Whether it may be due at once when this node has committed an event. */
  readonly hearsEvents: boolean
  /** Turns events into work. @returns how much */
  fill?(): Promise<number>
  /** Whether there may be work; always if absent. */
  isWanted?(): Promise<boolean>
  /** What is due. */
  lanes(now: Date): Promise<readonly L[]>
  /** Claims what has a place, and begins each piece once it is claimed. */
  claim(now: Date, wanted: readonly Wanted<L>[], begin: (piece: Piece) => void): Promise<void>
  /** Ends what it keeps open, when no piece is under way. */
  close?(): void
}
