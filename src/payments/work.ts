// Payment gateways as work for the engine: they are asked for the states of deposits, and told to pay back.
import type { App } from '../app.ts'
import type { ClaimedDeposit, DueAtGateway } from '../core/deposits/due.ts'
import type { Ended, Lane, Work } from '../engine/work.ts'

const pollMs = 5_000
/** Calls at the same time: of this node, and to one gateway. */
const most = { all: 50, ofGateway: 10 } as const

type GatewayLane = Lane & Pick<DueAtGateway, 'gateway' | 'task'>

const kindOf = { check: 'deposit_checks', refund: 'refunds' } as const

export function gatewayWork(app: App): Work<GatewayLane> {
  const call = async (task: GatewayLane['task'], claimed: ClaimedDeposit): Promise<Ended> => {
    const { check, sendRefund } = app.deposits
    const outcome = await (task === 'check' ? check(claimed) : sendRefund(claimed))
    return { outcome, answered: outcome === 'not_asked' ? null : outcome !== 'no_answer' }
  }
  return {
    ...{ calls: 'gateways', kinds: Object.values(kindOf), trouble: 'payment gateways' },
    ...{ most: most.all, pollMs, idleMs: pollMs, hearsEvents: false },
    async lanes() {
      const due = await app.deposits.due()
      const names = [...new Set(due.map(({ gateway }) => gateway))]
      return due.map(({ gateway, task, count, dueAt }) => ({
        ...{ gateway, task, kind: kindOf[task], owner: names.indexOf(gateway), isFast: false },
        ...{ places: [[`gateway ${gateway}`, most.ofGateway] as const], target: gateway },
        ...{ isGuarded: true, count, dueAt },
      }))
    },
    async claim(_now, wanted, begin) {
      for (const { lane, count } of wanted) {
        const { gateway, task } = lane
        for (const claimed of await app.deposits.claim({ gateway, task, count }))
          begin({ lane, who: `deposits at ${gateway}`, call: () => call(task, claimed) })
      }
    },
  }
}
