// The places of the work in progress: what has which, and what is next.
import { circuitBreaker } from './breaker.ts'
import { shareOut } from './shares.ts'
import type { Ended, Lane, Wanted } from './work.ts'

export type SlotTable = ReturnType<typeof slotTable>

/** Keeps track of the places of a node: what has which, and what is next.
 * @param most the maximum of pieces at the same time */
export function slotTable(most: number) {
  const breaker = circuitBreaker(Number.POSITIVE_INFINITY)
  const used = new Map<string, number>()
  let all = 0
  let lastServed = 0
  const add = ({ places, target }: Lane, count: 1 | -1) => {
    all += count
    for (const [name] of places) addTo(used, name, count)
    addTo(used, target, count)
  }
  return {
    isFull: () => all >= most,
    take: (lane: Lane) => add(lane, 1),
    leave: (lane: Lane) => add(lane, -1),
    judge({ target }: Lane, { answered }: Ended, now: Date) {
      if (answered === true) breaker.answered(target)
      else if (answered === false) breaker.unanswered(target, now.getTime())
    },
    silences: (now: Date) => breaker.counts(now.getTime()),
    /** What of the lanes has a place. */
    share<L extends Lane>(lanes: readonly L[], now: Date): Wanted<L>[] {
      const allowance = (target: string) => breaker.allowance(target, now.getTime())
      const wanted = shareOut(lanes, { all: most - all, used, allowance }, lastServed)
      lastServed = wanted.at(-1)?.lane.owner ?? lastServed
      return wanted
    },
  }
}

function addTo(counts: Map<string, number>, name: string, count: number) {
  const sum = (counts.get(name) ?? 0) + count
  if (sum === 0) counts.delete(name)
  else counts.set(name, sum)
}
