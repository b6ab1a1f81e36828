// What a node does with its connections to suppliers, counted in memory for the metrics.

/**
 * What became of something that came over a connection. `message`, `part`: stored; `receipt`, `no_text`:
 * acknowledged, and not kept; `deferred`: could not be stored, so that it will come again; `throttled`: too
 * much at once, the same; `malformed`: could not be read, and was refused.
 */
export type DeliveryOutcome =
  | 'message'
  | 'part'
  | 'receipt'
  | 'no_text'
  | 'deferred'
  | 'throttled'
  | 'malformed'

export type SupplierCount = {
  /** Connections that the operator wants, of all nodes together. */
  wanted: number
  /** Connections of this node. */
  bound: number
  /** What has come and waits for its acknowledgement. */
  unanswered: number
  /** Connections that were lost. */
  lost: number
  readonly outcomes: Map<DeliveryOutcome, number>
}

export type SessionCounts = {
  /** The counts of a supplier, for changing. */
  of(supplier: string): SupplierCount
  all(): ReadonlyMap<string, SupplierCount>
}

export function sessionCounts(): SessionCounts {
  const counts = new Map<string, SupplierCount>()
  return {
    of(supplier) {
      const one = counts.get(supplier) ?? {
        ...{ wanted: 0, bound: 0, unanswered: 0, lost: 0 },
        outcomes: new Map(),
      }
      counts.set(supplier, one)
      return one
    },
    all: () => counts,
  }
}

/** Counts one more. */
export const countOutcome = ({ outcomes }: SupplierCount, outcome: DeliveryOutcome) =>
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
