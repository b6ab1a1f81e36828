// Assigns free places: one per owner in each round, so that nobody waits for a slow owner.
import type { Lane, Wanted } from './work.ts'

/** The places that may be assigned. */
export type Free = {
  /** How many pieces may begin, of all lanes. */
  readonly all: number
  /** Places in use, by their names and by targets. */
  readonly used: ReadonlyMap<string, number>
  /** The maximum of a target, set by the breaker. */
  allowance(target: string): number
}

/**
 * Assigns free places: fast lanes first, then the rest; in each round every owner gets one.
 * @param startAfter the owner that was served last: the round continues after it
 */
export function shareOut<L extends Lane>(
  lanes: readonly L[],
  free: Free,
  startAfter: number,
): Wanted<L>[] {
  const round = openRound<L>(free)
  for (const isFast of [true, false]) {
    const some = lanes.filter((lane) => lane.isFast === isFast)
    const owners = [...Map.groupBy(some, ({ owner }) => owner)].sort(([a], [b]) => a - b)
    const next = Math.max(
      0,
      owners.findIndex(([owner]) => owner > startAfter),
    )
    const inTurn = [...owners.slice(next), ...owners.slice(0, next)]
    for (let given = true; given; ) {
      given = false
      for (const [, own] of inTurn) given = giveOne(round, own) || given
    }
  }
  return [...round.wanted].map(([lane, count]) => ({ lane, count }))
}

type Round<L extends Lane> = ReturnType<typeof openRound<L>>

function openRound<L extends Lane>({ all, used: before, allowance }: Free) {
  const used = new Map(before)
  const wanted = new Map<L, number>()
  let left = all
  const countOf = (name: string) => used.get(name) ?? 0
  return {
    wanted,
    canTake: (lane: L) =>
      left > 0 &&
      (lane.count === null || (wanted.get(lane) ?? 0) < lane.count) &&
      lane.places.every(([name, most]) => countOf(name) < most) &&
      (!lane.isGuarded || countOf(lane.target) < allowance(lane.target)),
    take(lane: L) {
      left--
      for (const [name] of lane.places) used.set(name, countOf(name) + 1)
      used.set(lane.target, countOf(lane.target) + 1)
      wanted.set(lane, (wanted.get(lane) ?? 0) + 1)
    },
  }
}

/** One place for an owner: its lanes also take turns. */
function giveOne<L extends Lane>(round: Round<L>, lanes: L[]): boolean {
  const index = lanes.findIndex(round.canTake)
  const [lane] = index < 0 ? [] : lanes.splice(index, 1)
  if (!lane) return false
  round.take(lane)
  lanes.push(lane)
  return true
}
