// Assigns free slots: one per account in each round, so that nobody waits for a slow account.
import type { Queue, Wanted } from '../core/webhooks/claims.ts'

export type Slots = {
  /** All slots of a node. */
  readonly all: number
  /** The maximum for events other than codes. */
  readonly slow: number
  readonly ofAccount: number
  readonly ofHost: number
}

/** Slots in use, by account and by host. */
export type Taken = {
  readonly all: number
  readonly slow: number
  readonly byAccount: ReadonlyMap<number, number>
  readonly byHost: ReadonlyMap<string, number>
  /** The maximum of an account for one host, set by the breaker. */
  readonly byTarget: ReadonlyMap<string, number>
}

export type Candidate = Queue & { readonly host: string; readonly target: string }

/**
 * Assigns free slots: codes first, then the rest; in each round every account gets one.
 * @param allowance the maximum of an account for a host, set by the breaker
 * @param startAfter the account that was served last: the round continues after it
 */
export function shareOut(
  candidates: readonly Candidate[],
  slots: Slots,
  taken: Taken,
  allowance: (target: string) => number,
  startAfter: number,
): Wanted[] {
  const round = openRound(slots, taken, allowance)
  for (const fast of [true, false]) {
    const queues = candidates.filter((one) => one.fast === fast)
    const accounts = [...Map.groupBy(queues, (one) => one.accountId)]
      .map(([id, of]) => ({ id, queues: of }))
      .sort((a, b) => a.id - b.id)
    const next = accounts.findIndex(({ id }) => id > startAfter)
    const inTurn = [...accounts.slice(Math.max(0, next)), ...accounts.slice(0, Math.max(0, next))]
    for (let given = true; given; ) {
      given = false
      for (const account of inTurn) given = giveOne(round, account.queues) || given
    }
  }
  return [...round.wanted.values()]
}

type Round = ReturnType<typeof openRound>

function openRound(slots: Slots, taken: Taken, allowance: (target: string) => number) {
  const byAccount = new Map(taken.byAccount)
  const byHost = new Map(taken.byHost)
  const byTarget = new Map(taken.byTarget)
  let { all, slow } = taken
  const wanted = new Map<string, { endpointId: number; fast: boolean; count: number }>()
  return {
    wanted,
    canTake: ({ accountId, host, target, fast }: Candidate) =>
      all < slots.all &&
      (fast || slow < slots.slow) &&
      (byAccount.get(accountId) ?? 0) < slots.ofAccount &&
      (byHost.get(host) ?? 0) < slots.ofHost &&
      (byTarget.get(target) ?? 0) < allowance(target),
    take({ endpointId, accountId, host, target, fast }: Candidate) {
      all++
      if (!fast) slow++
      byAccount.set(accountId, (byAccount.get(accountId) ?? 0) + 1)
      byHost.set(host, (byHost.get(host) ?? 0) + 1)
      byTarget.set(target, (byTarget.get(target) ?? 0) + 1)
      const name = `${endpointId} ${fast}`
      const one = wanted.get(name) ?? { endpointId, fast, count: 0 }
      one.count++
      wanted.set(name, one)
    },
  }
}

/** One slot for an account: its endpoints also take turns. */
function giveOne(round: Round, queues: Candidate[]): boolean {
  const place = queues.findIndex(round.canTake)
  const [queue] = place < 0 ? [] : queues.splice(place, 1)
  if (!queue) return false
  round.take(queue)
  queues.push(queue)
  return true
}
