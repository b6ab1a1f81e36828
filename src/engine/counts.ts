// What a process counts of its calls to the world, for its metrics.

/** Work of one kind. */
export type CallCount = {
  claimed: number
  /** By outcome. */
  readonly ended: Map<string, number>
  running: number
  /** Since when the oldest was due when it was looked last; null: nothing was. */
  dueAt: Date | null
}

/** How many targets do not answer: nothing is sent to them, or one call at a time. */
export type Silences = { readonly paused: number; readonly tried: number }

export type CallCounts = {
  readonly kinds: Map<string, CallCount>
  /** By whom it calls. */
  readonly silences: Map<string, (now: Date) => Silences>
  of(kind: string): CallCount
}

export function callCounts(): CallCounts {
  const kinds = new Map<string, CallCount>()
  return {
    kinds,
    silences: new Map(),
    of(kind) {
      const one = kinds.get(kind) ?? { claimed: 0, ended: new Map(), running: 0, dueAt: null }
      kinds.set(kind, one)
      return one
    },
  }
}
