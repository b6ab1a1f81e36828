// The slots of deliveries in progress: who has which, and who is next.
import type { App } from '../app.ts'
import { claim, dueQueues } from '../core/webhooks/claims.ts'
import type { Attempt, Claimed } from '../core/webhooks/delivery.ts'
import { ownFault } from './attempt.ts'
import { circuitBreaker } from './breaker.ts'
import { type Slots, shareOut, type Taken } from './shares.ts'

/** Keeps track of the slots: who has which, and who is next. */
export function slotTable(app: App, slots: Slots) {
  const breaker = circuitBreaker(slots.ofHost)
  const byAccount = new Map<number, number>()
  const byHost = new Map<string, number>()
  const byTarget = new Map<string, number>()
  let all = 0
  let slow = 0
  let lastServed = 0
  const add = ({ endpoint, fast }: Claimed, count: 1 | -1) => {
    all += count
    if (!fast) slow += count
    addTo(byAccount, endpoint.accountId, count)
    addTo(byHost, hostOf(endpoint.url), count)
    addTo(byTarget, targetOf(endpoint), count)
  }
  return {
    take: (delivery: Claimed) => add(delivery, 1),
    leave: (delivery: Claimed) => add(delivery, -1),
    judge({ delivery, status, error }: Attempt) {
      const target = targetOf(delivery.endpoint)
      if (status !== null) breaker.answered(target)
      else if (error !== null && error !== ownFault) breaker.unanswered(target, app.now().getTime())
    },
    async claimDue(): Promise<Claimed[]> {
      if (all >= slots.all) return []
      const now = app.now()
      const queues = await dueQueues(app.db, now)
      const taken: Taken = { all, slow, byAccount, byHost, byTarget }
      const allowance = (target: string) => breaker.allowance(target, now.getTime())
      const wanted = shareOut(
        queues.map((queue) => ({ ...queue, host: hostOf(queue.url), target: targetOf(queue) })),
        slots,
        taken,
        allowance,
        lastServed,
      )
      const last = wanted.at(-1)?.endpointId
      lastServed = queues.find((one) => one.endpointId === last)?.accountId ?? lastServed
      return claim(app.db, now, wanted)
    },
  }
}

function addTo<Key>(counts: Map<Key, number>, key: Key, count: number) {
  const sum = (counts.get(key) ?? 0) + count
  if (sum === 0) counts.delete(key)
  else counts.set(key, sum)
}

const hostOf = (url: string) => new URL(url).host
/** The breaker's target: an account's host. */
const targetOf = ({ accountId, url }: { readonly accountId: number; readonly url: string }) =>
  `${accountId} ${hostOf(url)}`
